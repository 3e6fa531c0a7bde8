// Publish without the wire: for parts of the engine that publish on behalf of a person. The same rules hold.

import { randomUUID } from 'node:crypto';
import { BrokerError } from '../../../core/errors.ts';
import { AwsError } from '../../errors.ts';
import { checkDraft, draftSize } from './drafts.ts';
import type { Draft } from './publisher.ts';
import type { Sns } from './sns.ts';
import type { Topic } from './topic.ts';

export interface TextPublication {
  readonly body: string;
  readonly subject: string | undefined;
  /** All of type String. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
}

/**
 * Resolves with the MessageId once the message is stored. `origin`: what links in the notifications begin with.
 * @throws BrokerError `invalid`, in the words of Publish; `not-found` when the topic was deleted.
 */
export async function publishText(sns: Sns, topic: Topic, text: TextPublication, origin: string): Promise<string> {
  if (topic.deleted) throw new BrokerError('not-found', `no topic "${topic.name}"`);
  const draft = draftOf(sns, topic, text, origin);
  if (draftSize(draft) > topic.maximumMessageBytes) throw new BrokerError('invalid', 'Message too long');
  sns.broker.received++;
  const [published] = await sns.publisher.publish(topic, [draft]);
  return published?.MessageId ?? '';
}

function draftOf({ clock }: Sns, topic: Topic, text: TextPublication, origin: string): Draft {
  const attributes = [...text.attributes].map(
    ([name, value]) => [name, { DataType: 'String', StringValue: value, BinaryValue: undefined }] as const,
  );
  const given = {
    Message: text.body,
    Subject: text.subject,
    MessageStructure: undefined,
    MessageAttributes: new Map(attributes),
    MessageGroupId: text.groupId,
    // A person means to publish it, however often it is the same.
    MessageDeduplicationId: text.deduplicationId ?? (topic.fifo ? randomUUID() : undefined),
  };
  try {
    return checkDraft(given, topic, { headers: {}, origin }, clock.now());
  } catch (error) {
    if (error instanceof AwsError) throw new BrokerError('invalid', error.message, { cause: error });
    throw error;
  }
}
