// The bound of a queue, for those who are to send no more until it holds less.

import type { Queue } from './queue.ts';

/** Of the bound: what it has to fall to. Senders would stop and start with each message otherwise. */
const resumeAt = 0.9;

export class Room {
  readonly #queue: Queue;
  readonly #onFull: (queue: Queue) => void;
  #awaited: PromiseWithResolvers<void> | undefined;

  constructor(queue: Queue, onFull: (queue: Queue) => void) {
    this.#queue = queue;
    this.#onFull = onFull;
  }

  /** Undefined: there is room. */
  wait(): Promise<void> | undefined {
    if (this.#awaited === undefined && this.#isFull(1)) {
      this.#awaited = Promise.withResolvers();
      this.#onFull(this.#queue);
    }
    return this.#awaited?.promise;
  }

  /** The queue holds less, or is gone. */
  changed(): void {
    if (this.#awaited === undefined || (this.#isFull(resumeAt) && !this.#queue.deleted)) return;
    this.#awaited.resolve();
    this.#awaited = undefined;
  }

  #isFull(part: number): boolean {
    const { policy, readyCount, inFlightCount, delayedCount } = this.#queue;
    const { maxMessages } = policy;
    return maxMessages !== undefined && readyCount + inFlightCount + delayedCount >= maxMessages * part;
  }
}
