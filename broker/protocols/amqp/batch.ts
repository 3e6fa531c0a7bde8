// What one connection publishes and settles in one turn of the event loop, as one transaction: the store is asked once
// for many messages. Whoever added something is told when all of it is durable, or why none of it is.

import type { Destination } from '../../core/address.ts';
import type { Broker, SendOptions } from '../../core/broker.ts';
import type { DialectLimits } from '../../core/dialect.ts';
import type { Entry } from '../../core/entry.ts';
import { asBrokerError, type BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Transaction } from '../../core/transaction.ts';

export interface Work {
  /** Its transaction was committed, or with an error: nothing of it happened. */
  done(error: BrokerError | undefined): void;
}

/** Work that put a message, of this many bytes as it was received. */
export interface PublishWork extends Work {
  readonly size: number;
}

export interface BatchEvents {
  /** It is no longer full. */
  onRoom(): void;
  /** Someone who was told failed to take it. */
  onFault(error: unknown): void;
}

export class Batch {
  readonly #broker: Broker;
  readonly #limits: DialectLimits;
  readonly #events: BatchEvents;
  #transaction: Transaction | undefined;
  #publishes: PublishWork[] = [];
  #settlements: Work[] = [];
  #uncommitted = 0;
  #uncommittedBytes = 0;

  constructor(broker: Broker, limits: DialectLimits, events: BatchEvents) {
    this.#broker = broker;
    this.#limits = limits;
    this.#events = events;
  }

  /** So much awaits its commit that nothing more should be taken from the peer. */
  get isFull(): boolean {
    const { maxUncommitted, maxUncommittedBytes } = this.#limits;
    return this.#uncommitted >= maxUncommitted || this.#uncommittedBytes >= maxUncommittedBytes;
  }

  publish(to: Destination, message: Message, options: SendOptions, work: PublishWork): void {
    this.#broker.send(this.#open(), to, message, options);
    this.#publishes.push(work);
    this.#uncommitted++;
    this.#uncommittedBytes += work.size;
  }

  /** False: the entry was settled otherwise; `work` will not be called. */
  settle(entry: Entry, work: Work): boolean {
    if (!this.#open().settle(entry)) return false;
    this.#broker.delivered++;
    this.#settlements.push(work);
    return true;
  }

  deadLetter(entry: Entry, reason: string, work: Work): void {
    this.#broker.addDeadLetter(this.#open(), entry, reason);
    this.#settlements.push(work);
  }

  commit(): void {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    const publishes = this.#publishes;
    const settlements = this.#settlements;
    this.#transaction = undefined;
    this.#publishes = [];
    this.#settlements = [];
    const finish = (error: BrokerError | undefined) => {
      const wasFull = this.isFull;
      for (const work of publishes) {
        this.#uncommitted--;
        this.#uncommittedBytes -= work.size;
        work.done(error);
      }
      for (const work of settlements) work.done(error);
      if (wasFull && !this.isFull) this.#events.onRoom();
    };
    transaction
      .commit()
      .then(
        () => finish(undefined),
        (error: unknown) => finish(asBrokerError(error)),
      )
      .catch((error: unknown) => this.#events.onFault(error));
  }

  #open(): Transaction {
    this.#transaction ??= this.#broker.transaction();
    return this.#transaction;
  }
}
