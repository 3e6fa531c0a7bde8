// UntagQueue: removes tags from a queue; keys that are not there are no error.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure } from '../shape.ts';
import type { Sqs } from './model/sqs.ts';
import { invalidTagKey } from './model/tags.ts';

const input = structure({ QueueUrl: string(), TagKeys: required(list(string(), { flat: 'TagKey' })) });

export function untagQueue({ queues }: Sqs): Operation {
  return command('UntagQueue', input, async ({ QueueUrl: url, TagKeys: keys }, call) => {
    const queue = queues.at(url, call);
    if (keys.length === 0) throw invalidTagKey();
    const tags = new Map([...queue.stored.tags].filter(([key]) => !keys.includes(key)));
    await queues.change(queue, { ...queue.stored, tags });
  });
}
