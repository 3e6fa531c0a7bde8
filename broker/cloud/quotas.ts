// Counts what is used against the quotas of the table. What goes beyond one is refused by the service, or only counted, as the
// configuration says; the counts are in the store, by quota and resource.

import type { Store } from '../core/store.ts';
import type { Clock } from '../util/clock.ts';
import { quotas as table, valueIn } from './quota-table.ts';
import type { QuotaName } from './quota-table.ts';

/** `observe` refuses nothing, and counts what `enforce` would refuse. */
export type QuotaMode = 'off' | 'observe' | 'enforce';

const mostMeters = 100_000;
/** After that a meter is full again, however much it was overdrawn. */
const forgetMs = 60_000;
/** Different resources whose excesses are counted each for itself. */
const mostCounted = 10_000;
const prefix = 'quota/';

export class Quotas {
  readonly mode: QuotaMode;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #meters = new Map<string, Meter>();
  readonly #counted = new Set<string>();

  constructor(mode: QuotaMode, clock: Clock, store: Store) {
    this.mode = mode;
    this.#clock = clock;
    this.#store = store;
  }

  /**
   * Whether the resource has anything left of the rate; if so, the amount is taken, and what is more than is left is taken
   * from the seconds to come. `counted`: the resource under which an excess is counted, where that is another.
   */
  take(name: QuotaName, resource: string, amount = 1, counted = resource): boolean {
    if (this.mode === 'off') return true;
    const key = `${name} ${resource}`;
    let meter = this.#meters.get(key);
    if (meter === undefined) {
      if (this.#meters.size >= mostMeters) this.#forget();
      meter = this.meter(counted, [name], regionOf(resource));
      this.#meters.set(key, meter);
    }
    return meter.take(amount);
  }

  /** Rates of a resource that are taken from together, held by who asks for them. */
  meter(resource: string, names: readonly QuotaName[], region?: string): Meter {
    return new Meter(this, resource, names, this.#clock, region);
  }

  /** Whether there may be so many of what the quota is about. */
  permits(name: QuotaName, resource: string, many: number): boolean {
    if (this.mode === 'off' || many <= table[name].value) return true;
    this.exceeded(name, resource);
    return this.mode === 'observe';
  }

  /** Counts an excess. It need not be stored before anything is answered: it rides with the next commit. */
  exceeded(name: QuotaName, resource: string): void {
    const counter = `${prefix}${name}/${resource}`;
    const isKnown = this.#counted.has(counter);
    if (!isKnown && this.#counted.size < mostCounted) this.#counted.add(counter);
    const counted = isKnown || this.#counted.has(counter) ? counter : `${prefix}${name}/other`;
    this.#store.write([{ kind: 'count', counter: counted, by: 1 }]).catch(() => {
      // A store that fails has others to tell; a count is not worth more.
    });
  }

  #forget(): void {
    const now = this.#clock.monotonic();
    for (const [key, meter] of this.#meters) if (now - meter.filledAt > forgetMs) this.#meters.delete(key);
  }
}

interface Bucket {
  readonly name: QuotaName;
  readonly perSecond: number;
  balance: number;
}

/** What is left of some rates of a resource. A second's worth may be used at once. */
export class Meter {
  filledAt: number;
  readonly #quotas: Quotas;
  readonly #resource: string;
  readonly #clock: Clock;
  readonly #buckets: readonly Bucket[];

  constructor(quotas: Quotas, resource: string, names: readonly QuotaName[], clock: Clock, region = 'us-east-1') {
    this.#quotas = quotas;
    this.#resource = resource;
    this.#clock = clock;
    this.filledAt = clock.monotonic();
    this.#buckets = names.map((name) => {
      const perSecond = valueIn(name, region);
      return { name, perSecond, balance: perSecond };
    });
  }

  /**
   * Whether anything is left of each rate; if so, the amounts are taken, in the order of the rates. Counted are those that
   * had nothing left.
   */
  take(first: number, second = 0): boolean {
    if (this.#quotas.mode === 'off') return true;
    this.#fill();
    let isExceeded = false;
    for (const { name, balance } of this.#buckets) {
      if (balance > 0) continue;
      isExceeded = true;
      this.#quotas.exceeded(name, this.#resource);
    }
    if (isExceeded && this.#quotas.mode === 'enforce') return false;
    this.charge(first, second);
    return true;
  }

  /** Takes amounts that were known only afterwards. */
  charge(first: number, second = 0): void {
    const [one, other] = this.#buckets;
    if (one !== undefined) one.balance -= first;
    if (other !== undefined) other.balance -= second;
  }

  /** Milliseconds until something is left of the rate again. */
  get waitMs(): number {
    this.#fill();
    const [{ balance, perSecond } = { balance: 0, perSecond: 1 }] = this.#buckets;
    return balance > 0 ? 0 : Math.ceil(((1 - balance) / perSecond) * 1000);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const seconds = (now - this.filledAt) / 1000;
    if (seconds <= 0) return;
    this.filledAt = now;
    for (const bucket of this.#buckets) {
      bucket.balance = Math.min(bucket.perSecond, bucket.balance + seconds * bucket.perSecond);
    }
  }
}

/** Of an ARN, or of an account and region. */
function regionOf(resource: string): string | undefined {
  return resource.startsWith('arn:') ? resource.split(':', 4)[3] : resource.split('/', 2)[1];
}

export interface Excess {
  readonly quota: string;
  /** Its ARN, or the account and region; `other` for what came when there were too many to tell apart. */
  readonly resource: string;
  /** How often something was refused, or would have been, since the store was made. */
  readonly count: number;
}

/** What was counted. @throws BrokerError as Store.readCounters does. */
export async function readExcesses(store: Store): Promise<readonly Excess[]> {
  const counters = await store.readCounters(prefix);
  return Array.from(counters, ([counter, count]) => {
    const [, quota = '', ...resource] = counter.split('/');
    return { quota, resource: resource.join('/'), count };
  });
}
