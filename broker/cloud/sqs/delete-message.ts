// DeleteMessage: ends a message by the handle of its latest receive, after its visibility timeout too. A handle of an
// earlier receive, or of a message that is gone, does nothing and is no error.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { receiptOf } from './model/receipts.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), ReceiptHandle: string() });

export function deleteMessage({ broker, queues }: Sqs): Operation {
  return command('DeleteMessage', input, async ({ QueueUrl: url, ReceiptHandle: handle }, { region }) => {
    const { entry } = await receiptOf(queues.at(url, region), handle);
    if (entry !== undefined) await broker.settle(entry);
  });
}
