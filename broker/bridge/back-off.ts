// How long to wait before the next try: with full jitter, so that many who failed together do not come back together.

export interface BackOffRange {
  readonly leastMs: number;
  /** The most after the first failure; doubled with each further one. */
  readonly firstMs: number;
  readonly mostMs: number;
}

/** For far ends that are away. */
export const awayRange: BackOffRange = { leastMs: 1000, firstMs: 2000, mostMs: 60_000 };
/** For single failures, which a far end has every day. */
export const hiccupRange: BackOffRange = { leastMs: 0, firstMs: 100, mostMs: 1000 };
/** For far ends that have too much to do. */
export const throttledRange: BackOffRange = { leastMs: 0, firstMs: 100, mostMs: 5000 };

/** How long after so many failures in a row. */
export function waitAfter(failures: number, { leastMs, firstMs, mostMs }: BackOffRange): number {
  const longest = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return leastMs + Math.random() * (longest - leastMs);
}

export class BackOff {
  readonly #range: BackOffRange;
  #failures = 0;

  constructor(range: BackOffRange) {
    this.#range = range;
  }

  failed(): number {
    return waitAfter(++this.#failures, this.#range);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
