// A connection's claim on a queue: the queue pushes entries to it while it has credit. Every entry given to it is
// leased to it until it is settled, released, dead-lettered, or the consumer closes.

import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';

export interface ConsumerOptions {
  /**
   * Called for each delivery, within the queue's dispatch: it must not throw, and must not wait. The message is
   * handed over here only; the queue may drop it from memory right after.
   */
  readonly deliver: (entry: Entry, message: Message) => void;
  /** Deliveries it may be given before it grants more. */
  readonly credit?: number;
  /** Which messages it takes (a selector); absent: any. The others stay for other consumers. */
  readonly accepts?: (message: Message) => boolean;
  /** Called when the queue goes away under the consumer, which is then closed. */
  readonly onQueueDeleted?: () => void;
}

export class Consumer {
  readonly queue: Queue;
  readonly deliver: (entry: Entry, message: Message) => void;
  readonly onQueueDeleted: (() => void) | undefined;
  readonly accepts: ((message: Message) => boolean) | undefined;
  /** A selective consumer has seen every ready entry up to this position, and takes none of them. */
  scanned = 0;
  /** It is being looked for on disk what it would take. */
  scanning = false;
  /** Entries leased to it, not yet settled. */
  readonly leased = new Set<Entry>();
  #credit = 0;
  #closed = false;

  /** Made by Queue.consume. */
  constructor(queue: Queue, options: ConsumerOptions) {
    this.queue = queue;
    this.deliver = options.deliver;
    this.onQueueDeleted = options.onQueueDeleted;
    this.accepts = options.accepts;
  }

  get credit(): number {
    return this.#credit;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Adds deliveries to what it may be given. */
  grant(credit: number): void {
    this.setCredit(this.#credit + credit);
  }

  /** Replaces what it may be given; 0 holds the queue back. */
  setCredit(credit: number): void {
    if (this.#closed) return;
    const had = this.#credit > 0;
    this.#credit = credit;
    if (had !== credit > 0) this.queue.creditChanged(credit > 0);
    if (credit > 0) this.queue.dispatch();
  }

  /** Takes one credit for a delivery; the queue's business. */
  spend(): void {
    this.#credit--;
    if (this.#credit === 0) this.queue.creditChanged(false);
  }

  /** Ends the claim: what it still holds goes back to its place in the queue, marked as redelivered. Idempotent. */
  close(): void {
    if (this.#closed) return;
    if (this.#credit > 0) this.queue.creditChanged(false);
    this.#credit = 0;
    this.#closed = true;
    this.queue.consumerClosed(this);
  }
}
