// A connection's claim on a queue: the queue pushes entries to it while it has credit. Every entry given to it is
// leased to it until it is settled, released, dead-lettered, or the consumer closes.

import { Credit } from './credit.ts';
import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import type { Subscriber } from './subscriber.ts';

export interface ConsumerOptions {
  /**
   * Called for each delivery, within the queue's dispatch: it must not throw, and must not wait. The message is
   * handed over here only; the queue may drop it from memory right after.
   */
  readonly deliver: (entry: Entry, message: Message) => void;
  /** Deliveries it may be given before it grants more: a number of its own, or what it shares with others. */
  readonly credit?: number | Credit;
  /** Which messages it takes (a selector); absent: any. The others stay for other consumers. */
  readonly accepts?: ((message: Message) => boolean) | undefined;
  /** While it is there, no other gets anything, unless that was there first, or is of a higher priority. */
  readonly exclusive?: boolean;
  /** Those of a higher priority are served first, while they have credit. 0 where it is not said. */
  readonly priority?: number;
  /** Called when the queue goes away under the consumer, which is then closed. */
  readonly onQueueDeleted?: () => void;
  /** What it is a part of. */
  readonly subscriber?: Subscriber;
}

export class Consumer {
  readonly queue: Queue;
  readonly deliver: (entry: Entry, message: Message) => void;
  readonly onQueueDeleted: (() => void) | undefined;
  readonly accepts: ((message: Message) => boolean) | undefined;
  readonly exclusive: boolean;
  readonly priority: number;
  readonly subscriber: Subscriber | undefined;
  /** A selective consumer has seen every ready entry up to this position, and takes none of them. */
  scanned = 0;
  /** It is being looked for on disk what it would take. */
  scanning = false;
  /** Entries leased to it, not yet settled. */
  readonly leased = new Set<Entry>();
  readonly #credit: Credit;
  #closed = false;

  /** Made by Queue.consume. */
  constructor(queue: Queue, options: ConsumerOptions) {
    this.queue = queue;
    this.deliver = options.deliver;
    this.onQueueDeleted = options.onQueueDeleted;
    this.accepts = options.accepts;
    this.exclusive = options.exclusive ?? false;
    this.priority = options.priority ?? 0;
    this.subscriber = options.subscriber;
    this.#credit = options.credit instanceof Credit ? options.credit : new Credit();
    this.#credit.add(this);
  }

  get credit(): number {
    return this.#closed ? 0 : this.#credit.left;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Adds deliveries to what it may be given. */
  grant(credit: number): void {
    this.setCredit(this.#credit.left + credit);
  }

  /** Replaces what it may be given; 0 holds the queue back. */
  setCredit(credit: number): void {
    if (!this.#closed) this.#credit.set(credit);
  }

  /** Takes one credit for a delivery; the queue's business. */
  spend(): void {
    this.#credit.spend();
  }

  /** Ends the claim: what it still holds goes back to its place in the queue, marked as redelivered. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#credit.remove(this);
    this.queue.consumerClosed(this);
  }
}
