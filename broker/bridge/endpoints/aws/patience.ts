// How a source takes failures of calls: single ones are of every day, and passed over; more of them in a row are trouble, as is
// what does not pass by itself. Too much at once is none: it asks less often.

import { awayRange, BackOff, hiccupRange, throttledRange } from '../../back-off.ts';
import type { RemoteTrouble } from '../../remote.ts';

const mostHiccups = 2;

export interface Verdict {
  /** Until the next try. */
  readonly restMs: number;
  /** People should know. */
  readonly isTrouble: boolean;
}

export class Patience {
  readonly #hiccup = new BackOff(hiccupRange);
  readonly #away = new BackOff(awayRange);
  readonly #throttled = new BackOff(throttledRange);
  #failures = 0;

  failed({ kind, cause }: RemoteTrouble): Verdict {
    if (kind === 'throttled') return { restMs: this.#throttled.failed(), isTrouble: false };
    // What was given up has no cause but time: it was long enough.
    const mayPass = kind === 'away' && cause !== undefined && this.#failures < mostHiccups;
    this.#failures++;
    return mayPass
      ? { restMs: this.#hiccup.failed(), isTrouble: false }
      : { restMs: this.#away.failed(), isTrouble: true };
  }

  succeeded(): void {
    this.#failures = 0;
    for (const backOff of [this.#hiccup, this.#away, this.#throttled]) backOff.succeeded();
  }
}
