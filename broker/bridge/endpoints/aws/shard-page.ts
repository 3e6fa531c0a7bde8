// Records of one shard that are under way together. How far they were written is stored by the transactions that settle them:
// up to the first that is not. What was given back is kept, and given again in its order.

import { isUtf8 } from 'node:buffer';
import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Taken } from '../../source.ts';
import type { Position } from './checkpoints.ts';

export interface PageOptions {
  readonly address: string;
  readonly stream: string;
  readonly shard: string;
  readonly clock: Clock;
  readonly records: readonly KinesisRecord[];
  /** Behind the last one, the shard has ended. */
  readonly isLast: boolean;
  /** A record is settled, or is given back. */
  readonly onTouched: (page: ShardPage) => void;
}

export class ShardPage {
  readonly #options: PageOptions;
  readonly #records: readonly ShardRecord[];
  /** All before it are settled for good. */
  #settled = 0;
  /** And are so in the store. */
  #stored = 0;

  constructor(options: PageOptions) {
    this.#options = options;
    this.#records = options.records.map((record) => new ShardRecord(this, record, options));
  }

  get shard(): string {
    return this.#options.shard;
  }

  get isOver(): boolean {
    return this.#settled === this.#records.length;
  }

  get isStored(): boolean {
    return this.#stored === this.#records.length;
  }

  /** Where the shard is to be read on once all is settled. */
  get end(): Position {
    return this.#options.isLast ? { at: 'end' } : this.#after(this.#records.length);
  }

  /** What is to be given: for the first time, or again. */
  *waiting(): Iterable<Taken> {
    for (const record of this.#records) {
      if (record.state !== 'waiting') continue;
      record.state = 'given';
      yield record;
    }
  }

  touched(): void {
    this.#options.onTouched(this);
  }

  /** How far it is settled with the transaction, if that is further than the store has it; told when it is committed. */
  checkpoint(transaction: Transaction, onCommitted: () => void): Position | undefined {
    let count = this.#settled;
    for (let record = this.#records[count]; record !== undefined; record = this.#records[++count]) {
      if (record.state !== 'settled' && record.within !== transaction) break;
    }
    transaction.afterCommit(() => {
      for (const record of this.#records) if (record.within === transaction) record.state = 'settled';
      while (this.#records[this.#settled]?.state === 'settled') this.#settled++;
      this.#stored = Math.max(this.#stored, count);
      onCommitted();
    });
    if (count === this.#stored) return undefined;
    return count === this.#records.length ? this.end : this.#after(count);
  }

  #after(count: number): Position {
    return { at: 'after', sequence: this.#options.records[count - 1]?.SequenceNumber ?? '' };
  }
}

class ShardRecord implements Taken {
  readonly message: Message;
  readonly death = undefined;
  state: 'waiting' | 'given' | 'settling' | 'settled' = 'waiting';
  /** The transaction that settles it. */
  within: Transaction | undefined;
  readonly #page: ShardPage;
  readonly #options: PageOptions;

  constructor(page: ShardPage, record: KinesisRecord, options: PageOptions) {
    this.#page = page;
    this.#options = options;
    const { Data = new Uint8Array(), PartitionKey, SequenceNumber, ApproximateArrivalTimestamp } = record;
    const body = Buffer.from(Data.buffer, Data.byteOffset, Data.byteLength);
    this.message = {
      id: `${options.stream}/${options.shard}/${SequenceNumber}`,
      to: `queue://${options.stream}`,
      body,
      bodyType: isUtf8(body) ? 'text' : 'bytes',
      durable: true,
      priority: 4,
      timestamp: ApproximateArrivalTimestamp?.getTime() ?? 0,
      groupId: PartitionKey,
      properties: [],
    };
  }

  get isHeld(): boolean {
    return this.state === 'given';
  }

  identity(): string {
    return `kinesis/${this.message.id}`;
  }

  settle(transaction: Transaction): void {
    this.state = 'settling';
    this.within = transaction;
    transaction.afterFailure(() => {
      this.state = 'given';
      this.within = undefined;
    });
    this.#page.touched();
  }

  bury(transaction: Transaction, queue: Queue, reason: string): void {
    const { address, clock } = this.#options;
    transaction.put([queue], this.message, { dead: { reason, origin: address, at: clock.now() } });
    this.settle(transaction);
  }

  release(): void {
    if (this.state === 'given') this.state = 'waiting';
  }
}
