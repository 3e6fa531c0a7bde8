// How fast a route may go: a bucket that fills at its rate, and holds a tenth of a second's worth.

import type { Clock, Timer } from '../util/clock.ts';

export class Pace {
  readonly #rate: number;
  readonly #most: number;
  readonly #clock: Clock;
  readonly #onMore: () => void;
  #left: number;
  #at: number;
  #timer: Timer | undefined;

  /** `rate`: messages a second. `onMore` is called once there is more, after nothing was left. */
  constructor(rate: number, clock: Clock, onMore: () => void) {
    this.#rate = rate;
    this.#most = Math.max(1, rate / 10);
    this.#clock = clock;
    this.#onMore = onMore;
    this.#left = this.#most;
    this.#at = clock.monotonic();
  }

  /** How many of them may be taken now. */
  allow(wanted: number): number {
    const now = this.#clock.monotonic();
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) * this.#rate) / 1000);
    this.#at = now;
    const allowed = Math.min(wanted, Math.floor(this.#left));
    if (allowed < wanted) this.#wait();
    return allowed;
  }

  spend(): void {
    this.#left--;
  }

  /** Idempotent. */
  close(): void {
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer?.cancel();
    // Not for each message: a few times a second are enough.
    const ms = Math.max(50, ((1 - Math.min(1, this.#left)) * 1000) / this.#rate);
    this.#timer = this.#clock.after(ms, this.#onMore);
  }
}
