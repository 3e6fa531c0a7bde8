// DeleteMessageBatch: up to ten handles; each succeeds or fails for itself.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure } from '../shape.ts';
import { deleteByHandle } from './delete-message.ts';
import { checkBatch, eachEntry } from './model/batch.ts';
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

export function deleteMessageBatch({ broker, queues }: Sqs): Operation {
  return operation('DeleteMessageBatch', input, output, async ({ QueueUrl: url, Entries: given }, { region }) => {
    const queue = queues.at(url, region);
    const entries = checkBatch(given, entryName);
    return eachEntry(entries, ({ ReceiptHandle: handle }) => deleteByHandle(broker, queue, handle));
  });
}
