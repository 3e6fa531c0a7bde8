// ListQueues: the URLs of the caller's queues in a region, by name.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, string, structure } from '../shape.ts';
import { queueUrl } from './model/arn.ts';
import { pageOf } from './model/paging.ts';
import { queueUrls } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueNamePrefix: string(), NextToken: string(), MaxResults: integer() });
const output = structure({ QueueUrls: queueUrls, NextToken: string() });

export function listQueues({ queues }: Sqs): Operation {
  return operation(
    'ListQueues',
    input,
    output,
    async ({ QueueNamePrefix: prefix = '', NextToken: token, MaxResults: max }, call) => {
      const matching = queues.list(call).filter(({ core }) => core.name.startsWith(prefix));
      const { queues: found, nextToken } = pageOf(matching, max, token);
      return { QueueUrls: found.map(({ core }) => queueUrl(call.origin, core)), NextToken: nextToken };
    },
    { atResource: false },
  );
}
