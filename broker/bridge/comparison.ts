// What the receivers of two places were done with, matched one to one by a key, the oldest first. The left place is the one that
// is right by definition; what becomes of the right one is counted. Memory is bounded: what waits for its other half does
// so for a time, and there are at most so many.

import type { Clock, Timer } from '../util/clock.ts';
import type { Difference } from './comparison-difference.ts';
import { differenceOf } from './comparison-difference.ts';
import type { Facts } from './comparison-facts.ts';
import { Order } from './comparison-order.ts';
import type { Progress } from './comparison-progress.ts';

/**
 * `arrived`: both sides settled it. Of these, `late`: the right one by more than `lateMs` after the left one; `reordered`: out of
 * order within its group; `different`: what is compared differs. `missing`: the left side settled it, the right one
 * did not in time. `extra`: the other way round. `unknown`: it cannot be told, because the engine ended in between, or
 * the message had not been sent yet when there was no more room for it.
 */
export const states = ['arrived', 'missing', 'extra', 'late', 'reordered', 'different', 'unknown'] as const;
export type State = (typeof states)[number];

export interface Counts extends Readonly<Record<State, number>> {
  /** Settlements of each side. */
  readonly left: number;
  readonly right: number;
  /** Ended as they stood, because too many waited. */
  readonly endedEarly: number;
  /** Messages of each side that became dead letters, or expired. */
  readonly leftFailed: number;
  readonly rightFailed: number;
  /** Messages of either side without a key. */
  readonly unkeyed: number;
}

export type Tally = keyof Counts;

/** One of the first messages in a state. */
export interface Example {
  readonly state: Exclude<State, 'arrived'>;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How late. */
  readonly byMs?: number;
  readonly difference?: Difference;
}

export interface ComparisonOptions {
  readonly clock: Clock;
  /** A right side that settles later than this after the left one is late. */
  readonly lateMs: number;
  /** How long one half waits for the other. */
  readonly windowMs: number;
  /** How many wait. */
  readonly most: number;
}

export interface Settlement {
  readonly facts: Facts;
  /** The other half may have been settled before this engine started. */
  readonly isOld: boolean;
  /** Of the left, where its copy crosses by itself: `progress` knows when. Until then it is not missing. */
  readonly position?: number;
  readonly progress?: Progress | undefined;
}

interface Half extends Settlement {
  readonly at: number;
  /** Its place in the order of its side. */
  readonly place: number;
  /** Of the left: the place of its right half; negative: it has none yet, or never will. */
  right: number;
}

const waits = -1;
const isOver = -2;
const mostExamples = 3;
/** What the order may hold beyond what waits, before it is looked through. */
const slack = 1024;

const nothing: Counts = {
  left: 0,
  right: 0,
  arrived: 0,
  missing: 0,
  extra: 0,
  late: 0,
  reordered: 0,
  different: 0,
  unknown: 0,
  endedEarly: 0,
  leftFailed: 0,
  rightFailed: 0,
  unkeyed: 0,
};

export interface Kept {
  readonly counts: Partial<Counts>;
  readonly examples: readonly Example[];
  /** What waited for its other half. */
  readonly waiting: { readonly left: number; readonly right: number };
}

export class Comparison {
  readonly #options: ComparisonOptions;
  readonly #counts: Record<Tally, number> = { ...nothing };
  readonly #examples: Example[] = [];
  readonly #order = new Order();
  /** In the order of the left side: those that wait, and those whose order waits for one before them. */
  readonly #lefts = new Set<Half>();
  readonly #rights = new Set<Half>();
  readonly #leftByKey = new Map<string, Half[]>();
  readonly #rightByKey = new Map<string, Half[]>();
  #waitingLefts = 0;
  /** Halves that an earlier engine counted as unknown, whose other halves may come yet. */
  readonly #owed = { left: 0, right: 0 };
  #leftPlace = 0;
  #rightPlace = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: ComparisonOptions, kept?: Kept) {
    this.#options = options;
    if (kept === undefined) return;
    Object.assign(this.#counts, kept.counts);
    this.#examples.push(...kept.examples);
    Object.assign(this.#owed, kept.waiting);
    this.#counts.unknown += kept.waiting.left + kept.waiting.right;
  }

  get counts(): Counts {
    return { ...this.#counts };
  }

  get examples(): readonly Example[] {
    return this.#examples;
  }

  /** Values of fields are asked for while there are too few examples of differences. */
  get wantsValues(): boolean {
    return this.#wantsExample('different');
  }

  get waiting(): { readonly left: number; readonly right: number } {
    return { left: this.#waitingLefts, right: this.#rights.size };
  }

  /** What is held in memory. */
  get size(): number {
    return this.#lefts.size + this.#rights.size + this.#order.size;
  }

  left(settlement: Settlement): void {
    this.#endOld();
    this.#counts.left++;
    const half = this.#half(settlement, this.#leftPlace++);
    this.#lefts.add(half);
    const other = take(this.#rightByKey, half.facts.key);
    if (other === undefined) {
      this.#waitingLefts++;
      put(this.#leftByKey, half);
    } else {
      this.#rights.delete(other);
      this.#match(half, other);
    }
    this.#bound();
    this.#arm();
  }

  right(settlement: Settlement): void {
    this.#endOld();
    this.#counts.right++;
    const half = this.#half(settlement, this.#rightPlace++);
    const other = take(this.#leftByKey, half.facts.key);
    if (other === undefined) {
      this.#rights.add(half);
      put(this.#rightByKey, half);
    } else {
      this.#waitingLefts--;
      this.#match(other, half);
    }
    this.#bound();
    this.#arm();
  }

  /** What else happened to a message of either side. */
  count(tally: 'leftFailed' | 'rightFailed' | 'unkeyed'): void {
    this.#counts[tally]++;
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #half(settlement: Settlement, place: number): Half {
    return { ...settlement, at: this.#options.clock.monotonic(), place, right: waits };
  }

  #match(left: Half, right: Half): void {
    left.right = right.place;
    this.#counts.arrived++;
    const byMs = right.at - left.at;
    if (byMs > this.#options.lateMs) this.#note('late', left, { byMs: Math.round(byMs) });
    const wanted = this.#wantsExample('different');
    const difference = differenceOf(left.facts, right.facts);
    if (difference !== undefined) this.#note('different', left, wanted ? { difference } : {});
    this.#judgeOrder();
  }

  #note(state: Example['state'], { facts: { id } }: Half, more: Partial<Example> = {}): void {
    this.#counts[state]++;
    if (this.#wantsExample(state)) this.#examples.push({ state, id, at: this.#options.clock.now(), ...more });
  }

  #wantsExample(state: State): boolean {
    return this.#examples.filter((example) => example.state === state).length < mostExamples;
  }

  /** Ends what has waited for long enough. */
  #endOld(): void {
    const { clock, windowMs } = this.#options;
    const before = clock.monotonic() - windowMs;
    for (const left of this.#lefts) {
      if (waitsSince(left) >= before) break;
      this.#endLeft(left);
    }
    for (const right of this.#rights) {
      if (right.at >= before) break;
      this.#endRight(right);
    }
  }

  #bound(): void {
    const { most } = this.#options;
    while (this.#lefts.size + this.#rights.size > most) {
      const [left] = this.#lefts;
      const [right] = this.#rights;
      if (left !== undefined && (right === undefined || left.at <= right.at)) {
        if (left.right === waits) this.#counts.endedEarly++;
        this.#endLeft(left);
      } else if (right !== undefined) {
        this.#counts.endedEarly++;
        this.#endRight(right);
      }
    }
    this.#boundOrder(most);
  }

  /** The first of the lefts: matched, or without its other half for good. */
  #endLeft(left: Half): void {
    if (left.right === waits) {
      left.right = isOver;
      this.#waitingLefts--;
      remove(this.#leftByKey, left);
      if (isSent(left) && !left.isOld) this.#note('missing', left);
      else this.#endUnknown(left, 'right');
    }
    this.#judgeOrder();
  }

  #endRight(right: Half): void {
    this.#rights.delete(right);
    remove(this.#rightByKey, right);
    if (right.isOld) this.#endUnknown(right, 'left');
    else this.#note('extra', right);
  }

  /** One of a pair is counted once, whichever engine saw which half of it. */
  #endUnknown(half: Half, other: 'left' | 'right'): void {
    if (half.isOld && this.#owed[other] > 0) this.#owed[other]--;
    else this.#note('unknown', half);
  }

  /** The order of a pair is known once all before it on the left have their other half, or none. */
  #judgeOrder(): void {
    for (const left of this.#lefts) {
      if (left.right === waits) return;
      this.#lefts.delete(left);
      if (left.right === isOver) continue;
      if (!this.#order.add(left.facts.group, left.right)) this.#note('reordered', left);
    }
  }

  #boundOrder(most: number): void {
    if (this.#order.size <= 2 * (this.#lefts.size + this.#rights.size) + slack) return;
    let next = this.#rightPlace;
    for (const { right } of this.#lefts) if (right >= 0 && right < next) next = right;
    for (const { place } of this.#rights) if (place < next) next = place;
    this.#order.forgetUpTo(next - 1);
    if (this.#order.size > most + slack) this.#order.forgetUpTo(this.#rightPlace - 1);
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#closed || this.#waitingLefts + this.#rights.size === 0) return;
    const { clock, windowMs } = this.#options;
    this.#timer = clock.after(windowMs / ticks, () => {
      this.#timer = undefined;
      this.#endOld();
      this.#arm();
    });
  }
}

/** How often, in the time that one half waits, it is looked for those that have waited for long enough. */
const ticks = 10;

function isSent(half: Half): boolean {
  return waitsSince(half) < Infinity;
}

/** Its other half can come from then on. */
function waitsSince({ at, progress, position = 0 }: Half): number {
  return progress === undefined ? at : Math.max(at, progress.at(position));
}

function put(byKey: Map<string, Half[]>, half: Half): void {
  const { key } = half.facts;
  const same = byKey.get(key);
  if (same === undefined) byKey.set(key, [half]);
  else same.push(half);
}

function take(byKey: Map<string, Half[]>, key: string): Half | undefined {
  const same = byKey.get(key);
  const half = same?.shift();
  if (same?.length === 0) byKey.delete(key);
  return half;
}

/** It is the oldest of its key. */
function remove(byKey: Map<string, Half[]>, { facts: { key } }: Half): void {
  take(byKey, key);
}
