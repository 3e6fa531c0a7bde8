// Answers to deliveries, gathered so that deliveries with the same answer and numbers in a row share one disposition
// (part 2, section 2.7.6).

import type { Composite, DeliveryState, Draft } from './codec/composite.ts';
import { serialAdd } from './serial.ts';

export const accepted: Composite<'accepted'> = { kind: 'accepted' };

export class Dispositions {
  readonly #role: boolean;
  readonly #send: (disposition: Draft<'disposition'>) => void;
  #pending = false;
  #first = 0;
  #last = 0;
  #settled = false;
  #state: DeliveryState | undefined;

  /** `role`: of the link end that answers; true is the receiver's. */
  constructor(role: boolean, send: (disposition: Draft<'disposition'>) => void) {
    this.#role = role;
    this.#send = send;
  }

  add(deliveryId: number, settled: boolean, state: DeliveryState): void {
    const follows = deliveryId === serialAdd(this.#last, 1) && settled === this.#settled && state === this.#state;
    if (!this.#pending || !follows) {
      this.flush();
      this.#pending = true;
      this.#first = deliveryId;
      this.#settled = settled;
      this.#state = state;
    }
    this.#last = deliveryId;
  }

  flush(): void {
    if (!this.#pending) return;
    this.#pending = false;
    const last = this.#last === this.#first ? undefined : this.#last;
    this.#send({ role: this.#role, first: this.#first, last, settled: this.#settled, state: this.#state });
  }
}
