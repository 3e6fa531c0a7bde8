// DeleteQueue: removes a queue with all that it holds, whether or not it is empty.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string() });

export function deleteQueue({ queues }: Sqs): Operation {
  return command('DeleteQueue', input, async ({ QueueUrl: url }, call) => {
    await queues.delete(queues.at(url, call));
  });
}
