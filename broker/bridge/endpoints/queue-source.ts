// Queues as the source of a route: what it takes is leased to it until the transaction that settles it. A base for broker
// queues, the subscription of a topic, and queues of SQS.

import type { Entry } from '../../core/entry.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Death } from '../../core/store.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Clock } from '../../util/clock.ts';
import { forEachDeadLetter } from '../dead-letters.ts';
import type { Notes } from '../mapping.ts';
import type { Source, Taken } from '../source.ts';

interface Origin {
  readonly address: string;
  readonly clock: Clock;
}

/** Is told what leaves a queue. */
export interface Settling {
  onSettled(transaction: Transaction): void;
}

/** A message of a queue, leased to a route; or a dead letter of it that nobody has. */
export class TakenEntry implements Taken {
  readonly message: Message;
  readonly #entry: Entry;
  readonly #source: Origin;
  readonly #isRevived: boolean;
  readonly #settling: Settling | undefined;

  constructor(entry: Entry, message: Message, source: Origin, isRevived = false, settling?: Settling) {
    this.#entry = entry;
    this.message = message;
    this.#source = source;
    this.#isRevived = isRevived;
    this.#settling = settling;
  }

  get death(): Death | undefined {
    return this.#isRevived ? undefined : this.#entry.dead;
  }

  get isHeld(): boolean {
    return this.#entry.state !== 'gone' && this.#entry.state !== 'settling';
  }

  identity(): string {
    const { queueId, seq } = this.#entry;
    return `${queueId}/${seq}/${this.message.id}/${this.message.timestamp}`;
  }

  settle(transaction: Transaction): void {
    transaction.settle(this.#entry);
    this.#settling?.onSettled(transaction);
  }

  bury(transaction: Transaction, queue: Queue, reason: string): void {
    const entry = this.#entry;
    const { address, clock } = this.#source;
    // A dead letter that does not cross this time either stays where it is.
    if (entry.queue === queue) return;
    transaction.move(entry, queue, { reason, origin: address, at: clock.now() });
    this.#settling?.onSettled(transaction);
  }

  release(): void {
    this.#entry.queue.release(this.#entry, { redelivered: false });
  }
}

/** What gives entries while it has credit: a subscriber of the core, or consumers of queues. */
export interface Receiver {
  setCredit(credit: number): void;
  /** Something may be there for it, were its credit enough. */
  readonly mayHaveMore: boolean;
  queues(): Iterable<Queue>;
  close(): void;
}

export type Deliver = (entry: Entry, message: Message, settling?: Settling) => void;

export interface QueueSourceOptions {
  readonly address: string;
  readonly clock: Clock;
  /** Absent: the message is in the broker's form. */
  readonly read?: (message: Message, notes: Notes) => Message;
  /** Text: why there is nothing to take from now. `onGone`: what it took from was deleted. */
  readonly open: (deliver: Deliver, onGone: () => void) => Receiver | string;
  /** What is to be in the store before the route has started. */
  readonly saved?: () => Promise<void>;
}

export class QueueSource implements Source {
  readonly address: string;
  readonly #options: QueueSourceOptions;
  #deliver: (taken: Taken) => void = () => undefined;
  #onObstacle: (obstacle: string) => void = () => undefined;
  #receiver: Receiver | undefined;
  #obstacle: string | undefined;
  #closed = false;

  constructor(options: QueueSourceOptions) {
    this.#options = options;
    this.address = options.address;
  }

  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  get isEmpty(): boolean {
    return this.#receiver?.mayHaveMore !== true;
  }

  isFedBy(queue: Queue): boolean {
    for (const own of this.#receiver?.queues() ?? []) if (own === queue) return true;
    return false;
  }

  async start(deliver: (taken: Taken) => void, onObstacle: (obstacle: string) => void): Promise<void> {
    this.#deliver = deliver;
    this.#onObstacle = onObstacle;
    this.#open();
    await this.#options.saved?.();
  }

  setCredit(credit: number): void {
    if (this.#closed) return;
    if (this.#receiver === undefined && credit > 0) this.#open();
    this.#receiver?.setCredit(credit);
  }

  read(message: Message, notes: Notes): Message {
    return this.#options.read === undefined ? message : this.#options.read(message, notes);
  }

  revive(queue: Queue, reason: string): Promise<number> {
    return forEachDeadLetter(queue, reason, (entry, message) => {
      this.#deliver(new TakenEntry(entry, message, this.#options, true));
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#receiver?.close();
  }

  #open(): void {
    const opened = this.#options.open(
      (entry, message, settling) => this.#deliver(new TakenEntry(entry, message, this.#options, false, settling)),
      () => {
        // It is looked for when there is credit again.
        this.#receiver = undefined;
        this.#obstacle = `${this.address} does not exist`;
        this.#onObstacle(this.#obstacle);
      },
    );
    this.#obstacle = typeof opened === 'string' ? opened : undefined;
    this.#receiver = typeof opened === 'string' ? undefined : opened;
  }
}
