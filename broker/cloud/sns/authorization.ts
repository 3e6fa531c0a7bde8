// Which topic or platform application a request is about, and how it is refused (Service Authorization Reference, "Amazon
// SNS").

import type { Authorization } from '../auth/authorization.ts';
import { textAt } from '../auth/authorization.ts';
import { parseArn } from '../sqs/model/arn.ts';
import { applicationArn, topicArn } from './model/arn.ts';
import { refusal } from './model/errors.ts';
import type { Topics } from './model/topics.ts';

/** Members that name a resource by its ARN, or, of a text message, by its number. */
const members = [
  // Whatever else is named beside it, it is the number that is sent to.
  'PhoneNumber',
  'TopicArn',
  'TargetArn',
  'ResourceArn',
  'PlatformApplicationArn',
  'EndpointArn',
  'phoneNumber',
] as const;

export function snsAuthorization(topics: Topics): Authorization {
  return {
    refusalStatus: 403,
    // Links in mails and notifications: the token, or the ARN, is enough.
    unsigned: new Set(['ConfirmSubscription', 'Unsubscribe']),
    admitsAnonymous: false,
    actionOf: (operation) => `SNS:${operation === 'PublishBatch' ? 'Publish' : operation}`,
    resourceOf(operation, input, call) {
      const member = members.find((name) => textAt(input, name) !== undefined);
      const name = textAt(input, 'Name');
      const subscription = textAt(input, 'SubscriptionArn');
      let arn = topicArn(call, '*');
      if (member !== undefined) arn = textAt(input, member) ?? '';
      else if (subscription !== undefined) arn = topicOf(subscription);
      else if (operation === 'CreateTopic' && name !== undefined) arn = topicArn(call, name);
      else if (name !== undefined) arn = applicationArn(call, textAt(input, 'Platform') ?? '', name);
      const topic = topics.find(arn);
      return {
        arn,
        account: parseArn(arn)?.account ?? call.account,
        policy: topic?.policy,
        tags: topic && new Map(Object.entries(topic.record.tags)),
        isShared: true,
      };
    },
    keysOf(input) {
      const keys = new Map<string, string>();
      const protocol = textAt(input, 'Protocol');
      const endpoint = textAt(input, 'Endpoint');
      if (protocol !== undefined) keys.set('sns:protocol', protocol);
      if (endpoint !== undefined) keys.set('sns:endpoint', endpoint);
      return keys;
    },
    refuse: (message) => refusal('AuthorizationError', message),
  };
}

/** A subscription's ARN is its topic's with one part more. */
function topicOf(subscription: string): string {
  return subscription.split(':').slice(0, 6).join(':');
}
