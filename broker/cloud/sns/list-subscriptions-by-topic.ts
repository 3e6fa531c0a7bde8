// ListSubscriptionsByTopic: all owners', a hundred at a time.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { show } from './list-subscriptions.ts';
import { pageOf } from './model/paging.ts';
import { subscriptionList } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ TopicArn: required(string()), NextToken: string() });
const output = structure({ Subscriptions: subscriptionList, NextToken: string() });

export function listSubscriptionsByTopic({ topics }: Sns): Operation {
  return operation('ListSubscriptionsByTopic', input, output, async (given, { region }) => {
    const topic = topics.at(given.TopicArn, region);
    const sorted = [...topic.subscriptions.values()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
    const { items, nextToken } = pageOf(sorted, ({ arn }) => arn, given.NextToken);
    return { Subscriptions: items.map(show), NextToken: nextToken };
  });
}
