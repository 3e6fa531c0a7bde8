// Quotas that are rates: so much a second, of one resource. What goes beyond is refused, or only counted, as the
// configuration says. Which rates there are is the services' matter.

import type { Store } from '../core/store.ts';
import type { Clock } from '../util/clock.ts';

/** `observe` refuses nothing, and counts what `enforce` would refuse. */
export type QuotaMode = 'off' | 'observe' | 'enforce';

export interface Rate {
  readonly name: string;
  readonly perSecond: number;
}

interface Bucket {
  balance: number;
  filledAt: number;
}

const mostBuckets = 100_000;
/** After that a bucket is full again, however much it was overdrawn. */
const forgetMs = 60_000;

export class Quotas {
  readonly mode: QuotaMode;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #buckets = new Map<string, Bucket>();

  constructor(mode: QuotaMode, clock: Clock, store: Store) {
    this.mode = mode;
    this.#clock = clock;
    this.#store = store;
  }

  /**
   * Whether the resource has anything left of each rate; if so, the amounts are taken, and what is more than is left
   * is taken from the seconds to come. Counted are those that had nothing left.
   */
  take(resource: string, amounts: readonly (readonly [rate: Rate, amount: number])[]): boolean {
    if (this.mode === 'off') return true;
    const now = this.#clock.monotonic();
    const exceeded = amounts.filter(([rate]) => this.#bucket(resource, rate, now).balance <= 0);
    if (exceeded.length > 0) this.#count(resource, exceeded);
    if (exceeded.length > 0 && this.mode === 'enforce') return false;
    for (const [rate, amount] of amounts) this.#bucket(resource, rate, now).balance -= amount;
    return true;
  }

  /** Takes an amount that was known only afterwards. */
  charge(resource: string, rate: Rate, amount: number): void {
    if (this.mode !== 'off') this.#bucket(resource, rate, this.#clock.monotonic()).balance -= amount;
  }

  #bucket(resource: string, { name, perSecond }: Rate, now: number): Bucket {
    const key = `${name} ${resource}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= mostBuckets) this.#forget(now);
      bucket = { balance: perSecond, filledAt: now };
      this.#buckets.set(key, bucket);
      return bucket;
    }
    bucket.balance = Math.min(perSecond, bucket.balance + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
    return bucket;
  }

  #forget(now: number): void {
    for (const [key, { filledAt }] of this.#buckets) if (now - filledAt > forgetMs) this.#buckets.delete(key);
  }

  /** What is counted need not be stored before anything is answered: it rides with the next commit. */
  #count(resource: string, exceeded: readonly (readonly [Rate, number])[]): void {
    const changes = exceeded.map(
      ([{ name }]) => ({ kind: 'count', counter: `quota/${name}/${resource}`, by: 1 }) as const,
    );
    this.#store.write(changes).catch(() => {
      // A store that fails has others to tell; a count is not worth more.
    });
  }
}
