// A clock that stands still until it is turned.

import type { Clock, Timer } from '../../broker/util/clock.ts';

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Timers that have not rung. */
  get pending(): number {
    return this.#alarms.size;
  }

  after(ms: number, run: () => void): Timer {
    const alarm = { at: this.#now + ms, run };
    this.#alarms.add(alarm);
    return { cancel: () => void this.#alarms.delete(alarm) };
  }

  /** Moves on, and rings what is due on the way, in order. */
  turn(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = next.at;
      this.#alarms.delete(next);
      next.run();
    }
    this.#now = end;
  }
}
