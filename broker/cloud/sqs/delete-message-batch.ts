// DeleteMessageBatch: up to ten handles; each succeeds or fails for itself, and what they end is ended together.

import type { Entry } from '../../core/entry.ts';
import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure } from '../shape.ts';
import { checkBatch, eachEntry } from './model/batch.ts';
import { receiptOf } from './model/receipts.ts';
import { failedEntries } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const entryName = 'DeleteMessageBatchRequestEntry';

const input = structure({
  QueueUrl: string(),
  Entries: required(list(structure({ Id: string(), ReceiptHandle: string() }), { flat: entryName })),
});

const output = structure({
  Successful: required(list(structure({ Id: required(string()) }), { flat: 'DeleteMessageBatchResultEntry' })),
  Failed: required(failedEntries),
});

export function deleteMessageBatch({ broker, clock, queues }: Sqs): Operation {
  return operation('DeleteMessageBatch', input, output, async ({ QueueUrl: url, Entries: given }, call) => {
    const queue = queues.at(url, call);
    // By position: two handles of one message end it once.
    const found = new Map<number, Entry>();
    const outcome = await eachEntry(checkBatch(given, entryName), async ({ ReceiptHandle: handle }) => {
      const { entry, isLatest } = await receiptOf(queue, handle, clock.now());
      if (entry !== undefined && isLatest) found.set(entry.seq, entry);
    });
    const transaction = broker.transaction();
    let deleted = 0;
    for (const entry of found.values()) if (transaction.settle(entry)) deleted++;
    await transaction.commit();
    broker.delivered += deleted;
    queue.metrics.deleted += outcome.Successful.length;
    return outcome;
  });
}
