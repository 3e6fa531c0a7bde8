// What one connection publishes in one turn of the event loop, as one transaction, and what it settles, as another: the
// store is asked once for many messages. Whoever added something is told when all of it is durable, or why none of it is.

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

/** One transaction and who waits for it. */
interface Unit<W extends Work> {
  readonly transaction: Transaction;
  readonly works: W[];
}

export class Batch {
  readonly #broker: Broker;
  readonly #limits: DialectLimits;
  readonly #events: BatchEvents;
  // Apart, because a full disk takes settlements and no messages.
  #publishes: Unit<PublishWork> | undefined;
  #settlements: Unit<Work> | undefined;
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

  /** Adds a message to what is published next; of what belongs together, all before its `await`. */
  send(to: Destination, message: Message, options: SendOptions): void {
    this.#publishes ??= { transaction: this.#broker.transaction(), works: [] };
    this.#broker.send(this.#publishes.transaction, to, message, options);
  }

  /** Tells when what was sent is durable. */
  await(work: PublishWork): void {
    this.#publishes ??= { transaction: this.#broker.transaction(), works: [] };
    this.#publishes.works.push(work);
    this.#uncommitted++;
    this.#uncommittedBytes += work.size;
  }

  /** False: the entry was settled otherwise; `work` will not be called. */
  settle(entry: Entry, work: Work): boolean {
    const { transaction, works } = this.#openSettlements();
    if (!transaction.settle(entry)) return false;
    this.#broker.delivered++;
    works.push(work);
    return true;
  }

  deadLetter(entry: Entry, reason: string, work: Work): void {
    const { transaction, works } = this.#openSettlements();
    this.#broker.addDeadLetter(transaction, entry, reason);
    works.push(work);
  }

  /** What was published first: who passes messages on may send one twice through a crash, and loses none. */
  commit(): void {
    const publishes = this.#publishes;
    const settlements = this.#settlements;
    this.#publishes = undefined;
    this.#settlements = undefined;
    if (publishes !== undefined) {
      this.#finish(publishes, () => {
        const wasFull = this.isFull;
        this.#uncommitted -= publishes.works.length;
        for (const { size } of publishes.works) this.#uncommittedBytes -= size;
        if (wasFull && !this.isFull) this.#events.onRoom();
      });
    }
    if (settlements !== undefined) this.#finish(settlements, () => undefined);
  }

  #finish({ transaction, works }: Unit<Work>, afterwards: () => void): void {
    const tell = (error: BrokerError | undefined) => {
      for (const work of works) work.done(error);
      afterwards();
    };
    transaction
      .commit()
      .then(
        () => tell(undefined),
        (error: unknown) => tell(asBrokerError(error)),
      )
      .catch((error: unknown) => this.#events.onFault(error));
  }

  #openSettlements(): Unit<Work> {
    this.#settlements ??= { transaction: this.#broker.transaction(), works: [] };
    return this.#settlements;
  }
}
