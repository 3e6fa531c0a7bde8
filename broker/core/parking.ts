// Ready entries that have to wait for more than their turn, out of the way of those behind them. By what they wait for,
// in order of position.

import type { Entry } from './entry.ts';

/** Entries of one queue, beyond which its head waits with the rest: each costs some hundred bytes. */
const mostEntries = 20_000;

export class Parking<Gate> {
  readonly #byGate = new Map<Gate, Entry[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= mostEntries;
  }

  /** Something waits there that comes before the position. */
  isBehind(gate: Gate, seq: number): boolean {
    const first = this.#byGate.get(gate)?.[0];
    return first !== undefined && first.seq < seq;
  }

  park(gate: Gate, entry: Entry): void {
    const entries = this.#byGate.get(gate);
    this.#count++;
    if (entries === undefined) {
      this.#byGate.set(gate, [entry]);
      return;
    }
    let at = entries.length;
    while (at > 0 && entries[at - 1]!.seq > entry.seq) at--;
    entries.splice(at, 0, entry);
  }

  /** What is waited for. */
  gates(): readonly Gate[] {
    return [...this.#byGate.keys()];
  }

  /** Takes out the first ones that wait there, at most `limit`. */
  take(gate: Gate, limit = Infinity): readonly Entry[] {
    const entries = this.#byGate.get(gate);
    if (entries === undefined) return none;
    const taken = entries.splice(0, Math.min(limit, entries.length));
    if (entries.length === 0) this.#byGate.delete(gate);
    this.#count -= taken.length;
    return taken;
  }

  /** False: it does not wait here. */
  remove(entry: Entry): boolean {
    for (const [gate, entries] of this.#byGate) {
      const at = entries.indexOf(entry);
      if (at < 0) continue;
      entries.splice(at, 1);
      if (entries.length === 0) this.#byGate.delete(gate);
      this.#count--;
      return true;
    }
    return false;
  }

  find(seq: number): Entry | undefined {
    for (const entries of this.#byGate.values()) {
      const found = entries.find((entry) => entry.seq === seq);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (const entries of this.#byGate.values()) yield* entries;
  }

  clear(): void {
    this.#byGate.clear();
    this.#count = 0;
  }
}

const none: readonly Entry[] = [];
