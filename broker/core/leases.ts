// Entries leased until a deadline, as SQS receives are.

import type { Clock } from '../util/clock.ts';
import { SparseMap } from '../util/sparse.ts';
import { Deadlines } from './deadlines.ts';
import type { Entry } from './entry.ts';

/** How a delivery ended that was not settled. */
export interface ReleaseOptions {
  /** The delivery failed: it counts towards the maximum, after which the entry is dead-lettered. */
  readonly failed?: boolean;
  /** It may have reached the receiver. Default true. */
  readonly redelivered?: boolean;
}

/** Deadlines that do not hold any more, up to which they are not worth looking for. */
const fewStale = 1000;

export class Leases {
  readonly #entries = new SparseMap<number, Entry>();
  readonly #ends: Deadlines<Entry>;

  /** `onEnded`: the deadline passed, and the entry was neither settled, nor released, nor extended. */
  constructor(clock: Clock, onEnded: (entry: Entry) => void) {
    this.#ends = new Deadlines(clock, (entry, at) => {
      if (isDue(entry, at)) onEnded(entry);
    });
  }

  /** Watches the entry's `until`; again after it changed. */
  hold(entry: Entry): void {
    this.#entries.set(entry.seq, entry);
    this.#ends.add(entry.until, entry);
    // What was settled long before its deadline would stay until then: with a lease of hours, all that went through.
    if (this.#ends.size > 2 * this.#entries.size + fewStale) this.#ends.retain(mayBeDue);
  }

  drop(entry: Entry): void {
    this.#entries.delete(entry.seq);
  }

  /** Deadlines that are watched, of leases that are over, too. */
  get watched(): number {
    return this.#ends.size;
  }

  find(seq: number): Entry | undefined {
    return this.#entries.get(seq);
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** Ends what has run out by now, without waiting for the timer. */
  pass(): void {
    this.#ends.pass();
  }

  /** Stops the timer. */
  stop(): void {
    this.#ends.clear();
  }
}

/** Or will be, where what is to end it fails. */
function mayBeDue({ state, heldAs, until }: Entry, at: number): boolean {
  return until === at && (state === 'settling' ? heldAs : state) === 'leased';
}

function isDue({ state, until }: Entry, at: number): boolean {
  return state === 'leased' && until === at;
}
