// The ready entries of a queue whose priorities are kept strictly: a backlog for each of the ten, of which the highest that
// has anything gives the head. In the store each is a queue of its own, so that all of a backlog's rules hold for it.

import { Backlog } from './backlog.ts';
import type { BacklogEvents, Waiting } from './backlog.ts';
import type { Entry } from './entry.ts';
import type { Queue } from './queue.ts';
import type { QueueContext } from './queue-context.ts';
import type { StoredEntry } from './store.ts';

export class PrioritizedBacklog implements Waiting {
  /** The highest priority first. */
  readonly #bands: readonly Backlog[];

  constructor(queue: Queue, ids: readonly number[], context: QueueContext, events: BacklogEvents) {
    this.#bands = ids.map((id) => new Backlog(queue, id, context, events)).reverse();
  }

  restore(priority: number, entries: number, leased: number): void {
    this.#band(priority).restore(priority, entries, leased);
  }

  get readyCount(): number {
    return this.#bands.reduce((sum, { readyCount }) => sum + readyCount, 0);
  }

  get pagedLeasedCount(): number {
    return this.#bands.reduce((sum, { pagedLeasedCount }) => sum + pagedLeasedCount, 0);
  }

  get reading(): boolean {
    return this.#bands.some(({ reading }) => reading);
  }

  /** What is of a higher priority, and still on disk, is waited for. */
  get head(): Entry | undefined {
    return this.#first?.head;
  }

  residenceOfTransient(priority: number): 'memory' | 'spilled' {
    return this.#band(priority).residenceOfTransient();
  }

  isPaged(entry: StoredEntry): boolean {
    return this.#band(entry.message.priority).isPaged(entry);
  }

  arrived(entry: Entry): void {
    this.#band(entry.priority).arrived(entry);
  }

  arrivedOnDisk(priority: number): void {
    this.#band(priority).arrivedOnDisk();
  }

  add(entry: Entry): void {
    this.#band(entry.priority).add(entry);
  }

  remove(entry: Entry): void {
    this.#band(entry.priority).remove(entry);
  }

  find(seq: number): Entry | undefined {
    for (const band of this.#bands) {
      const found = band.find(seq);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whoever selects sees entries in the order of their positions: what it has passed by is one position. */
  firstAfter(seq: number): Entry | undefined {
    let first: Entry | undefined;
    for (const band of this.#bands) {
      const found = band.firstAfter(seq);
      if (found !== undefined && (first === undefined || found.seq < first.seq)) first = found;
    }
    return first;
  }

  get hasPages(): boolean {
    return this.#bands.some(({ hasPages }) => hasPages);
  }

  async scan(after: number): Promise<readonly StoredEntry[]> {
    const pages = await Promise.all(this.#bands.filter(({ hasPages }) => hasPages).map((band) => band.scan(after)));
    // Beyond the end of the shortest page there may be more of it, before what others have there.
    const end = Math.min(...pages.map((page) => page.at(-1)?.seq ?? Infinity));
    return pages.flatMap((page) => page.filter(({ seq }) => seq <= end)).sort((a, b) => a.seq - b.seq);
  }

  extract(stored: StoredEntry): Entry | undefined {
    return this.#band(stored.message.priority).extract(stored);
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (const band of this.#bands) yield* band;
  }

  pagedLeaseChanged(before: number, until: number, priority: number): void {
    this.#band(priority).pagedLeaseChanged(before, until);
  }

  pagedLeft(entry: Entry): void {
    this.#band(entry.priority).pagedLeft(entry);
  }

  clear(seq: number): void {
    for (const band of this.#bands) band.clear(seq);
  }

  fill(): void {
    this.#first?.fill();
  }

  reload(): void {
    this.#first?.reload();
  }

  reloadThese(entries: readonly Entry[], onLooked: (entry: Entry) => void): void {
    for (const [priority, band] of this.#bands.toReversed().entries()) {
      const own = entries.filter((entry) => entry.priority === priority);
      if (own.length > 0) band.reloadThese(own, onLooked);
    }
  }

  /** The highest that has anything, in memory or on disk. */
  get #first(): Backlog | undefined {
    return this.#bands.find((band) => band.readyCount > 0);
  }

  #band(priority: number): Backlog {
    return this.#bands[this.#bands.length - 1 - priority]!;
  }
}
