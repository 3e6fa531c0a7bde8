// Subscribe: endpoints that must confirm first are asked to.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { boolean, required, string, structure } from '../shape.ts';
import { checkEndpoint } from './model/endpoints.ts';
import { invalidParameter } from './model/errors.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({
  TopicArn: required(string()),
  Protocol: required(string()),
  Endpoint: string(),
  Attributes: attributeMap,
  ReturnSubscriptionArn: boolean(),
});
const output = structure({ SubscriptionArn: string() });

export function subscribe({ topics, subscriptions, platforms }: Sns): Operation {
  return operation('Subscribe', input, output, async (given, call) => {
    const { TopicArn: arn, Protocol: protocol, Attributes: attributes = new Map<string, string>() } = given;
    const topic = topics.at(arn, call.region);
    const endpoint = checkEndpoint(protocol, given.Endpoint);
    if (protocol === 'application' && !platforms.has(endpoint)) {
      throw invalidParameter(`Endpoint Reason: Endpoint does not exist for endpoint arn${endpoint}`);
    }
    if (protocol === 'firehose' && !attributes.has('SubscriptionRoleArn')) {
      throw invalidParameter('Attributes Reason: SubscriptionRoleArn is required for delivery streams');
    }
    const { account, origin } = call;
    const subscription = await subscriptions.subscribe(topic, { protocol, endpoint, attributes, account, origin });
    const isShown = !subscription.record.pending || given.ReturnSubscriptionArn === true;
    return { SubscriptionArn: isShown ? subscription.arn : 'pending confirmation' };
  });
}
