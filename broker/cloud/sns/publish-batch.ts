// PublishBatch: up to ten messages, stored together. What is wrong with one of them is wrong with the request.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { boolean, list, required, string, structure } from '../shape.ts';
import { checkDraft, draftSize } from './model/drafts.ts';
import { refusal } from './model/errors.ts';
import { limits } from './model/limits.ts';
import { publishedMembers } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';
import { readTopicArn } from './model/arn.ts';

const input = structure({
  TopicArn: required(string()),
  PublishBatchRequestEntries: required(list(structure({ Id: required(string()), ...publishedMembers }))),
});
const output = structure({
  Successful: list(structure({ Id: string(), MessageId: string(), SequenceNumber: string() })),
  Failed: list(
    structure({
      Id: required(string()),
      Code: required(string()),
      Message: string(),
      SenderFault: required(boolean()),
    }),
  ),
});

export function publishBatch({ broker, clock, publisher, topics }: Sns): Operation {
  return operation('PublishBatch', input, output, async (given, call) => {
    const { TopicArn: arn, PublishBatchRequestEntries: entries } = given;
    readTopicArn(arn, call.region);
    checkIds(entries.map(({ Id }) => Id));
    const topic = topics.at(arn, call.region);
    const now = clock.now();
    const drafts = entries.map((entry) => checkDraft(entry, topic, call, now));
    const bytes = drafts.reduce((sum, draft) => sum + draftSize(draft), 0);
    if (bytes > topic.maximumMessageBytes) {
      throw refusal('BatchRequestTooLong', 'The length of all the messages put together is more than the limit.');
    }
    const published = await publisher.publish(topic, drafts);
    broker.received += drafts.length;
    call.client.messagesIn += drafts.length;
    return { Successful: published.map((one, index) => ({ Id: entries[index]?.Id, ...one })), Failed: [] };
  });
}

function checkIds(ids: readonly string[]): void {
  if (ids.length === 0) throw refusal('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (ids.length > limits.batchEntries) {
    throw refusal('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  }
  if (new Set(ids).size < ids.length) {
    throw refusal('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  const kind = 'The Id of a batch entry in the batch request';
  for (const id of ids) {
    if (id.length > limits.batchIdLength) throw refusal('InvalidBatchEntryId', `${kind} is too long: ${id}`);
    if (!/^[a-zA-Z0-9_-]+$/.test(id)) {
      throw refusal('InvalidBatchEntryId', `${kind} contains an impermissible character: ${id}`);
    }
  }
}
