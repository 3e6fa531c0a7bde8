// ChangeMessageVisibilityBatch: up to ten handles; each succeeds or fails for itself.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, list, required, string, structure } from '../shape.ts';
import { changeVisibility } from './change-message-visibility.ts';
import { checkBatch, eachEntry } from './model/batch.ts';
import { failedEntries } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const entryName = 'ChangeMessageVisibilityBatchRequestEntry';

const input = structure({
  QueueUrl: string(),
  Entries: required(
    list(structure({ Id: string(), ReceiptHandle: string(), VisibilityTimeout: integer() }), { flat: entryName }),
  ),
});

const output = structure({
  Successful: required(
    list(structure({ Id: required(string()) }), { flat: 'ChangeMessageVisibilityBatchResultEntry' }),
  ),
  Failed: required(failedEntries),
});

export function changeMessageVisibilityBatch({ clock, queues }: Sqs): Operation {
  return operation('ChangeMessageVisibilityBatch', input, output, async ({ QueueUrl: url, Entries: given }, call) => {
    const queue = queues.at(url, call);
    const entries = checkBatch(given, entryName);
    return eachEntry(entries, ({ ReceiptHandle: handle, VisibilityTimeout: seconds }, position) =>
      changeVisibility(queue, handle, seconds, clock, {
        missing: `${entryName}.${position}.VisibilityTimeout`,
        range: 'VisibilityTimeout must be an integer between',
      }),
    );
  });
}
