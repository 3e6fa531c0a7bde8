// Messages that were sent to one subscription and are not acknowledged yet, by their number within the subscription,
// in the order in which they were sent (STOMP 1.2, "SUBSCRIBE ack Header").

import type { Entry } from '../../core/entry.ts';
import type { Subscription } from './subscription.ts';
import type { OpenTransaction } from './transaction.ts';

export interface Delivery {
  readonly subscription: Subscription;
  /** From 1, without gaps. */
  readonly number: number;
  readonly entry: Entry;
  readonly messageId: string;
  /** It is acknowledged, or refused, if this is committed. */
  transaction: OpenTransaction | undefined;
}

/** A deque with holes: numbers grow at its end, and mostly go from its front. */
export class Deliveries {
  readonly #items: (Delivery | undefined)[] = [];
  /** Index of the first item that may be there. */
  #head = 0;
  /** Number of the item at index 0. */
  #firstNumber = 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number that the next delivery has. */
  get nextNumber(): number {
    return this.#firstNumber + this.#items.length;
  }

  add(delivery: Delivery): void {
    this.#items.push(delivery);
    this.#size += 1;
  }

  get(number: number): Delivery | undefined {
    return this.#items[number - this.#firstNumber];
  }

  remove({ number }: Delivery): void {
    const index = number - this.#firstNumber;
    if (this.#items[index] === undefined) return;
    this.#items[index] = undefined;
    this.#size -= 1;
    while (this.#head < this.#items.length && this.#items[this.#head] === undefined) this.#head += 1;
    this.#dropHoles();
  }

  /** Those up to a number, the oldest first. They may be removed meanwhile. */
  upTo(number: number): Delivery[] {
    const found: Delivery[] = [];
    const end = Math.min(number - this.#firstNumber, this.#items.length - 1);
    for (let index = this.#head; index <= end; index++) {
      const delivery = this.#items[index];
      if (delivery !== undefined) found.push(delivery);
    }
    return found;
  }

  /** When holes are most of what is there, at a cost that is small beside what made them. */
  #dropHoles(): void {
    if (this.#head < 64 || this.#head * 2 < this.#items.length) return;
    this.#items.splice(0, this.#head);
    this.#firstNumber += this.#head;
    this.#head = 0;
  }
}
