// PurgeQueue: removes all messages of a queue, those in flight and delayed included. It is done when it is answered.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string() });

export function purgeQueue({ queues }: Sqs): Operation {
  return command('PurgeQueue', input, async ({ QueueUrl: url }, call) => {
    await queues.purge(queues.at(url, call));
  });
}
