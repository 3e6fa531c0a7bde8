// The sending end of any protocol on a timetable (pace.ts): each message begins with the time at which it was meant to go out.

import { now } from '../measure/clock.ts';
import type { Load, Order, Progress } from './orders.ts';
import { keepPace, stamp } from './pace.ts';

export class PacedSender implements Load {
  readonly #send: (stamps: readonly string[]) => void;
  #sent = 0;
  #acknowledged = 0;
  #settled: (() => void) | undefined;

  /** `send`: puts a message for each stamp on the wire. */
  constructor(send: (stamps: readonly string[]) => void) {
    this.#send = send;
  }

  acknowledged(count: number): void {
    this.#acknowledged += count;
    if (this.#acknowledged === this.#sent) this.#settled?.();
  }

  async obey(order: Order): Promise<Progress> {
    await keepPace(order, (meant) => {
      this.#sent += meant.length;
      this.#send(meant.map(stamp));
    });
    if (this.#acknowledged < this.#sent) await new Promise<void>((resolve) => (this.#settled = resolve));
    return { count: this.#sent, at: now() };
  }
}
