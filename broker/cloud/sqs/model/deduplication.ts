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

const recordType = 'sqs-deduplication';
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
    const found = records.map(({ key, value }) => ({ key, known: decode(value) }));
    found.sort((a, b) => a.known.expiresAt - b.known.expiresAt);
    for (const { key, known } of found) {
      const slash = key.indexOf('/');
      this.#remember(Number(key.slice(0, slash)), key.slice(slash + 1), known);
    }
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
    this.#remember(queueId, key, known);
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
    transaction.record(recordType, recordKey(queueId, key), encode(known));
  }

  /** Nothing was sent to the queue: it is purged, or gone. */
  async clear(queueId: number): Promise<void> {
    const keys = [...(this.#byQueue.get(queueId)?.keys() ?? [])];
    this.#byQueue.delete(queueId);
    this.#count -= keys.length;
    const transaction = this.#broker.transaction();
    for (const key of keys) transaction.record(recordType, recordKey(queueId, key), undefined);
    await transaction.commit();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #remember(queueId: number, key: string, known: Known): void {
    let byKey = this.#byQueue.get(queueId);
    if (byKey === undefined) this.#byQueue.set(queueId, (byKey = new Map<string, Known>()));
    // One that expired goes to the end of the order.
    if (byKey.delete(key)) this.#count--;
    byKey.set(key, known);
    this.#count++;
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
      for (const [key, { expiresAt }] of byKey) {
        if (expiresAt > now || swept >= sweepBatch) break;
        byKey.delete(key);
        transaction.record(recordType, recordKey(queueId, key), undefined);
        swept++;
      }
      if (byKey.size === 0) this.#byQueue.delete(queueId);
    }
    this.#count -= swept;
    if (swept > 0) this.#broker.background(transaction.commit(), 'forget what was sent to FIFO queues');
  }
}

function recordKey(queueId: number, key: string): string {
  return `${queueId}/${key}`;
}

function encode({ messageId, position, expiresAt }: Known): Uint8Array {
  const writer = new ByteWriter(20 + messageId.length * 3);
  writer.f64(expiresAt);
  writer.f64(position);
  writer.text(messageId);
  return writer.view();
}

function decode(value: Buffer): Known {
  const reader = new ByteReader(value);
  const expiresAt = reader.f64();
  const position = reader.f64();
  return { messageId: reader.text(), position, expiresAt, stored: undefined };
}
