// SetSubscriptionAttributes: one attribute at a time; an empty value takes most of them away.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import type { Sns } from './model/sns.ts';

const input = structure({
  SubscriptionArn: required(string()),
  AttributeName: required(string()),
  AttributeValue: string(),
});

export function setSubscriptionAttributes({ subscriptions }: Sns): Operation {
  return command('SetSubscriptionAttributes', input, async (given) => {
    const subscription = subscriptions.at(given.SubscriptionArn);
    await subscriptions.setAttribute(subscription, given.AttributeName, given.AttributeValue ?? '');
  });
}
