// The ready entries of a queue that are known in memory, in order of position: a doubly linked list, so that an
// entry can leave from anywhere and come back to its place.

import type { Entry } from './entry.ts';

export class ReadyList {
  #head: Entry | undefined;
  #tail: Entry | undefined;
  #size = 0;
  /** Where the last insertion was: entries come back in runs, and the next one belongs beside it. */
  #hint: Entry | undefined;

  get head(): Entry | undefined {
    return this.#head;
  }

  get size(): number {
    return this.#size;
  }

  insert(entry: Entry): void {
    let before = this.#startOfWalk(entry.seq);
    while (before !== undefined && before.seq > entry.seq) before = before.previous;
    while (before?.next !== undefined && before.next.seq < entry.seq) before = before.next;
    const after = before === undefined ? this.#head : before.next;
    entry.previous = before;
    entry.next = after;
    if (before === undefined) this.#head = entry;
    else before.next = entry;
    if (after === undefined) this.#tail = entry;
    else after.previous = entry;
    this.#size++;
    this.#hint = entry;
  }

  remove(entry: Entry): void {
    const { previous, next } = entry;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    if (this.#hint === entry) this.#hint = previous;
    entry.previous = undefined;
    entry.next = undefined;
    this.#size--;
  }

  find(seq: number): Entry | undefined {
    let entry = this.#head;
    while (entry !== undefined && entry.seq < seq) entry = entry.next;
    return entry?.seq === seq ? entry : undefined;
  }

  /** The first entry behind a position. Quick where that is near the end, as for whoever has seen the rest. */
  firstAfter(seq: number): Entry | undefined {
    let entry = this.#tail;
    if (entry === undefined || entry.seq <= seq) return undefined;
    while (entry.previous !== undefined && entry.previous.seq > seq) entry = entry.previous;
    return entry;
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    let entry = this.#head;
    while (entry !== undefined) {
      // Taken before the yield: the receiver may remove the entry.
      const { next } = entry;
      yield entry;
      entry = next;
    }
  }

  clear(): void {
    this.#head = undefined;
    this.#tail = undefined;
    this.#hint = undefined;
    this.#size = 0;
  }

  /** An entry to walk from: the tail for new entries, the hint for returning ones; undefined: before the head. */
  #startOfWalk(seq: number): Entry | undefined {
    if (this.#tail === undefined || this.#tail.seq < seq) return this.#tail;
    if (this.#head!.seq > seq) return undefined;
    return this.#hint ?? this.#head;
  }
}
