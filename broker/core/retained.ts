// Retained messages: the last one of each topic that was sent to be kept, in the store, and in memory only which topics have
// one. What is written becomes what is retained with the commit of its transaction. How long a message that expires is
// kept is its own; who gets what is retained, and how it is marked, is the subscriber's business.

import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import { Expiries } from './expiries.ts';
import type { Message } from './message.ts';
import { encodeMessage, readMessage } from './message-codec.ts';
import { NameTree } from './name-tree.ts';
import type { Change, Store } from './store.ts';
import type { Transaction } from './transaction.ts';

/** Topics beyond this many do not get a retained message: each costs memory for its name. */
const maxTopics = 1_000_000;
/** Messages read from the store at once. */
const readBatch = 64;

/** Both by topic name: which topics have a message, with when it expires, is read at start; the messages are not. */
const recordType = { topic: 'retained', message: 'retained-message' } as const;

interface Slot {
  readonly name: string;
  /** The store has a message for it. */
  stored: boolean;
  /** Of what was accepted last, milliseconds since the epoch; 0: never. */
  expiresAt: number;
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
}

export interface RetainedContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Work that nobody waits for. */
  readonly background: (work: Promise<unknown>, what: string) => void;
}

export class RetainedMessages {
  readonly #context: RetainedContext;
  readonly #topics = new NameTree<Slot>();
  readonly #expiries: Expiries<Slot>;

  constructor(context: RetainedContext) {
    this.#context = context;
    this.#expiries = new Expiries(context.clock, {
      // What is under way is watched when it is committed.
      endOf: ({ stored, pending, expiresAt }) => (stored && pending === 0 ? expiresAt : 0),
      onEnd: (slot) => this.#expire(slot),
    });
  }

  /** Topics that have a retained message, or are about to. */
  get count(): number {
    return this.#topics.size;
  }

  async restore(): Promise<void> {
    for (const { key: name, value } of await this.#context.store.readRecords(recordType.topic)) {
      const expiresAt = value.length === 0 ? 0 : value.readDoubleLE(0);
      const slot = { name, stored: true, expiresAt, version: 0, pending: 0 };
      this.#topics.set(name, slot);
      this.#expiries.watch(slot);
    }
  }

  /** Stops the timer. */
  close(): void {
    this.#expiries.clear();
  }

  /**
   * Keeps the message, as part of the transaction, in place of the topic's last one; an empty one only removes that
   * [MQTT-3.3.1-10], [MQTT-3.3.1-11]. Returns what is to be called if the transaction fails.
   */
  keep(transaction: Transaction, name: string, message: Message): (() => void) | undefined {
    const isRemoval = message.body.length === 0;
    const slot = this.#topics.get(name) ?? this.#newSlot(name, isRemoval);
    if (slot === undefined) return undefined;
    const { expiresAt: expiredAt } = slot;
    const expiresAt = isRemoval ? 0 : (message.expiresAt ?? 0);
    const isKnown = slot.stored && slot.pending === 0 && expiresAt === expiredAt;
    slot.expiresAt = expiresAt;
    slot.version++;
    slot.pending++;
    transaction.record(recordType.message, name, isRemoval ? undefined : encodeMessage(message));
    if (isRemoval || !isKnown) transaction.record(recordType.topic, name, isRemoval ? undefined : mark(expiresAt));
    const { version } = slot;
    const settled = (isStored: boolean): void => {
      slot.stored = isStored;
      slot.pending--;
      if (!slot.stored && slot.pending === 0) this.#topics.delete(name);
      else this.#expiries.watch(slot);
    };
    transaction.afterCommit(() => settled(!isRemoval));
    return () => {
      if (slot.version === version) slot.expiresAt = expiredAt;
      settled(slot.stored);
    };
  }

  /** The topics within the filter that have a retained message now. */
  *find(filter: string): IterableIterator<Found> {
    for (const [name, slot] of this.#topics.matching(filter)) yield { name, slot, version: slot.version };
  }

  /**
   * Reads what was found, a bounded number at a time. What was replaced since is left out, its successor was published
   * to whoever had subscribed by then; and so is what has expired.
   */
  async *read<One extends Found>(
    found: readonly One[],
  ): AsyncGenerator<readonly { readonly found: One; readonly message: Message }[]> {
    const { store, clock } = this.#context;
    // Changes are committed in the order in which they were handed over: after this one, what was pending is there.
    if (found.some(({ slot }) => slot.pending > 0)) await store.write([]);
    for (let i = 0; i < found.length; i += readBatch) {
      const batch = found.slice(i, i + readBatch);
      const records = await Promise.all(batch.map(({ name }) => store.readRecord(recordType.message, name)));
      const now = clock.now();
      const read: { found: One; message: Message }[] = [];
      for (const [at, record] of records.entries()) {
        const one = batch[at]!;
        if (record === undefined || one.slot.version !== one.version) continue;
        const message = readMessage(record);
        if (message.expiresAt === undefined || message.expiresAt > now) read.push({ found: one, message });
      }
      yield read;
    }
  }

  #newSlot(name: string, isRemoval: boolean): Slot | undefined {
    if (isRemoval) return undefined;
    if (this.#topics.size >= maxTopics) {
      this.#context.log.warn({ topic: name, limit: maxTopics }, 'too many retained messages: one was not kept');
      return undefined;
    }
    const slot = { name, stored: false, expiresAt: 0, version: 0, pending: 0 };
    this.#topics.set(name, slot);
    return slot;
  }

  #expire(slot: Slot): void {
    const { name } = slot;
    const changes: Change[] = [recordType.message, recordType.topic].map((type) => ({
      kind: 'record',
      type,
      key: name,
      value: undefined,
    }));
    slot.stored = false;
    slot.version++;
    this.#topics.delete(name);
    this.#context.background(this.#context.store.write(changes), `remove the expired retained message of "${name}"`);
  }
}

/** The fact that there is a retained message, and when it expires if it does. */
function mark(expiresAt: number): Buffer {
  if (expiresAt === 0) return Buffer.alloc(0);
  const value = Buffer.alloc(8);
  value.writeDoubleLE(expiresAt);
  return value;
}
