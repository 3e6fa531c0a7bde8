// The deduplication of FIFO queues (Developer Guide, "Exactly-once processing"): who sends a message again within five
// minutes is given the answer that the first one got, and nothing is sent. What is known is in the store by the
// transaction that put the message, and so survives whatever the message survives.

import type { Broker } from '../../../core/broker.ts';
import { ByteReader } from '../../../core/byte-reader.ts';
import { ByteWriter } from '../../../core/byte-writer.ts';
import { BrokerError } from '../../../core/errors.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import { limits } from './limits.ts';

/** A message that was sent. */
export interface Known {
  readonly messageId: string;
  /** Its place in the order of all; from the moment its transaction is committed. */
  position: number;
  readonly expiresAt: number;
  /** Undefined once it is in the store. Rejects if it cannot be. */
  stored: Promise<void> | undefined;
}

const recordType = 'sqs-sent';
const sweepMs = 1000;
const sweepBatch = 5000;
/** Of all queues together; beyond, senders are told to come again. */
const mostKnown = 1_000_000;

export class Deduplication {
  readonly #broker: Broker;
  readonly #clock: Clock;
  /** By queue, each in the order in which they expire. */
  readonly #byQueue = new Map<number, Map<string, Known>>();
  #count = 0;
  #timer: Timer | undefined;

  constructor(broker: Broker, clock: Clock) {
    this.#broker = broker;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    const records = await this.#broker.store.readRecords(recordType);
    const found = records.map(({ key, value }) => ({ queueId: Number.parseInt(key, 10), ...decode(value) }));
    found.sort((a, b) => a.known.expiresAt - b.known.expiresAt);
    for (const { queueId, key, known } of found) this.#remember(queueId, key, known);
    this.#arm();
  }

  /** Undefined: nothing like it was sent in the last five minutes. */
  find(queueId: number, key: string): Known | undefined {
    const known = this.#byQueue.get(queueId)?.get(key);
    return known === undefined || known.expiresAt <= this.#clock.now() ? undefined : known;
  }

  /**
   * A message that is being sent: from now on it is known, unless the transaction fails. Its position is to be set while
   * the transaction is committed.
   * @throws BrokerError `limit`: too much is known.
   */
  add(transaction: Transaction, queueId: number, key: string, messageId: string): Known {
    if (this.#count >= mostKnown) {
      throw new BrokerError('limit', 'too many messages were sent in the last five minutes');
    }
    const stored = Promise.withResolvers<void>();
    // Mostly nobody else waits for it.
    stored.promise.catch(() => undefined);
    const expiresAt = this.#clock.now() + limits.deduplicationMs;
    const known: Known = { messageId, position: 0, expiresAt, stored: stored.promise };
    const expired = this.#remember(queueId, key, known);
    if (expired !== undefined) transaction.record(recordType, recordKey(queueId, expired), undefined);
    transaction.afterCommit(() => {
      known.stored = undefined;
      stored.resolve();
    });
    transaction.afterFailure(() => {
      this.#forget(queueId, key, known);
      stored.reject(new BrokerError('store-failed', 'the message that this one repeats was refused'));
    });
    this.#arm();
    return known;
  }

  /** While the transaction of its put is committed. */
  place(transaction: Transaction, queueId: number, key: string, known: Known, position: number): void {
    known.position = position;
    transaction.record(recordType, recordKey(queueId, known), encode(key, known));
  }

  /** Nothing was sent to the queue: it is purged, or gone. */
  async clear(queueId: number): Promise<void> {
    const all = [...(this.#byQueue.get(queueId)?.values() ?? [])];
    this.#byQueue.delete(queueId);
    this.#count -= all.length;
    const transaction = this.#broker.transaction();
    for (const known of all) transaction.record(recordType, recordKey(queueId, known), undefined);
    await transaction.commit();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** @returns what was known by the same key: only what has expired can have been. */
  #remember(queueId: number, key: string, known: Known): Known | undefined {
    let byKey = this.#byQueue.get(queueId);
    if (byKey === undefined) this.#byQueue.set(queueId, (byKey = new Map<string, Known>()));
    const before = byKey.get(key);
    // It goes to the end of the order.
    if (before !== undefined) byKey.delete(key);
    else this.#count++;
    byKey.set(key, known);
    return before;
  }

  #forget(queueId: number, key: string, known: Known): void {
    const byKey = this.#byQueue.get(queueId);
    if (byKey?.get(key) !== known) return;
    byKey.delete(key);
    this.#count--;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#count === 0) return;
    this.#timer = this.#clock.after(sweepMs, () => {
      this.#timer = undefined;
      this.#sweep();
      this.#arm();
    });
  }

  /** Looks at no more than what has expired. */
  #sweep(): void {
    const now = this.#clock.now();
    const transaction = this.#broker.transaction();
    let swept = 0;
    for (const [queueId, byKey] of this.#byQueue) {
      for (const [key, known] of byKey) {
        if (known.expiresAt > now || swept >= sweepBatch) break;
        byKey.delete(key);
        transaction.record(recordType, recordKey(queueId, known), undefined);
        swept++;
      }
      if (byKey.size === 0) this.#byQueue.delete(queueId);
    }
    this.#count -= swept;
    if (swept > 0) this.#broker.background(transaction.commit(), 'forget what was sent to FIFO queues');
  }
}

/** By position, as by time: what one commit writes, and one sweep removes, is side by side, whatever the keys are like. */
function recordKey(queueId: number, { position }: Known): string {
  return `${queueId}/${position}`;
}

function encode(key: string, { messageId, position, expiresAt }: Known): Uint8Array {
  const writer = new ByteWriter(28 + (messageId.length + key.length) * 3);
  writer.f64(expiresAt);
  writer.f64(position);
  writer.text(messageId);
  writer.text(key);
  return writer.view();
}

function decode(value: Buffer): { readonly key: string; readonly known: Known } {
  const reader = new ByteReader(value);
  const expiresAt = reader.f64();
  const position = reader.f64();
  const messageId = reader.text();
  return { key: reader.text(), known: { messageId, position, expiresAt, stored: undefined } };
}
