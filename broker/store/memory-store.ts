// The store's contract in memory, for tests: nothing survives it. Commits can be held back and made to fail, to see
// that nothing is acknowledged before it is stored.

import { BrokerError } from '../core/errors.ts';
import { messageSize } from '../core/message.ts';
import type { Message } from '../core/message.ts';
import type {
  Change,
  DelayedEntry,
  Delivery,
  EntryKey,
  Expired,
  PageLimit,
  QueueDefinition,
  Store,
  StoredEntry,
  StoredQueue,
  StoreStats,
} from '../core/store.ts';
import type { StreamStore } from '../core/stream-store.ts';
import { MemoryStreams } from './memory-streams.ts';

interface Row {
  readonly messageId: number;
  readonly residence: 'durable' | 'spilled';
  readonly dueAt?: number | undefined;
  delivery?: Delivery | undefined;
}

interface QueueRows {
  definition: QueueDefinition | undefined;
  /** By position; positions only grow, so the map is in order. */
  readonly ready: Map<number, Row>;
  readonly delayed: Map<number, Row>;
}

interface Unit {
  readonly changes: readonly Change[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class MemoryStore implements Store {
  /** What `stats` says; for tests. */
  usedBytes = 0;
  readonly epoch = 1;
  pendingBytes = 0;
  readonly #queues = new Map<number, QueueRows>();
  readonly #messages = new Map<number, { message: Message; references: number }>();
  readonly #records = new Map<string, Map<string, Buffer>>();
  readonly #counters = new Map<string, number>();
  readonly #streams = new MemoryStreams();
  #lastId = 0;
  #units: Unit[] = [];
  #scheduled = false;
  #held = false;
  #failure: BrokerError | undefined;
  #commits = 0;
  #closed = false;

  nextId(): number {
    return ++this.#lastId;
  }

  write(changes: readonly Change[]): Promise<void> {
    if (this.#closed) return Promise.reject(new BrokerError('closed', 'the store is closed'));
    const bytes = changes.reduce((sum, change) => sum + sizeOf(change), 0);
    this.pendingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#units.push({ changes, bytes, resolve, reject });
      this.#schedule();
    });
  }

  /** Holds back all commits until `resume`. */
  hold(): void {
    this.#held = true;
  }

  resume(): void {
    this.#held = false;
    this.#schedule();
  }

  /** Makes every commit fail with `error` until called with undefined. */
  fail(error: BrokerError | undefined): void {
    this.#failure = error;
  }

  async readQueues(): Promise<readonly StoredQueue[]> {
    const queues: StoredQueue[] = [];
    for (const { definition, ready, delayed } of this.#queues.values()) {
      if (definition === undefined) continue;
      const due = [...delayed.values()].map((row) => row.dueAt!);
      const nextDueAt = due.length === 0 ? undefined : Math.min(...due);
      queues.push({ ...definition, entries: ready.size, delayed: delayed.size, leased: 0, nextDueAt });
    }
    return queues;
  }

  async readPage(queueId: number, after: number, limit: PageLimit): Promise<readonly StoredEntry[]> {
    const page: StoredEntry[] = [];
    let bytes = 0;
    for (const [seq, row] of this.#queues.get(queueId)?.ready ?? []) {
      if (seq <= after) continue;
      if (page.length >= limit.entries || bytes >= limit.bytes) break;
      const entry = this.#stored(seq, row);
      bytes += messageSize(entry.message);
      page.push(entry);
    }
    return page;
  }

  async readEntries(queueId: number, seqs: readonly number[]): Promise<readonly StoredEntry[]> {
    const ready = this.#queues.get(queueId)?.ready;
    return seqs.flatMap((seq) => {
      const row = ready?.get(seq);
      return row === undefined ? [] : [this.#stored(seq, row)];
    });
  }

  async readDelayed(queueId: number, before: number, limit: PageLimit): Promise<readonly DelayedEntry[]> {
    const rows = [...(this.#queues.get(queueId)?.delayed ?? [])].filter(([, row]) => row.dueAt! <= before);
    rows.sort(([, a], [, b]) => a.dueAt! - b.dueAt!);
    return rows.slice(0, limit.entries).map(([seq, row]) => ({ ...this.#stored(seq, row), dueAt: row.dueAt! }));
  }

  async readNextDue(queueId: number): Promise<number | undefined> {
    const [first] = await this.readDelayed(queueId, Infinity, { entries: 1, bytes: Infinity });
    return first?.dueAt;
  }

  async readExpired(now: number, limit: number, after?: Expired): Promise<readonly Expired[]> {
    const expired: Expired[] = [];
    for (const [queueId, { ready }] of this.#queues) {
      for (const [seq, row] of ready) {
        const { expiresAt } = this.#stored(seq, row).message;
        const isDead = row.delivery?.dead !== undefined;
        if (expiresAt !== undefined && expiresAt <= now && !isDead) expired.push({ expiresAt, queueId, seq });
      }
    }
    expired.sort(compareExpired);
    const from = after === undefined ? 0 : expired.findIndex((one) => compareExpired(one, after) > 0);
    return from < 0 ? [] : expired.slice(from, from + limit);
  }

  async readRecords(type: string): Promise<readonly { key: string; value: Buffer }[]> {
    return [...(this.#records.get(type) ?? [])].map(([key, value]) => ({ key, value }));
  }

  async readRecord(type: string, key: string): Promise<Buffer | undefined> {
    return this.#records.get(type)?.get(key);
  }

  async readRecordPage(type: string, from: string, limit: number): Promise<readonly { key: string; value: Buffer }[]> {
    const first = Buffer.from(from);
    return (await this.readRecords(type))
      .map((record) => ({ ...record, bytes: Buffer.from(record.key) }))
      .filter(({ bytes }) => Buffer.compare(bytes, first) >= 0)
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .slice(0, limit)
      .map(({ key, value }) => ({ key, value }));
  }

  async readCounters(prefix: string): Promise<ReadonlyMap<string, number>> {
    return new Map([...this.#counters].filter(([name]) => name.startsWith(prefix)));
  }

  readStreams: StreamStore['readStreams'] = () => this.#streams.readStreams();
  readSegments: StreamStore['readSegments'] = (...given) => this.#streams.readSegments(...given);
  findSegment: StreamStore['findSegment'] = (...given) => this.#streams.findSegment(...given);
  readCheckpoints: StreamStore['readCheckpoints'] = (consumer) => this.#streams.readCheckpoints(consumer);

  async stats(): Promise<StoreStats> {
    return { bytes: 0, usedBytes: this.usedBytes, spilledBytes: 0, commits: this.#commits, lastCommitMs: 0 };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#held = false;
    this.#commit();
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#scheduled || this.#held) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#held) this.#commit();
    });
  }

  #commit(): void {
    const units = this.#units;
    this.#units = [];
    if (units.length > 0) this.#commits++;
    for (const { changes, bytes, resolve, reject } of units) {
      this.pendingBytes -= bytes;
      if (this.#failure !== undefined) {
        reject(this.#failure);
        continue;
      }
      for (const change of changes) this.#apply(change);
      resolve();
    }
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case 'put':
        this.#messages.set(change.messageId, { message: change.message, references: change.entries.length });
        for (const { queueId, seq, dueAt } of change.entries) {
          const row: Row = { messageId: change.messageId, residence: change.residence, dueAt };
          const rows = this.#rows(queueId);
          if (seq < change.messageId) insertInOrder(rows.ready, seq, row);
          else (dueAt === undefined ? rows.ready : rows.delayed).set(seq, row);
        }
        return;
      case 'settle':
        this.#remove(this.#rows(change.entry.queueId).ready, change.entry);
        return;
      case 'deliver': {
        const row = this.#rows(change.entry.queueId).ready.get(change.entry.seq);
        if (row !== undefined) row.delivery = change.delivery;
        return;
      }
      case 'move': {
        const from = this.#rows(change.entry.queueId).ready;
        const row = from.get(change.entry.seq);
        if (row === undefined) return;
        from.delete(change.entry.seq);
        this.#rows(change.toQueueId).ready.set(change.toSeq, { ...row, delivery: change.delivery });
        return;
      }
      case 'due': {
        const rows = this.#rows(change.entry.queueId);
        const row = rows.delayed.get(change.entry.seq);
        if (row === undefined) return;
        rows.delayed.delete(change.entry.seq);
        const to = this.#rows(change.toQueueId ?? change.entry.queueId);
        to.ready.set(change.toSeq, { messageId: row.messageId, residence: row.residence });
        return;
      }
      case 'queue':
        this.#rows(change.queue.id).definition = change.queue;
        return;
      case 'purge':
      case 'drop-queue': {
        const rows = this.#rows(change.queueId);
        for (const kind of [rows.ready, rows.delayed]) {
          for (const [seq, row] of kind) {
            if (change.kind === 'drop-queue' || seq <= change.upToSeq) this.#remove(kind, { seq, ...row });
          }
        }
        if (change.kind === 'drop-queue') this.#queues.delete(change.queueId);
        return;
      }
      case 'record': {
        let byKey = this.#records.get(change.type);
        if (byKey === undefined) this.#records.set(change.type, (byKey = new Map<string, Buffer>()));
        if (change.value === undefined) byKey.delete(change.key);
        else byKey.set(change.key, Buffer.from(change.value));
        return;
      }
      case 'count':
        this.#counters.set(change.counter, (this.#counters.get(change.counter) ?? 0) + change.by);
        return;
      default:
        this.#streams.apply(change);
    }
  }

  #rows(queueId: number): QueueRows {
    let rows = this.#queues.get(queueId);
    if (rows === undefined) {
      rows = { definition: undefined, ready: new Map(), delayed: new Map() };
      this.#queues.set(queueId, rows);
    }
    return rows;
  }

  #remove(rows: Map<number, Row>, { seq, messageId }: Pick<EntryKey, 'seq' | 'messageId'>): void {
    if (!rows.delete(seq)) return;
    const stored = this.#messages.get(messageId);
    if (stored !== undefined && --stored.references === 0) this.#messages.delete(messageId);
  }

  #stored(seq: number, row: Row): StoredEntry {
    const { message, references } = this.#messages.get(row.messageId)!;
    const { messageId, residence, delivery } = row;
    return { seq, messageId, sole: references === 1, residence, message, delivery };
  }
}

function sizeOf(change: Change): number {
  if (change.kind === 'append') return change.bytes.length;
  return change.kind === 'put' ? messageSize(change.message) : 0;
}

/** Into a place that another entry has left. */
function insertInOrder(rows: Map<number, Row>, seq: number, row: Row): void {
  const behind = [...rows].filter(([other]) => other > seq);
  for (const [other] of behind) rows.delete(other);
  rows.set(seq, row);
  for (const [other, moved] of behind) rows.set(other, moved);
}

function compareExpired(a: Expired, b: Expired): number {
  return a.expiresAt - b.expiresAt || a.queueId - b.queueId || a.seq - b.seq;
}
