// A durable list of the latest of something: a queue of the core that loses its oldest entries beyond a number.

import type { Broker } from '../../../core/broker.ts';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';

export interface Logged {
  /** Grows: what is after a position is newer. */
  readonly position: number;
  readonly message: Message;
}

/** Called within the transaction in which the oldest goes. */
export type OnDrop = (transaction: Transaction, position: number, message: Message) => void;

const trimBatch = 200;

export class BoundedLog {
  readonly #broker: Broker;
  readonly #name: string;
  readonly #most: number;
  readonly #onDrop: OnDrop | undefined;
  #trimming = false;

  constructor(broker: Broker, name: string, most: number, onDrop?: OnDrop) {
    this.#broker = broker;
    this.#name = name;
    this.#most = most;
    this.#onDrop = onDrop;
  }

  /** `onPosition`: told, while the transaction is being committed, which position it gets. */
  add(transaction: Transaction, message: Message, onPosition?: (position: number) => void): void {
    transaction.put([this.#queue()], message, onPosition === undefined ? {} : { onPosition });
    transaction.afterCommit(() => this.#trim());
  }

  /** In order, from behind a position. */
  async read(after: number, limit: number): Promise<readonly Logged[]> {
    const found = await this.#queue().browse(after, limit);
    return found.slice(0, limit).map(({ entry, message }) => ({ position: entry.seq, message }));
  }

  /** How many there were. */
  clear(): Promise<number> {
    return this.#queue().purge();
  }

  #queue(): Queue {
    const found = this.#broker.find(logNamespace, this.#name);
    return found ?? this.#broker.declare({ namespace: logNamespace, name: this.#name });
  }

  #trim(): void {
    const queue = this.#queue();
    if (this.#trimming || queue.readyCount <= this.#most) return;
    this.#trimming = true;
    const done = this.#dropOldest(queue).finally(() => (this.#trimming = false));
    this.#broker.background(done, `drop the oldest of ${this.#name}`);
  }

  async #dropOldest(queue: Queue): Promise<void> {
    for (let excess = queue.readyCount - this.#most; excess > 0; excess = queue.readyCount - this.#most) {
      const oldest = await queue.browse(0, Math.min(excess, trimBatch));
      const transaction = this.#broker.transaction();
      for (const { entry, message } of oldest) {
        const held = await queue.fetch(entry.seq);
        if (held !== undefined && transaction.settle(held)) this.#onDrop?.(transaction, entry.seq, message);
      }
      await transaction.commit();
      if (oldest.length === 0) return;
    }
  }
}

const logNamespace = 'sns-log';
