// Retained messages (MQTT 3.1.1, 3.3.1.3): the last one of each topic, in the store, and in memory only which topics have
// one. What is written becomes what is retained with the commit of its transaction.

import type { Broker } from '../../core/broker.ts';
import type { Message } from '../../core/message.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Log } from '../../util/log.ts';
import type { Qos } from './codec/qos.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';
import { NameTree } from './name-tree.ts';
import { present, recordType } from './session-records.ts';

/** Topics beyond this many do not get a retained message: each costs memory for its name. */
const maxTopics = 1_000_000;
/** Messages read from the store at once. */
const readBatch = 64;

interface Slot {
  /** The store has a message for it. */
  stored: boolean;
  /** Grows with each message accepted for the topic, committed or not. */
  version: number;
  /** Messages accepted and not yet committed. */
  pending: number;
}

/** A retained message as it was to be found when a subscription was made; read later. */
export interface Found {
  readonly name: string;
  readonly slot: Slot;
  readonly version: number;
  /** Of the subscription. */
  readonly qos: Qos;
}

export interface Read {
  readonly message: Message;
  readonly qos: Qos;
}

export class RetainedMessages {
  readonly #broker: Broker;
  readonly #log: Log;
  readonly #topics = new NameTree<Slot>();

  constructor(broker: Broker, log: Log) {
    this.#broker = broker;
    this.#log = log;
  }

  async restore(): Promise<void> {
    const names = await this.#broker.store.readRecords(recordType.retained);
    for (const { key } of names) this.#topics.set(key, { stored: true, version: 0, pending: 0 });
  }

  /**
   * Keeps the message, as part of the transaction, in place of the topic's last one; an empty one only removes that
   * [MQTT-3.3.1-10], [MQTT-3.3.1-11]. Returns what is to be called if the transaction fails.
   */
  keep(transaction: Transaction, name: string, message: Message): (() => void) | undefined {
    const isRemoval = message.body.length === 0;
    const slot = this.#topics.get(name) ?? this.#newSlot(name, isRemoval);
    if (slot === undefined) return undefined;
    const isKnown = slot.stored && slot.pending === 0;
    slot.version++;
    slot.pending++;
    transaction.record(recordType.retainedMessage, name, isRemoval ? undefined : encodeMessage(message));
    if (isRemoval || !isKnown) transaction.record(recordType.retained, name, isRemoval ? undefined : present);
    const settled = (isStored: boolean): void => {
      slot.stored = isStored;
      slot.pending--;
      if (!slot.stored && slot.pending === 0) this.#topics.delete(name);
    };
    transaction.afterCommit(() => settled(!isRemoval));
    return () => settled(slot.stored);
  }

  /** The topics within the filter, in the engine's form, that have a retained message now. */
  *find(filter: string, qos: Qos): IterableIterator<Found> {
    for (const [name, slot] of this.#topics.matching(filter)) yield { name, slot, version: slot.version, qos };
  }

  /**
   * Reads what was found, a bounded number at a time. What was replaced since is left out: its successor was published
   * to whoever had subscribed by then.
   */
  async *read(found: readonly Found[]): AsyncGenerator<readonly Read[]> {
    const { store } = this.#broker;
    // Changes are committed in the order in which they were handed over: after this one, what was pending is there.
    if (found.some(({ slot }) => slot.pending > 0)) await store.write([]);
    for (let i = 0; i < found.length; i += readBatch) {
      const batch = found.slice(i, i + readBatch);
      const records = await Promise.all(batch.map(({ name }) => store.readRecord(recordType.retainedMessage, name)));
      const read: Read[] = [];
      for (const [at, record] of records.entries()) {
        const { slot, version, qos } = batch[at]!;
        if (record !== undefined && slot.version === version) read.push({ message: decodeMessage(record), qos });
      }
      yield read;
    }
  }

  #newSlot(name: string, isRemoval: boolean): Slot | undefined {
    if (isRemoval) return undefined;
    if (this.#topics.size >= maxTopics) {
      this.#log.warn({ topic: name, limit: maxTopics }, 'too many retained messages: one was not kept');
      return undefined;
    }
    const slot = { stored: false, version: 0, pending: 0 };
    this.#topics.set(name, slot);
    return slot;
  }
}
