// Groups whose messages are handled in their order: nobody gets a message while an earlier one of its group is in flight,
// unless the same receive took both. One lane a group; lanes that have something to give are served in turn, each as
// far as a receive wants. Entries come here from the backlog as it is read, and back when their lease ends.

import type { Entry } from './entry.ts';
import { ReadyList } from './ready-list.ts';

/** Entries of one queue that are looked through for groups with something to give: each costs some hundred bytes. */
const mostEntries = 120_000;
/** Entries that can be given at once, beyond which no more are looked for. */
const enoughOpen = 1000;
/** Bytes of messages that wait here with their entries; more are read again when their turn comes. */
const mostBytes = 4 * 1024 * 1024;

/** A message without a group is a group of its own, known by its position. */
type Key = string | number;

export interface Lane {
  readonly key: Key;
  readonly waiting: ReadyList;
  /** Positions of entries in flight, in order. */
  readonly flying: number[];
  /** Its entries among those that can be given. */
  counted: number;
}

export class GroupLanes {
  readonly #lanes = new Map<Key, Lane>();
  /** Lanes with something to give, in the order in which they are served. */
  readonly #open = new Set<Lane>();
  readonly #account: (bytes: number) => void;
  #count = 0;
  #openCount = 0;
  #bytes = 0;
  /** Everything up to this position came through here. */
  #upTo = 0;

  /** `account` is told of bytes that are held, and, negative, let go. */
  constructor(account: (bytes: number) => void) {
    this.#account = account;
  }

  get count(): number {
    return this.#count;
  }

  /** No more should be brought in before something is given, or leaves. */
  get hasEnough(): boolean {
    return this.#count >= mostEntries || this.#openCount >= enoughOpen;
  }

  /** The lane whose turn it is. */
  get first(): Lane | undefined {
    for (const lane of this.#open) return lane;
    return undefined;
  }

  /** The entry came through here: when it comes back, it comes back here. */
  knows({ seq }: Entry): boolean {
    return seq <= this.#upTo;
  }

  /** The next entry of the backlog. */
  bringIn(entry: Entry): void {
    this.#upTo = entry.seq;
    this.add(entry);
  }

  /** An entry takes its place among those of its group. */
  add(entry: Entry): void {
    const lane = this.#laneOf(entry);
    entry.state = 'ready';
    lane.waiting.insert(entry);
    this.#count++;
    if (entry.message !== undefined) {
      if (this.#bytes < mostBytes || entry.residence === 'memory') this.#hold(entry.size);
      else entry.message = undefined;
    }
    this.#review(lane);
  }

  /** False: it is not here. */
  remove(entry: Entry): boolean {
    const lane = this.knows(entry) ? this.#lanes.get(keyOf(entry)) : undefined;
    if (lane === undefined) return false;
    lane.waiting.remove(entry);
    this.#count--;
    if (entry.message !== undefined) this.#hold(-entry.size);
    this.#review(lane);
    return true;
  }

  /** It is under a lease. */
  tookOff(entry: Entry): void {
    const lane = this.#laneOf(entry);
    let at = lane.flying.length;
    while (at > 0 && lane.flying[at - 1]! > entry.seq) at--;
    lane.flying.splice(at, 0, entry.seq);
    this.#review(lane);
  }

  /** Its lease is over. */
  landed(entry: Entry): void {
    const lane = this.#lanes.get(keyOf(entry));
    const at = lane?.flying.indexOf(entry.seq) ?? -1;
    if (lane === undefined || at < 0) return;
    lane.flying.splice(at, 1);
    this.#review(lane);
  }

  /** It was served: the others come first now. */
  rotate(lane: Lane): void {
    if (this.#open.delete(lane)) this.#open.add(lane);
  }

  /** Of the next entries to be given, at most `limit`, those whose message has to be read. */
  absent(limit: number): readonly Entry[] {
    let looked = 0;
    let found: Entry[] | undefined;
    for (const lane of this.#open) {
      for (const entry of lane.waiting) {
        if (looked++ >= limit) return found ?? none;
        if (isBehindFlight(lane, entry)) break;
        if (entry.message === undefined) (found ??= []).push(entry);
      }
    }
    return found ?? none;
  }

  /** The message of an entry was looked for. */
  loaded(entry: Entry): void {
    if (entry.message !== undefined) this.#hold(entry.size);
    // The store does not have it.
    else if (this.remove(entry)) entry.state = 'gone';
  }

  find(seq: number): Entry | undefined {
    if (seq > this.#upTo) return undefined;
    for (const { waiting } of this.#lanes.values()) {
      const found = waiting.find(seq);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (const { waiting } of this.#lanes.values()) yield* waiting;
  }

  /** Groups of which something is in flight. */
  get flyingGroups(): number {
    let groups = 0;
    for (const { flying } of this.#lanes.values()) if (flying.length > 0) groups++;
    return groups;
  }

  clear(): void {
    this.#lanes.clear();
    this.#open.clear();
    this.#hold(-this.#bytes);
    this.#count = 0;
    this.#openCount = 0;
  }

  #laneOf(entry: Entry): Lane {
    const key = keyOf(entry);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { key, waiting: new ReadyList(), flying: [], counted: 0 };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Something of the lane changed: whether it can give anything may be otherwise now. */
  #review(lane: Lane): void {
    const { head, size } = lane.waiting;
    const isOpen = head !== undefined && !isBehindFlight(lane, head);
    const counted = isOpen ? size : 0;
    this.#openCount += counted - lane.counted;
    lane.counted = counted;
    if (isOpen) this.#open.add(lane);
    else this.#open.delete(lane);
    if (size === 0 && lane.flying.length === 0) this.#lanes.delete(lane.key);
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.#account(bytes);
  }
}

/** An earlier entry of the group is in flight. */
export function isBehindFlight({ flying }: Lane, { seq }: Entry): boolean {
  return flying.length > 0 && flying[0]! < seq;
}

function keyOf({ groupId, seq }: Entry): Key {
  return groupId ?? seq;
}

const none: readonly Entry[] = [];
