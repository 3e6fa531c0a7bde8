// Publishes to topics: whatever comes of one request is in one transaction, and it is answered once that is stored.

import { hash, randomUUID } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Archive } from './archive.ts';
import type { Deduplication } from './deduplication.ts';
import type { Delivery } from './delivery.ts';
import { Publication } from './publication.ts';
import type { PublicationData } from './publication.ts';
import type { Topic } from './topic.ts';

/** What is published, before it is known whether it is new. */
export type Draft = Omit<PublicationData, 'id' | 'sequenceNumber' | 'replayed'>;

export interface Published {
  readonly MessageId: string;
  readonly SequenceNumber: string | undefined;
}

/** Sequence numbers have twenty digits, as AWS's. */
const firstSequence = 10n ** 19n;

export class Publisher {
  readonly #broker: Broker;
  readonly #archive: Archive;
  readonly #deduplication: Deduplication;
  readonly #delivery: Delivery;

  constructor(broker: Broker, archive: Archive, deduplication: Deduplication, delivery: Delivery) {
    this.#broker = broker;
    this.#archive = archive;
    this.#deduplication = deduplication;
    this.#delivery = delivery;
  }

  /** Resolves, in the order of the drafts, once all of them are stored, and delivered as far as they can be here. */
  async publish(topic: Topic, drafts: readonly Draft[]): Promise<readonly Published[]> {
    while (topic.gate !== undefined) await topic.gate;
    const publishing = topic.fifo ? this.#publishInOrder(topic, drafts) : this.#publish(topic, drafts);
    topic.publishing.add(publishing);
    try {
      return await publishing;
    } finally {
      topic.publishing.delete(publishing);
    }
  }

  async #publish(topic: Topic, drafts: readonly Draft[]): Promise<readonly Published[]> {
    const transaction = this.#broker.transaction();
    const published: Published[] = [];
    for (const draft of drafts) {
      const publication = new Publication({ ...draft, id: randomUUID(), sequenceNumber: undefined, replayed: false });
      const to = this.#delivery.recipients(topic, publication);
      const prepared = await this.#delivery.prepare(topic, publication, to);
      this.#delivery.add(transaction, topic, publication, to, prepared);
      published.push({ MessageId: publication.data.id, SequenceNumber: undefined });
    }
    await transaction.commit();
    return published;
  }

  /** Nothing is waited for before the commit is under way: the order of calls is the order of messages. */
  async #publishInOrder(topic: Topic, drafts: readonly Draft[]): Promise<readonly Published[]> {
    const transaction = this.#broker.transaction();
    const published: Published[] = [];
    const added: { readonly key: string; readonly known: ReturnType<Deduplication['add']> }[] = [];
    const before: Promise<void>[] = [];
    for (const draft of drafts) {
      const deduplicationId = draft.deduplicationId ?? hash('sha256', draft.message, 'hex');
      const key = this.#deduplication.keyOf(topic, draft.groupId ?? '', deduplicationId);
      let known = this.#deduplication.find(key);
      if (known === undefined) {
        const sequenceNumber = String(firstSequence + BigInt(this.#broker.store.nextId()));
        const id = randomUUID();
        known = this.#deduplication.add(transaction, key, id, sequenceNumber);
        added.push({ key, known });
        const data = { ...draft, id, deduplicationId, sequenceNumber, replayed: false };
        this.#deliver(transaction, topic, new Publication(data));
      } else if (known.stored !== undefined) {
        before.push(known.stored);
      }
      published.push({ MessageId: known.record.messageId, SequenceNumber: known.record.sequenceNumber });
    }
    const stored = transaction.commit();
    for (const { known } of added) known.stored = stored;
    try {
      await stored;
    } catch (error) {
      for (const { key, known } of added) this.#deduplication.forget(key, known);
      throw error;
    } finally {
      for (const { known } of added) known.stored = undefined;
    }
    // What was published before is answered when it is stored, and refused if it cannot be.
    await Promise.all(before);
    return published;
  }

  #deliver(transaction: Transaction, topic: Topic, publication: Publication): void {
    const to = this.#delivery.recipients(topic, publication);
    const prepared = this.#delivery.prepareUnsigned(topic, publication, to);
    this.#delivery.add(transaction, topic, publication, to, prepared);
    if (topic.isArchived) this.#archive.add(transaction, topic, publication);
  }
}
