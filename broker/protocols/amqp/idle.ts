// Idle time-outs of both directions (part 2, section 2.4.5). Two timers a connection, which look at what has happened since
// they last ran: nothing is done for a frame but to set a flag.

import type { Clock, Timer } from '../../util/clock.ts';

export interface IdleEvents {
  /** Nothing was sent for so long that an empty frame is due. */
  onSilent(): void;
  /** Nothing was received for as long as we allow. */
  onExpired(): void;
}

export class Idle {
  readonly #clock: Clock;
  readonly #events: IdleEvents;
  #heard = true;
  #timers: (Timer | undefined)[] = [];

  constructor(clock: Clock, events: IdleEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  /** Something was received. */
  heard(): void {
    this.#heard = true;
  }

  /**
   * Expects something from the peer within each span of `localMs`, and lets `onSilent` be called so often that the
   * peer hears of us within `remoteMs`; undefined: it does not need to.
   */
  start(localMs: number, remoteMs: number | undefined): void {
    this.#watch(localMs);
    // At half of the time, as the specification recommends, so that delays on the way do no harm.
    if (remoteMs !== undefined) this.#repeat(1, Math.floor(remoteMs / 2), () => this.#events.onSilent());
  }

  stop(): void {
    for (const timer of this.#timers) timer?.cancel();
    this.#timers = [];
  }

  #watch(ms: number): void {
    this.#heard = true;
    this.#repeat(0, ms, () => {
      if (!this.#heard) this.#events.onExpired();
      this.#heard = false;
    });
  }

  #repeat(index: number, ms: number, run: () => void): void {
    this.#timers[index] = this.#clock.after(ms, () => {
      this.#repeat(index, ms, run);
      run();
    });
  }
}
