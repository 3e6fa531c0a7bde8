// How many deliveries a receiver may still be given: of one queue, or of all those that it draws from together.

import type { Consumer } from './consumer.ts';

export class Credit {
  #left = 0;
  readonly #consumers: Consumer[] = [];
  /** Whose queue is asked first when there is credit again: each in turn, so that none starves the others. */
  #turn = 0;

  get left(): number {
    return this.#left;
  }

  add(consumer: Consumer): void {
    this.#consumers.push(consumer);
    if (this.#left > 0) consumer.queue.creditChanged(true);
  }

  remove(consumer: Consumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index < 0) return;
    this.#consumers.splice(index, 1);
    if (this.#left > 0) consumer.queue.creditChanged(false);
  }

  /** Replaces what is left; 0 holds the queues back. */
  set(credit: number): void {
    this.#change(credit);
    if (credit > 0) this.#dispatch();
  }

  /** Takes one for a delivery. */
  spend(): void {
    this.#change(this.#left - 1);
  }

  #change(credit: number): void {
    const had = this.#left > 0;
    this.#left = credit;
    const has = credit > 0;
    if (had !== has) for (const { queue } of this.#consumers) queue.creditChanged(has);
  }

  #dispatch(): void {
    const only = this.#consumers[0];
    if (this.#consumers.length === 1 && only !== undefined) {
      only.queue.dispatch();
      return;
    }
    this.#turn++;
    // A copy: a delivery may end a consumer.
    const consumers = this.#consumers.slice();
    for (let i = 0; i < consumers.length && this.#left > 0; i++) {
      consumers[(this.#turn + i) % consumers.length]!.queue.dispatch();
    }
  }
}
