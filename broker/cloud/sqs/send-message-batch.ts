// SendMessageBatch: up to ten messages; those that are well formed are stored together, the others fail one by one.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure } from '../shape.ts';
import type { Value } from '../shape.ts';
import { checkBatch, failure } from './model/batch.ts';
import type { Failed } from './model/batch.ts';
import { batchRequestTooLong } from './model/errors.ts';
import { limits } from './model/limits.ts';
import { checkFifoIds, outgoingMembers, sentMembers, toMessage } from './model/message.ts';
import type { Outgoing } from './model/message.ts';
import { send } from './model/sending.ts';
import { failedEntries } from './model/shapes.ts';
import type { MessageAttributes } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';
import { senderOf } from './send-message.ts';

const entryName = 'SendMessageBatchRequestEntry';
const entry = structure({ Id: string(), ...outgoingMembers });
const result = structure({ Id: required(string()), ...sentMembers });

const input = structure({ QueueUrl: string(), Entries: required(list(entry, { flat: entryName })) });
const output = structure({
  Successful: required(list(result, { flat: 'SendMessageBatchResultEntry' })),
  Failed: required(failedEntries),
});

export function sendMessageBatch(sqs: Sqs): Operation {
  return operation('SendMessageBatch', input, output, async (given, call) => {
    const queue = sqs.queues.at(given.QueueUrl, call);
    const entries = checkBatch(given.Entries, entryName);
    if (queue.isFifo) checkFifoIds(queue, entries);
    checkSize(entries);
    const sender = senderOf(call, sqs);
    const wellFormed: { readonly id: string; readonly outgoing: Outgoing }[] = [];
    const failed: Failed[] = [];
    entries.forEach((item, index) => {
      try {
        const where = { inBatch: true, prefix: `${entryName}.${index + 1}.`, invalid: 'cannot be validated' };
        wellFormed.push({ id: item.Id, outgoing: toMessage(queue, item, sender, where) });
      } catch (error) {
        failed.push(failure(item.Id, error));
      }
    });
    const sent = await send(
      sqs,
      queue,
      wellFormed.map(({ outgoing }) => outgoing),
    );
    call.client.messagesIn += sent.length;
    return { Successful: wellFormed.map(({ id }, index) => ({ Id: id, ...sent[index]! })), Failed: failed };
  });
}

/** The bound on the batch is on what was sent, before anything of it is looked at. */
function checkSize(entries: readonly Value<typeof entry>[]): void {
  let bytes = 0;
  for (const { MessageBody: body = '', MessageAttributes: attributes } of entries) {
    bytes += Buffer.byteLength(body) + sentAttributesSize(attributes);
  }
  if (bytes > limits.batchBytes) throw batchRequestTooLong(limits.batchBytes, bytes);
}

function sentAttributesSize(attributes: MessageAttributes | undefined): number {
  let bytes = 0;
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of attributes ?? []) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += BinaryValue?.length ?? 0;
  }
  return bytes;
}
