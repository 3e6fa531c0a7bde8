// Things that end at a time which may move: each waits behind one timer with all others, and once, however often its end is
// put off.

import type { Clock } from '../util/clock.ts';
import { Deadlines } from './deadlines.ts';

export interface ExpiryRules<T> {
  /** When it ends, milliseconds since the epoch; 0: not, as things are. */
  readonly endOf: (value: T) => number;
  readonly onEnd: (value: T) => void;
}

export class Expiries<T> {
  readonly #rules: ExpiryRules<T>;
  readonly #deadlines: Deadlines<T>;
  /** When each is looked at next. */
  readonly #watched = new Map<T, number>();

  constructor(clock: Clock, rules: ExpiryRules<T>) {
    this.#rules = rules;
    this.#deadlines = new Deadlines(clock, (value, at) => this.#look(value, at));
  }

  /** Its end was set, or moved. */
  watch(value: T): void {
    const end = this.#rules.endOf(value);
    const watchedFor = this.#watched.get(value);
    if (end === 0 || (watchedFor !== undefined && watchedFor <= end)) return;
    this.#watched.set(value, end);
    this.#deadlines.add(end, value);
  }

  /** Stops the timer, and forgets all. */
  clear(): void {
    this.#deadlines.clear();
    this.#watched.clear();
  }

  #look(value: T, at: number): void {
    if (this.#watched.get(value) !== at) return;
    this.#watched.delete(value);
    const end = this.#rules.endOf(value);
    if (end > at) this.watch(value);
    else if (end > 0) this.#rules.onEnd(value);
  }
}
