// The active engine's lease on the store: a transaction every third of its time, which raises the pulse that standbys
// watch. One of a pair that cannot renew in time must assume that the other has taken over. An engine by itself goes on when it
// was held up, as by a computer that slept: should somebody have its store by then, its next transaction finds that out.

import { BrokerError } from '../core/errors.ts';
import type { Store } from '../core/store.ts';
import type { Clock, Timer } from '../util/clock.ts';

export class Lease {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #onLost: ((reason: BrokerError) => void) | undefined;
  #renewal: Timer | undefined;
  #end: Timer | undefined;
  #closed = false;

  /**
   * `onLost` is called once, at the latest when the lease's time is over without a renewal. Without it, nothing is assumed,
   * and the lease renewed on and on.
   */
  constructor(store: Store, options: { leaseMs: number; clock: Clock; onLost?: (reason: BrokerError) => void }) {
    this.#store = store;
    this.#clock = options.clock;
    this.#leaseMs = options.leaseMs;
    this.#onLost = options.onLost;
  }

  start(): void {
    this.#held(this.#clock.monotonic());
    this.#renewLater();
  }

  close(): void {
    this.#closed = true;
    this.#renewal?.cancel();
    this.#end?.cancel();
  }

  #renewLater(): void {
    this.#renewal = this.#clock.after(this.#leaseMs / 3, () => {
      const startedAt = this.#clock.monotonic();
      this.#store.write([]).then(
        () => this.#held(startedAt),
        // A store that is lost says so itself; anything else may pass before the time is over.
        () => undefined,
      );
      this.#renewLater();
    });
  }

  /** Counted from before the renewal was asked for: a standby may have seen it no later. */
  #held(since: number): void {
    if (this.#closed || this.#onLost === undefined) return;
    const left = since + this.#leaseMs - this.#clock.monotonic();
    if (left <= 0) {
      // The process was stopped in between: whoever waited has taken over, or is about to.
      this.#lose();
      return;
    }
    this.#end?.cancel();
    this.#end = this.#clock.after(left, () => this.#lose());
  }

  #lose(): void {
    if (this.#closed) return;
    this.close();
    this.#onLost?.(new BrokerError('fenced', `the lease on the store was not renewed for ${this.#leaseMs} ms`));
  }
}
