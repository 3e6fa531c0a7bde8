// ConfirmSubscription: by the token that the endpoint was sent; what topic the request names matters only for its region.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { parseArn } from '../sqs/model/arn.ts';
import { invalidParameter, refusal } from './model/errors.ts';
import { isSigned } from './model/signed.ts';
import type { Sns } from './model/sns.ts';

const input = structure({
  TopicArn: required(string()),
  Token: required(string()),
  AuthenticateOnUnsubscribe: string(),
});
const output = structure({ SubscriptionArn: string() });

export function confirmSubscription({ subscriptions }: Sns): Operation {
  return operation('ConfirmSubscription', input, output, async (given, call) => {
    const { TopicArn: topicArn, Token: token, AuthenticateOnUnsubscribe: authenticate } = given;
    const arn = parseArn(topicArn);
    if (arn?.service !== 'sns') throw invalidParameter('Topic');
    if (!/^[0-9a-f]+$/i.test(token)) throw refusal('InvalidParameter', 'Invalid token');
    const subscription = await subscriptions.confirm(token, arn.region, isSigned(call), authenticate === 'true');
    return { SubscriptionArn: subscription.arn };
  });
}
