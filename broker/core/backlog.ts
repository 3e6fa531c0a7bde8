// The ready entries of a queue: the head of them in memory, the rest on disk, read in pages as consumers get there.
// What it costs in memory does not grow with how much waits.

import { SparseSet } from '../util/sparse.ts';
import { Entry } from './entry.ts';
import type { Queue } from './queue.ts';
import type { QueueContext } from './queue-context.ts';
import type { StoredEntry } from './store.ts';
import { ReadyList } from './ready-list.ts';

export interface BacklogEvents {
  /** Something was read from disk: the head may have changed. */
  readonly onRead: () => void;
  /** A read is over, and what it brought was given to whom it is for; or it failed. */
  readonly onReadOver: () => void;
  /** A page held an entry whose lease, from before the engine started, has not ended. */
  readonly onLeased: (entry: Entry) => void;
}

/** The ready entries of a queue, in the order in which they are to be given. */
export type Waiting = Pick<Backlog, keyof Backlog>;

export class Backlog {
  readonly #queue: Queue;
  readonly #id: number;
  readonly #context: QueueContext;
  readonly #events: BacklogEvents;
  readonly #list = new ReadyList();
  #bytes = 0;
  /** Everything on disk up to this position is, or was, known in memory. */
  #cursor = 0;
  /** Entries on disk beyond the cursor. */
  #paged = 0;
  /** Of those, how many were under a lease when the engine started, or were put under one since. */
  #pagedLeased = 0;
  /** When what the store holds was counted: leases that end later are among the leased ones. */
  #restoredAt = 0;
  #reading = false;
  /** Positions beyond the cursor whose entries were taken out of turn: known in memory, or gone. */
  readonly #extracted = new SparseSet<number>();

  /** `id`: under which the store has its entries. */
  constructor(queue: Queue, id: number, context: QueueContext, events: BacklogEvents) {
    this.#queue = queue;
    this.#id = id;
    this.#context = context;
    this.#events = events;
  }

  /** The store holds this much from before the engine started; nothing of it is read yet. */
  restore(_priority: number, entries: number, leased: number): void {
    this.#paged = entries;
    this.#pagedLeased = leased;
    this.#restoredAt = this.#context.clock.now();
  }

  get readyCount(): number {
    return this.#list.size + this.#paged - this.#pagedLeased;
  }

  get pagedLeasedCount(): number {
    return this.#pagedLeased;
  }

  /** A read is under way. */
  get reading(): boolean {
    return this.#reading;
  }

  /** The first ready entry; undefined when there is none, or it is still on disk. */
  get head(): Entry | undefined {
    const { head } = this.#list;
    // An entry that lives in memory only may be ahead of what is read, and has to wait for it.
    return head !== undefined && this.#paged > 0 && head.seq > this.#cursor ? undefined : head;
  }

  /** Where a message that need not survive a crash goes: memory while there is room, else spilled to disk. */
  residenceOfTransient(_priority?: number): 'memory' | 'spilled' {
    return this.#paged > 0 || this.#full ? 'spilled' : 'memory';
  }

  isPaged({ seq }: StoredEntry): boolean {
    return seq > this.#cursor;
  }

  /** A new entry, its put committed: kept in memory if it is within the window, else left on disk. */
  arrived(entry: Entry): void {
    if (entry.residence !== 'memory' && (this.#paged > 0 || this.#full)) {
      this.#paged++;
      entry.message = undefined;
      entry.state = 'paged';
      return;
    }
    if (this.#paged === 0) this.#cursor = entry.seq;
    this.add(entry);
  }

  /** A new entry that is on disk only. */
  arrivedOnDisk(_priority?: number): void {
    this.#paged++;
  }

  /** An entry takes, or takes again, its place among the ready ones. */
  add(entry: Entry): void {
    entry.state = 'ready';
    this.#list.insert(entry);
    if (entry.message !== undefined) this.#account(entry.size);
  }

  remove(entry: Entry): void {
    this.#list.remove(entry);
    if (entry.message !== undefined) this.#account(-entry.size);
  }

  find(seq: number): Entry | undefined {
    return this.#list.find(seq);
  }

  /** The first ready entry in memory behind a position. */
  firstAfter(seq: number): Entry | undefined {
    return this.#list.firstAfter(seq);
  }

  /** Some of it is on disk only. */
  get hasPages(): boolean {
    return this.#paged > 0;
  }

  /** A page from behind a position, beyond what is in memory, without bringing it in: for whoever takes only some. */
  scan(after: number): Promise<readonly StoredEntry[]> {
    const { store, window } = this.#context;
    return store.readPage(this.#id, Math.max(after, this.#cursor), window);
  }

  /** Takes an entry out of turn, as `scan` found it; undefined if it is known in memory, or gone, by now. */
  extract(stored: StoredEntry): Entry | undefined {
    if (stored.seq <= this.#cursor || this.#extracted.has(stored.seq) || this.#paged === 0) return undefined;
    const entry = Entry.restore(this.#queue, stored);
    if (entry.until > this.#context.clock.now()) return undefined;
    this.#extracted.add(stored.seq);
    this.#paged--;
    return entry;
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.#list[Symbol.iterator]();
  }

  /** The lease of an entry on disk ends at `until` now, not at `before`. */
  pagedLeaseChanged(before: number, until: number, _priority?: number): void {
    const change = Number(this.#isCounted(until)) - Number(this.#isCounted(before));
    this.#pagedLeased = Math.max(0, this.#pagedLeased + change);
  }

  /** An entry was settled on disk without ever being read. */
  pagedLeft({ until }: Entry): void {
    this.#paged--;
    this.pagedLeaseChanged(until, 0);
  }

  /** Nothing up to `seq` is there any more. */
  clear(seq: number): void {
    for (const entry of this.#list) {
      this.remove(entry);
      entry.state = 'gone';
    }
    this.#paged = 0;
    this.#pagedLeased = 0;
    this.#extracted.clear();
    this.#cursor = Math.max(this.#cursor, seq);
  }

  /** Reads on when what is in memory runs low. */
  fill(): void {
    if (this.#paged === 0) return;
    if (this.head === undefined || this.#list.size < this.#context.window.entries / 2) this.#readPage();
  }

  /** Reads the messages of entries at the head that came back without them. */
  reload(): void {
    if (this.#reading) return;
    const absent: number[] = [];
    for (const entry of this.#list) {
      if (absent.length === this.#context.window.reload) break;
      if (entry.message === undefined) absent.push(entry.seq);
    }
    if (absent.length === 0) return;
    const { store } = this.#context;
    this.#read(store.readEntries(this.#id, absent), (found) => {
      const messages = new Map(found.map((stored) => [stored.seq, stored.message]));
      for (const seq of absent) {
        const entry = this.#list.find(seq);
        if (entry === undefined || entry.message !== undefined) continue;
        entry.message = messages.get(seq);
        if (entry.message === undefined) this.#vanished(entry);
        else this.#account(entry.size);
      }
    });
  }

  /** Reads the messages of entries that wait elsewhere; `onLooked` is called for each: it has one, or is not in the store. */
  reloadThese(entries: readonly Entry[], onLooked: (entry: Entry) => void): void {
    const { store } = this.#context;
    this.#read(
      store.readEntries(
        this.#id,
        entries.map(({ seq }) => seq),
      ),
      (found) => {
        const messages = new Map(found.map((stored) => [stored.seq, stored.message]));
        for (const entry of entries) {
          if (entry.state !== 'ready' || entry.message !== undefined) continue;
          entry.message = messages.get(entry.seq);
          onLooked(entry);
        }
      },
    );
  }

  get #full(): boolean {
    const { window, budget } = this.#context;
    if (this.#list.size >= window.entries || this.#bytes >= window.bytes) return true;
    return budget.exhausted && this.#list.size >= window.minimumEntries;
  }

  #isCounted(until: number): boolean {
    return until !== 0 && until > this.#restoredAt;
  }

  #readPage(): void {
    if (this.#reading) return;
    const { store, clock, window } = this.#context;
    const after = this.#cursor;
    this.#read(store.readPage(this.#id, after, window), (page) => {
      // A purge in the meantime moved the cursor past all of it.
      if (this.#cursor !== after) return;
      if (page.length === 0) this.#paged = 0;
      const now = clock.now();
      for (const stored of page) {
        this.#cursor = stored.seq;
        if (this.#extracted.delete(stored.seq)) continue;
        const entry = Entry.restore(this.#queue, stored);
        this.#paged--;
        this.pagedLeaseChanged(entry.until, 0);
        if (entry.until > now) this.#events.onLeased(entry);
        else this.add(entry);
      }
      // Settled ones were not on the page.
      for (const seq of this.#extracted) if (seq <= this.#cursor) this.#extracted.delete(seq);
    });
  }

  #read<T>(reading: Promise<T>, onDone: (result: T) => void): void {
    this.#reading = true;
    const work = reading.then((result) => {
      this.#reading = false;
      onDone(result);
      this.#events.onRead();
      this.#events.onReadOver();
    });
    this.#context.background(work, `read from queue "${this.#queue.name}"`, () => {
      this.#reading = false;
      this.#events.onReadOver();
    });
  }

  /** The store does not have it: a purge got there first. */
  #vanished(entry: Entry): void {
    this.#list.remove(entry);
    entry.state = 'gone';
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0) this.#context.budget.take(bytes);
    else this.#context.budget.free(-bytes);
  }
}
