// DeleteMessage: ends a message by the handle of its latest receive, after its visibility timeout too. A handle of an
// earlier receive, or of a message that is gone, does nothing and is no error.

import type { Broker } from '../../core/broker.ts';
import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { receiptOf } from './model/receipts.ts';
import type { Sqs } from './model/sqs.ts';
import type { SqsQueue } from './model/sqs-queue.ts';

const input = structure({ QueueUrl: string(), ReceiptHandle: string() });

export function deleteMessage({ broker, queues }: Sqs): Operation {
  return command('DeleteMessage', input, async ({ QueueUrl: url, ReceiptHandle: handle }, { region }) => {
    await deleteByHandle(broker, queues.at(url, region), handle);
  });
}

/** Resolves once the deletion is stored. @throws AwsError as DeleteMessage does; BrokerError as Store.write does. */
export async function deleteByHandle(broker: Broker, queue: SqsQueue, handle: string | undefined): Promise<void> {
  const { entry } = await receiptOf(queue, handle);
  if (entry !== undefined) await broker.settle(entry);
}
