// Rates of the whole engine over the last five minutes, one point a second, in the columns that the chart reads. A
// time of which nothing is known (the engine was away, or another one took over) is a gap, not a zero.

import type { TotalsSample } from '../../broker/control/api.ts';

export const historySeconds = 300;
/** Samples further apart than this have a gap between them. */
const gapMs = 4_000;
/** Samples closer together than this say more about chance than about rates. */
const shortestMs = 500;

export const rateNames = ['received', 'delivered', 'bridged'] as const;
export type RateName = (typeof rateNames)[number];

export interface RateColumns {
  /** Seconds since the epoch. */
  readonly at: readonly number[];
  readonly received: readonly (number | null)[];
  readonly delivered: readonly (number | null)[];
  readonly bridged: readonly (number | null)[];
}

interface Point {
  readonly at: number;
  readonly received: number | null;
  readonly delivered: number | null;
  readonly bridged: number | null;
}

export class RateHistory {
  #points: Point[] = [];
  #last: TotalsSample | undefined;

  /** The newest rates; undefined in a gap. */
  get latest(): Readonly<Record<RateName, number>> | undefined {
    const { received = null, delivered = null, bridged = null } = this.#points.at(-1) ?? {};
    return received === null || delivered === null || bridged === null ? undefined : { received, delivered, bridged };
  }

  /** What the engine remembers, at the beginning of a connection. What the page saw before that stays. */
  replay(samples: readonly TotalsSample[]): void {
    const [first] = samples;
    if (first === undefined) return;
    const seenSince = this.#points.filter(({ at }) => at < first.at);
    const upToNow = this.#last !== undefined && this.#last.at > (samples.at(-1)?.at ?? 0) ? [this.#last] : [];
    this.#points = seenSince;
    this.#last = undefined;
    for (const sample of [...samples, ...upToNow]) this.add(sample);
  }

  add(sample: TotalsSample): void {
    const last = this.#last;
    if (last !== undefined && Math.abs(sample.at - last.at) < shortestMs) return;
    this.#last = sample;
    const point = last === undefined ? undefined : between(last, sample);
    if (point === undefined) {
      if (this.#points.length > 0) this.#points.push(gapAt(sample.at - 1));
    } else {
      this.#points.push(point);
    }
    const oldest = sample.at - historySeconds * 1000;
    const kept = this.#points.findIndex(({ at }) => at >= oldest);
    if (kept > 0) this.#points.splice(0, kept);
    // However clocks jump, no more than this is kept.
    if (this.#points.length > historySeconds * 2) this.#points.splice(0, this.#points.length - historySeconds * 2);
  }

  /** The next sample begins anew: its totals are of another engine. */
  interrupt(): void {
    this.#last = undefined;
  }

  columns(): RateColumns {
    return {
      at: this.#points.map(({ at }) => at / 1000),
      received: this.#points.map(({ received }) => received),
      delivered: this.#points.map(({ delivered }) => delivered),
      bridged: this.#points.map(({ bridged }) => bridged),
    };
  }
}

function between(last: TotalsSample, sample: TotalsSample): Point | undefined {
  const ms = sample.at - last.at;
  const startedAnew = rateNames.some((name) => sample[name] < last[name]);
  if (ms <= 0 || ms > gapMs || startedAnew) return undefined;
  const perSecond = (name: RateName): number => ((sample[name] - last[name]) * 1000) / ms;
  return {
    at: sample.at,
    received: perSecond('received'),
    delivered: perSecond('delivered'),
    bridged: perSecond('bridged'),
  };
}

function gapAt(at: number): Point {
  return { at, received: null, delivered: null, bridged: null };
}
