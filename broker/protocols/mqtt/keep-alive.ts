// The keep alive time (MQTT 3.1.1, 3.1.2.10): a client that is not heard of for one and a half times as long as it said is
// gone [MQTT-3.1.2-24]. One timer a connection, which looks when the time may have passed, not one a packet.

import type { Clock, Timer } from '../../util/clock.ts';

const grace = 1.5;

export class KeepAlive {
  readonly #clock: Clock;
  readonly #onSilence: () => void;
  #limitMs = 0;
  #heardAt = 0;
  #timer: Timer | undefined;

  /** `onSilence` ends the connection, or says `heard`: then it is asked again, a whole time later. */
  constructor(clock: Clock, onSilence: () => void) {
    this.#clock = clock;
    this.#onSilence = onSilence;
  }

  /** `seconds`: as the client said; 0: it may be silent for as long as it likes. */
  start(seconds: number): void {
    this.#limitMs = seconds * 1000 * grace;
    this.heard();
    if (seconds > 0) this.#arm(this.#limitMs);
  }

  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    const timer = this.#clock.after(ms, () => {
      if (this.#left <= 0) this.#onSilence();
      if (this.#timer === timer) this.#arm(Math.max(this.#left, 1));
    });
    this.#timer = timer;
  }

  get #left(): number {
    return this.#limitMs - (this.#clock.monotonic() - this.#heardAt);
  }
}
