// Records of one shard that are under way together, of a stream here or far away. How far they were written is stored by the
// transactions that settle them: up to the first that is not. What was given back is kept, and given again in its order.

import { isUtf8 } from 'node:buffer';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Clock } from '../../util/clock.ts';
import type { Taken } from '../source.ts';

/** `Shard`: what the source knows the shard by. `Position`: where it is to be read on. */
interface PageOptions<Shard, Position> {
  readonly address: string;
  readonly clock: Clock;
  readonly shard: Shard;
  readonly messages: readonly Message[];
  /** Tells a message of it from all others. */
  readonly identityOf: (message: Message) => string;
  /** Where the shard is to be read on behind so many of the messages, one at least. */
  readonly positionAfter: (count: number) => Position;
  /** A record is settled. */
  readonly onTouched: (page: ShardPage<Shard, Position>) => void;
}

export class ShardPage<Shard, Position> {
  readonly shard: Shard;
  readonly #options: PageOptions<Shard, Position>;
  readonly #records: readonly ShardRecord[];
  /** All before it are settled for good. */
  #settled = 0;
  /** And are so in the store. */
  #stored = 0;

  constructor(options: PageOptions<Shard, Position>) {
    this.#options = options;
    this.shard = options.shard;
    const of = { ...options, onTouched: (): void => options.onTouched(this) };
    this.#records = options.messages.map((message) => new ShardRecord(message, of));
  }

  get isOver(): boolean {
    return this.#settled === this.#records.length;
  }

  get isStored(): boolean {
    return this.#stored === this.#records.length;
  }

  /** Nobody has any of its records. */
  get isAtRest(): boolean {
    return this.#records.every(({ state }) => state === 'waiting' || state === 'settled');
  }

  /** Where the shard is to be read on once all is settled. */
  get end(): Position {
    return this.#options.positionAfter(this.#records.length);
  }

  /** What is to be given: for the first time, or again. */
  *waiting(): Iterable<Taken> {
    for (const record of this.#records) {
      if (record.state !== 'waiting') continue;
      record.state = 'given';
      yield record;
    }
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
    return count === this.#stored ? undefined : this.#options.positionAfter(count);
  }
}

/** A record in the broker's form, whose key is its group. */
export function messageOfRecord(record: {
  readonly id: string;
  readonly stream: string;
  readonly data: Uint8Array;
  readonly partitionKey: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}): Message {
  const { data } = record;
  const body = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return {
    id: record.id,
    to: `queue://${record.stream}`,
    body,
    bodyType: isUtf8(body) ? 'text' : 'bytes',
    durable: true,
    priority: 4,
    timestamp: record.at,
    groupId: record.partitionKey,
    properties: [],
  };
}

interface OfPage {
  readonly address: string;
  readonly clock: Clock;
  readonly identityOf: (message: Message) => string;
  onTouched(): void;
}

class ShardRecord implements Taken {
  readonly message: Message;
  readonly death = undefined;
  state: 'waiting' | 'given' | 'settling' | 'settled' = 'waiting';
  /** The transaction that settles it. */
  within: Transaction | undefined;
  readonly #page: OfPage;

  constructor(message: Message, page: OfPage) {
    this.message = message;
    this.#page = page;
  }

  get isHeld(): boolean {
    return this.state === 'given';
  }

  identity(): string {
    return this.#page.identityOf(this.message);
  }

  settle(transaction: Transaction): void {
    this.state = 'settling';
    this.within = transaction;
    transaction.afterFailure(() => {
      this.state = 'given';
      this.within = undefined;
    });
    this.#page.onTouched();
  }

  bury(transaction: Transaction, queue: Queue, reason: string): void {
    const { address, clock } = this.#page;
    transaction.put([queue], this.message, { dead: { reason, origin: address, at: clock.now() } });
    this.settle(transaction);
  }

  release(): void {
    if (this.state === 'given') this.state = 'waiting';
  }
}
