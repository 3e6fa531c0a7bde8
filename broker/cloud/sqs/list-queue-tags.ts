// ListQueueTags: the tags of a queue.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { tagMap } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string() });
const output = structure({ Tags: tagMap });

export function listQueueTags({ queues }: Sqs): Operation {
  return operation('ListQueueTags', input, output, async ({ QueueUrl: url }, call) => {
    return { Tags: queues.at(url, call).stored.tags };
  });
}
