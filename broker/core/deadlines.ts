// Times at which something is to happen, behind one timer. A key that no longer holds is found out when it comes up, or
// when its owner has the others retained.

import type { Clock, Timer } from '../util/clock.ts';
import { Heap } from '../util/heap.ts';

export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #onPassed: (value: T, at: number) => void;
  readonly #heap = new Heap<T>();
  #timer: Timer | undefined;
  #armedFor = Infinity;

  /** `onPassed` gets the deadline with its value, to compare it with what holds now. */
  constructor(clock: Clock, onPassed: (value: T, at: number) => void) {
    this.#clock = clock;
    this.#onPassed = onPassed;
  }

  /** `at`: milliseconds since the epoch. */
  add(at: number, value: T): void {
    this.#heap.push(at, value);
    if (at < this.#armedFor) this.#arm(at);
  }

  /** Handles what has passed by now, without waiting for the timer. */
  pass(): void {
    const first = this.#heap.peekKey();
    if (first !== undefined && first <= this.#clock.now()) this.#passAll();
  }

  /** Those that hold and those that do not. */
  get size(): number {
    return this.#heap.size;
  }

  /** Forgets the others, in time in proportion to all that there are. */
  retain(holds: (value: T, at: number) => boolean): void {
    this.#heap.retain(holds);
  }

  clear(): void {
    this.#heap.clear();
    this.#timer?.cancel();
    this.#armedFor = Infinity;
  }

  #arm(at: number): void {
    this.#timer?.cancel();
    this.#armedFor = at;
    this.#timer = this.#clock.after(at - this.#clock.now(), () => this.#passAll());
  }

  #passAll(): void {
    this.#armedFor = Infinity;
    const now = this.#clock.now();
    for (let at = this.#heap.peekKey(); at !== undefined; at = this.#heap.peekKey()) {
      if (at > now) {
        if (at < this.#armedFor) this.#arm(at);
        return;
      }
      this.#onPassed(this.#heap.pop()!, at);
    }
  }
}
