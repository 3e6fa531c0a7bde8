// ListTopics: the caller's in a region, by name, a hundred at a time.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, string, structure } from '../shape.ts';
import { pageOf } from './model/paging.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ NextToken: string() });
const output = structure({ Topics: list(structure({ TopicArn: string() })), NextToken: string() });

export function listTopics({ topics }: Sns): Operation {
  return operation('ListTopics', input, output, async ({ NextToken: token }, call) => {
    const { items, nextToken } = pageOf(topics.list(call), ({ arn }) => arn, token);
    return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: nextToken };
  });
}
