// Groups that share a queue fairly: who has more than their share in flight comes after those who have not, as long as
// there are such among the entries in memory. Nothing is held back from a receiver for it, and no order is promised.

import type { Entry } from './entry.ts';

/** Of what is in flight: beyond that part of it, and that many, a group is noisy. */
const share = 0.1;
const fewestNoisy = 30;
/** Ready entries that are looked through for one of another group. */
const lookedThrough = 1000;

export class FairGroups {
  /** Positions in flight, each with its group. */
  readonly #flying = new Map<number, string>();
  readonly #counts = new Map<string, number>();

  /** It is under a lease. */
  tookOff({ seq, groupId }: Entry): void {
    if (groupId === undefined || this.#flying.has(seq)) return;
    this.#flying.set(seq, groupId);
    this.#counts.set(groupId, this.#inFlight(groupId) + 1);
  }

  /** Its lease is over. */
  landed({ seq }: Entry): void {
    const groupId = this.#flying.get(seq);
    if (groupId === undefined) return;
    this.#flying.delete(seq);
    const count = this.#inFlight(groupId) - 1;
    if (count === 0) this.#counts.delete(groupId);
    else this.#counts.set(groupId, count);
  }

  /** Of the ready entries, in order, the one whose turn it is. `inFlight`: of the whole queue. */
  choose(head: Entry, ready: Iterable<Entry>, inFlight: number): Entry {
    const limit = Math.max(fewestNoisy - 1, inFlight * share);
    if (this.#noise(head) <= limit) return head;
    let chosen = head;
    let least = this.#noise(head);
    let looked = 0;
    for (const entry of ready) {
      const noise = this.#noise(entry);
      if (noise <= limit) return entry;
      if (noise < least) [chosen, least] = [entry, noise];
      if (++looked === lookedThrough) break;
    }
    // All of them are noisy: the one that has least.
    return chosen;
  }

  clear(): void {
    this.#flying.clear();
    this.#counts.clear();
  }

  /** Without a group it is alone. */
  #noise({ groupId }: Entry): number {
    return groupId === undefined ? 0 : this.#inFlight(groupId);
  }

  #inFlight(groupId: string): number {
    return this.#counts.get(groupId) ?? 0;
  }
}
