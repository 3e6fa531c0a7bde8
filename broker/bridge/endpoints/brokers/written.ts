// What was written here though the other broker does not know, or may not: its acknowledgement was lost with a connection. It
// comes again, marked as sent before, and is acknowledged then without being given to the route once more.

import type { Clock } from '../../../util/clock.ts';

/** More than a few lost connections leave behind. */
const most = 10_000;
/** What comes again later was sent again by people, and is meant. */
const rememberedMs = 5 * 60_000;

interface Alike {
  count: number;
  at: number;
}

export class Written {
  readonly #clock: Clock;
  readonly #all = new Map<string, Alike>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(likeness: string): void {
    const known = this.#all.get(likeness);
    this.#all.delete(likeness);
    this.#all.set(likeness, { count: (known?.count ?? 0) + 1, at: this.#clock.monotonic() });
    const [oldest] = this.#all.keys();
    if (this.#all.size > most && oldest !== undefined) this.#all.delete(oldest);
  }

  clear(): void {
    this.#all.clear();
  }

  /** Whether it was; as often as it was added. */
  take(likeness: string): boolean {
    const known = this.#all.get(likeness);
    if (known === undefined) return false;
    known.count--;
    if (known.count === 0) this.#all.delete(likeness);
    return this.#clock.monotonic() - known.at < rememberedMs;
  }
}
