// DeleteMessage: ends a message by the handle of its latest receive, after its visibility timeout too; by an earlier one, as
// AWS does, if nobody holds the message. Otherwise that one, or one of a message that is gone, does nothing and is no
// error. At a FIFO queue the handle has to hold.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { receiptOf } from './model/receipts.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), ReceiptHandle: string() });

export function deleteMessage({ broker, clock, queues }: Sqs): Operation {
  return command('DeleteMessage', input, async ({ QueueUrl: url, ReceiptHandle: handle }, call) => {
    const queue = queues.at(url, call);
    const { entry, isLatest } = await receiptOf(queue, handle, clock.now());
    if (entry !== undefined && isLatest) await broker.settle(entry);
    queue.metrics.deleted++;
  });
}
