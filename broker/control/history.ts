// The running totals, one sample a second, for as long as the console's chart is wide. A page that opens draws the
// last minutes at once instead of an empty chart.

import type { Clock, Timer } from '../util/clock.ts';
import type { History, Overview, TotalsSample } from './api.ts';

const intervalMs = 1000;
const samplesKept = 301; // 300 differences: five minutes

export class HistoryRecorder {
  readonly #totals: () => Overview['totals'];
  readonly #clock: Clock;
  readonly #samples: TotalsSample[] = [];
  #timer: Timer | undefined;

  constructor(totals: () => Overview['totals'], clock: Clock) {
    this.#totals = totals;
    this.#clock = clock;
  }

  start(): void {
    if (this.#timer === undefined) this.#take();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  read(): History {
    return { samples: [...this.#samples] };
  }

  #take(): void {
    const { received, delivered, bridged } = this.#totals();
    this.#samples.push({ at: this.#clock.now(), received, delivered, bridged });
    if (this.#samples.length > samplesKept) this.#samples.shift();
    this.#timer = this.#clock.after(intervalMs, () => this.#take());
  }
}
