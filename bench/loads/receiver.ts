// The receiving end of any protocol: counts.

import { now } from '../measure/clock.ts';
import type { Load, Order, Progress } from './orders.ts';

export class Receiver implements Load {
  #count = 0;
  #at = 0;
  #goal = Infinity;
  #reached: (() => void) | undefined;

  received(count: number): void {
    if (count === 0) return;
    this.#count += count;
    this.#at = now();
    if (this.#count < this.#goal) return;
    this.#goal = Infinity;
    this.#reached?.();
  }

  async obey(order: Order): Promise<Progress> {
    if (order.do !== 'reach') throw new Error(`a receiver cannot ${order.do}`);
    if (this.#count < order.count) {
      await new Promise<void>((resolve) => {
        this.#goal = order.count;
        this.#reached = resolve;
      });
    }
    return { count: this.#count, at: this.#at };
  }
}
