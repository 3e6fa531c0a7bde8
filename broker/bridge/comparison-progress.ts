// How far the copies of a queue have crossed, and since when, in steps of time: as many as it takes to tell what has just
// crossed from what has not.

interface Step {
  readonly until: number;
  upTo: number;
}

const steps = 10;

export class Progress {
  readonly #stepMs: number;
  readonly #steps: Step[] = [];
  /** Crossed longer ago than anybody asks. */
  #before = -Infinity;

  /** `rememberMs`: how long it is of interest when something crossed. */
  constructor(rememberMs: number) {
    this.#stepMs = rememberMs / steps;
  }

  /** Everything up to the position has crossed, or never will. */
  reached(position: number, now: number): void {
    const last = this.#steps.at(-1);
    if (last !== undefined && now <= last.until) last.upTo = Math.max(last.upTo, position);
    else this.#steps.push({ until: now + this.#stepMs, upTo: Math.max(position, last?.upTo ?? position) });
    if (this.#steps.length <= steps + 1) return;
    this.#before = Math.max(this.#before, this.#steps.shift()?.upTo ?? this.#before);
  }

  /** When it crossed, a step later at most; Infinity: it has not. */
  at(position: number): number {
    if (position <= this.#before) return -Infinity;
    for (const { until, upTo } of this.#steps) if (position <= upTo) return until;
    return Infinity;
  }
}
