// The deduplication of FIFO topics: who publishes a message again within five minutes, by its identifier, is given the
// answer that the first one got, and nothing is delivered. The window survives a restart.

import { hash } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import { limits } from './limits.ts';
import { decode, encode, recordTypes } from './record-codec.ts';
import type { DeduplicationRecord } from './record-codec.ts';
import type { Topic } from './topic.ts';
import { valueOf } from './topic-attributes.ts';

export interface Known {
  readonly record: DeduplicationRecord;
  /** Undefined once it is in the store. */
  stored: Promise<void> | undefined;
}

/** Together they keep up with 5,000 publishes a second. */
const sweepMs = 1000;
const sweepBatch = 5000;

export class Deduplication {
  readonly #broker: Broker;
  readonly #clock: Clock;
  /** In the order in which they expire. */
  readonly #known = new Map<string, Known>();
  #timer: Timer | undefined;

  constructor(broker: Broker, clock: Clock) {
    this.#broker = broker;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    const records = await this.#broker.store.readRecords(recordTypes.deduplication);
    const known = records.map(({ key, value }) => ({ key, record: decode<DeduplicationRecord>(value) }));
    known.sort((a, b) => a.record.expiresAt - b.record.expiresAt);
    for (const { key, record } of known) this.#known.set(key, { record, stored: undefined });
    this.#arm();
  }

  /** The name under which a message is known: within the topic, or within its group. */
  keyOf(topic: Topic, groupId: string, deduplicationId: string): string {
    const scope = valueOf(topic.told, 'FifoThroughputScope') === 'MessageGroup' ? groupId : '';
    // A topic that is made anew under the same name knows nothing of the old one.
    return `${topic.arn} ${topic.record.createdAt} ${hash('sha256', `${scope}\n${deduplicationId}`, 'hex')}`;
  }

  find(key: string): Known | undefined {
    const known = this.#known.get(key);
    return known === undefined || known.record.expiresAt <= this.#clock.now() ? undefined : known;
  }

  /** The message is known from now on unless the transaction, whose commit is `stored`, fails. */
  add(transaction: Transaction, key: string, messageId: string, sequenceNumber: string): Known {
    const record = { messageId, sequenceNumber, expiresAt: this.#clock.now() + limits.deduplicationMs };
    const known: Known = { record, stored: undefined };
    // A key that expired goes to the end of the order.
    this.#known.delete(key);
    this.#known.set(key, known);
    transaction.record(recordTypes.deduplication, key, encode(record));
    transaction.afterFailure(() => {
      if (this.#known.get(key) === known) this.#known.delete(key);
    });
    this.#arm();
    return known;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#known.size === 0) return;
    this.#timer = this.#clock.after(sweepMs, () => {
      this.#timer = undefined;
      this.#sweep();
      this.#arm();
    });
  }

  #sweep(): void {
    const now = this.#clock.now();
    const transaction = this.#broker.transaction();
    let count = 0;
    for (const [key, { record }] of this.#known) {
      if (record.expiresAt > now || count++ >= sweepBatch) break;
      this.#known.delete(key);
      transaction.record(recordTypes.deduplication, key, undefined);
    }
    if (count > 0) this.#broker.background(transaction.commit(), 'forget what was published to FIFO topics');
  }
}
