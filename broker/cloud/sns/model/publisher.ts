// Publishes to topics: whatever comes of one request is in one transaction, and it is answered once that is stored.

import { hash, randomUUID } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import { BrokerError } from '../../../core/errors.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Archive } from './archive.ts';
import type { Deduplication, Known } from './deduplication.ts';
import type { Delivery, Prepared } from './delivery.ts';
import { Publication } from './publication.ts';
import type { PublicationData } from './publication.ts';
import type { Topic } from './topic.ts';

/** What is published, before it is known whether it is new. */
export type Draft = Omit<PublicationData, 'id' | 'sequenceNumber' | 'replayed'>;

/** Adds a publication to a transaction. */
export type Addition = (transaction: Transaction) => void;

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
  #joined: { readonly transaction: Transaction; readonly topic: Topic } | undefined;

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

  /**
   * For other parts of the engine, whose transaction it becomes a part of. The topic's gate is the caller's to wait for.
   * @returns what adds it, before anything is awaited; a promise where there is something to sign.
   */
  prepare(topic: Topic, draft: Draft): Addition | Promise<Addition> {
    if (topic.fifo) return (transaction) => this.#addInOrder(transaction, topic, draft);
    const publication = new Publication({ ...draft, id: randomUUID(), sequenceNumber: undefined, replayed: false });
    const to = this.#delivery.recipients(topic, publication);
    const additionOf =
      (prepared: Prepared): Addition =>
      (transaction) => {
        this.#join(transaction, topic);
        this.#delivery.add(transaction, topic, publication, to, prepared);
        transaction.afterCommit(() => topic.metrics.NumberOfMessagesPublished++);
      };
    const preparing = this.#delivery.prepare(topic, publication, to);
    return preparing instanceof Promise ? preparing.then(additionOf) : additionOf(preparing);
  }

  /** Whoever waits for the topic's publishes waits for the transaction: once, however many of them it has. */
  #join(transaction: Transaction, topic: Topic): void {
    if (this.#joined?.transaction === transaction && this.#joined.topic === topic) return;
    this.#joined = { transaction, topic };
    topic.publishing.add(this.#ending(transaction, topic));
  }

  #addInOrder(transaction: Transaction, topic: Topic, draft: Draft): void {
    const { known, isNew } = this.#publishOnce(transaction, topic, draft);
    if (!isNew) return;
    known.stored = this.#ending(transaction, topic);
    topic.publishing.add(known.stored);
    transaction.afterCommit(() => (known.stored = undefined));
  }

  /** Of a publish that is a part of the transaction, for who must wait for it. Rejects if the transaction fails. */
  #ending(transaction: Transaction, topic: Topic): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    transaction.afterCommit(() => {
      topic.publishing.delete(promise);
      resolve();
    });
    transaction.afterFailure(() => {
      topic.publishing.delete(promise);
      reject(new BrokerError('store-failed', 'the message could not be stored'));
    });
    // Nobody may be waiting.
    promise.catch(() => undefined);
    return promise;
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
    topic.metrics.NumberOfMessagesPublished += drafts.length;
    return published;
  }

  /** Nothing is waited for before the commit is under way: the order of calls is the order of messages. */
  async #publishInOrder(topic: Topic, drafts: readonly Draft[]): Promise<readonly Published[]> {
    const transaction = this.#broker.transaction();
    const added: Known[] = [];
    const before: Promise<void>[] = [];
    let published: readonly Published[];
    try {
      published = drafts.map((draft) => {
        const { known, isNew } = this.#publishOnce(transaction, topic, draft);
        if (isNew) added.push(known);
        else if (known.stored !== undefined) before.push(known.stored);
        return { MessageId: known.record.messageId, SequenceNumber: known.record.sequenceNumber };
      });
    } catch (error) {
      transaction.abort();
      throw error;
    }
    const stored = transaction.commit();
    for (const known of added) known.stored = stored;
    try {
      await stored;
    } finally {
      for (const known of added) known.stored = undefined;
    }
    // What was published before is answered when it is stored, and refused if it cannot be.
    await Promise.all(before);
    return published;
  }

  #publishOnce(
    transaction: Transaction,
    topic: Topic,
    draft: Draft,
  ): { readonly known: Known; readonly isNew: boolean } {
    const deduplicationId = draft.deduplicationId ?? hash('sha256', draft.message, 'hex');
    const key = this.#deduplication.keyOf(topic, draft.groupId ?? '', deduplicationId);
    const before = this.#deduplication.find(key);
    if (before !== undefined) return { known: before, isNew: false };
    const sequenceNumber = String(firstSequence + BigInt(this.#broker.store.nextId()));
    const id = randomUUID();
    const known = this.#deduplication.add(transaction, key, id, sequenceNumber);
    this.#deliver(
      transaction,
      topic,
      new Publication({ ...draft, id, deduplicationId, sequenceNumber, replayed: false }),
    );
    return { known, isNew: true };
  }

  #deliver(transaction: Transaction, topic: Topic, publication: Publication): void {
    const to = this.#delivery.recipients(topic, publication);
    const prepared = this.#delivery.prepareUnsigned(topic, publication, to);
    this.#delivery.add(transaction, topic, publication, to, prepared);
    if (topic.isArchived) this.#archive.add(transaction, topic, publication);
    transaction.afterCommit(() => topic.metrics.NumberOfMessagesPublished++);
  }
}
