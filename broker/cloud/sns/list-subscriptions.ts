// ListSubscriptions: the caller's in a region, a hundred at a time.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import type { Value } from '../shape.ts';
import { pageOf } from './model/paging.ts';
import { subscriptionList } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';
import type { Subscription } from './model/subscription.ts';

const input = structure({ NextToken: string() });
const output = structure({ Subscriptions: subscriptionList, NextToken: string() });

export function listSubscriptions({ subscriptions }: Sns): Operation {
  return operation('ListSubscriptions', input, output, async ({ NextToken: token }, call) => {
    const { items, nextToken } = pageOf(subscriptions.list(call), ({ arn }) => arn, token);
    return { Subscriptions: items.map(show), NextToken: nextToken };
  });
}

/** Before it is confirmed, a subscription does not show its ARN. */
export function show({ arn, record }: Subscription): Value<typeof subscriptionList>[number] {
  return {
    SubscriptionArn: record.pending ? 'PendingConfirmation' : arn,
    Owner: record.owner,
    Protocol: record.protocol,
    Endpoint: record.endpoint,
    TopicArn: record.topicArn,
  };
}
