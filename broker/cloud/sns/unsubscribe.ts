// Unsubscribe: by its owner, or, unsigned, by whoever has the link. What is not there is unsubscribed as well.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { refusal } from './model/errors.ts';
import { isSigned } from './model/signed.ts';
import type { Sns } from './model/sns.ts';
import { checkArn } from './model/subscriptions.ts';

const input = structure({ SubscriptionArn: required(string()) });

export function unsubscribe({ subscriptions }: Sns): Operation {
  return command('Unsubscribe', input, async ({ SubscriptionArn: arn }, call) => {
    checkArn(arn);
    const subscription = subscriptions.find(arn);
    if (subscription === undefined) return;
    const signed = isSigned(call);
    if (!signed && subscription.record.authenticateOnUnsubscribe) {
      throw refusal('AuthorizationError', 'User: anonymous is not authorized to perform: SNS:Unsubscribe');
    }
    await subscriptions.unsubscribe(subscription, signed ? undefined : call);
  });
}
