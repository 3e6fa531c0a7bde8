// ListDeadLetterSourceQueues: the URLs of the queues whose redrive policy names this one.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, string, structure } from '../shape.ts';
import { queueUrl } from './model/arn.ts';
import { pageOf } from './model/paging.ts';
import { queueUrls } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), NextToken: string(), MaxResults: integer() });
const output = structure({ queueUrls, NextToken: string() });

export function listDeadLetterSourceQueues({ queues }: Sqs): Operation {
  return operation(
    'ListDeadLetterSourceQueues',
    input,
    output,
    async ({ QueueUrl: url, NextToken: token, MaxResults: max }, call) => {
      const sources = queues.sourcesOf(queues.at(url, call));
      const { queues: found, nextToken } = pageOf(sources, max, token);
      return { queueUrls: found.map(({ core }) => queueUrl(call.origin, core)), NextToken: nextToken };
    },
  );
}
