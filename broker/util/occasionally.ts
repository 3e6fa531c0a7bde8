// Says whether something is worth telling again: once a minute for each key.

import type { Clock } from './clock.ts';

const everyMs = 60_000;
/** Keys that are remembered; beyond it, the oldest is told again. */
const mostKeys = 1000;

export class Occasionally {
  readonly #clock: Clock;
  readonly #lastAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isDue(key: string): boolean {
    const now = this.#clock.monotonic();
    const lastAt = this.#lastAt.get(key);
    if (lastAt !== undefined && now - lastAt < everyMs) return false;
    this.#lastAt.delete(key);
    this.#lastAt.set(key, now);
    if (this.#lastAt.size > mostKeys) {
      for (const oldest of this.#lastAt.keys()) {
        this.#lastAt.delete(oldest);
        break;
      }
    }
    return true;
  }
}
