// Reads, on the store's thread. What is durable and what spilled are read as one.

import type Database from 'better-sqlite3';
import type { Expired, StoreStats } from '../core/store.ts';
import type { DelayedRow, EntryRow, QueueRow } from './thread-protocol.ts';

const columns = `e.queue, e.seq, e.message, m.refs, m.data,
  d.attempts, d.first_at, d.until, d.token, d.reason, d.origin, d.died_at`;

function entriesOf(schema: 'main' | 'temp', where: string): string {
  return `SELECT ${columns}, ${schema === 'temp' ? 1 : 0} AS spilled FROM ${schema}.entry e
    JOIN ${schema}.message m ON m.id = e.message
    LEFT JOIN ${schema}.delivery d ON d.queue = e.queue AND d.seq = e.seq WHERE ${where}`;
}

function delayedOf(schema: 'main' | 'temp'): string {
  return `SELECT e.due_at, e.queue, e.seq, e.message, m.refs, m.data, NULL AS attempts, NULL AS first_at, NULL AS until,
    NULL AS token, NULL AS reason, NULL AS origin, NULL AS died_at, ${schema === 'temp' ? 1 : 0} AS spilled
    FROM ${schema}.delayed e JOIN ${schema}.message m ON m.id = e.message
    WHERE e.queue = @queue AND e.due_at <= @before
      AND e.seq > coalesce((SELECT floor FROM main.queue WHERE id = @queue), 0)`;
}

const inPage = 'e.queue = @queue AND e.seq > @after';

export class Reader {
  readonly #database: Database.Database;
  readonly #page: Database.Statement<[{ queue: number; after: number }], EntryRow>;
  readonly #entry: Database.Statement<[{ queue: number; seq: number }], EntryRow>;
  readonly #delayed: Database.Statement<[{ queue: number; before: number }], DelayedRow>;
  readonly #nextDue: Database.Statement<[{ queue: number }], number | null>;
  readonly #expired: Database.Statement<[{ now: number; limit: number } & Expired], Expired>;
  readonly #floor: Database.Statement<[number], number>;
  readonly #queues: Database.Statement<[{ now: number }], QueueRow>;
  readonly #records: Database.Statement<[string], { key: string; value: Buffer }>;
  readonly #record: Database.Statement<[string, string], Buffer>;
  readonly #recordPage: Database.Statement<[string, string, number], { key: string; value: Buffer }>;
  readonly #counters: Database.Statement<[string, string], { name: string; value: number }>;

  constructor(database: Database.Database) {
    this.#database = database;
    const both = (where: string): string => `${entriesOf('main', where)} UNION ALL ${entriesOf('temp', where)}`;
    this.#page = database.prepare(`${both(inPage)} ORDER BY 2`);
    this.#entry = database.prepare(both('e.queue = @queue AND e.seq = @seq'));
    this.#delayed = database.prepare(`${delayedOf('main')} UNION ALL ${delayedOf('temp')} ORDER BY 1, 3`);
    this.#nextDue = database
      .prepare<[{ queue: number }], number | null>(
        `SELECT min(at) FROM (SELECT min(due_at) AS at FROM main.delayed WHERE queue = @queue
          UNION ALL SELECT min(due_at) FROM temp.delayed WHERE queue = @queue)`,
      )
      .pluck();
    // What spilled expires when its turn comes.
    this.#expired = database.prepare(`SELECT expires_at AS expiresAt, queue AS queueId, seq FROM main.entry
      WHERE expires_at IS NOT NULL AND expires_at <= @now AND (expires_at, queue, seq) > (@expiresAt, @queueId, @seq)
      ORDER BY expires_at, queue, seq LIMIT @limit`);
    this.#floor = database.prepare<[number], number>('SELECT floor FROM main.queue WHERE id = ?').pluck();
    this.#queues = database.prepare(`SELECT id, namespace, name, created_at, attributes, entries, delayed,
      (SELECT count(*) FROM main.delivery d WHERE d.queue = q.id AND d.until > @now AND d.seq > q.floor) AS leased,
      (SELECT min(due_at) FROM main.delayed WHERE queue = q.id) AS next_due_at FROM main.queue q`);
    this.#records = database.prepare('SELECT key, value FROM main.record WHERE type = ? ORDER BY key');
    this.#record = database
      .prepare<[string, string], Buffer>('SELECT value FROM main.record WHERE type = ? AND key = ?')
      .pluck();
    this.#recordPage = database.prepare(
      'SELECT key, value FROM main.record WHERE type = ? AND key >= ? ORDER BY key LIMIT ?',
    );
    this.#counters = database.prepare('SELECT name, value FROM main.counter WHERE name >= ? AND name < ?');
  }

  queues(now: number): QueueRow[] {
    return this.#queues.all({ now });
  }

  page(queueId: number, after: number, entries: number, bytes: number): EntryRow[] {
    const from = Math.max(after, this.#floor.get(queueId) ?? 0);
    return take(this.#page.iterate({ queue: queueId, after: from }), entries, bytes);
  }

  entries(queueId: number, seqs: readonly number[]): EntryRow[] {
    return seqs.flatMap((seq) => this.#entry.get({ queue: queueId, seq }) ?? []);
  }

  delayed(queueId: number, before: number, entries: number, bytes: number): DelayedRow[] {
    const latest = Math.min(before, Number.MAX_SAFE_INTEGER);
    return take(this.#delayed.iterate({ queue: queueId, before: latest }), entries, bytes);
  }

  nextDue(queueId: number): number | undefined {
    return this.#nextDue.get({ queue: queueId }) ?? undefined;
  }

  expired(now: number, limit: number, after: Expired = { expiresAt: 0, queueId: 0, seq: 0 }): Expired[] {
    return this.#expired.all({ now, limit, ...after });
  }

  records(type: string): { key: string; value: Buffer }[] {
    return this.#records.all(type);
  }

  record(type: string, key: string): Buffer | undefined {
    return this.#record.get(type, key);
  }

  recordPage(type: string, from: string, limit: number): { key: string; value: Buffer }[] {
    return this.#recordPage.all(type, from, limit);
  }

  counters(prefix: string): { name: string; value: number }[] {
    return this.#counters.all(prefix, `${prefix}\u{10ffff}`);
  }

  stats(commits: number, lastCommitMs: number): StoreStats {
    const pageSize = this.#pragma('page_size');
    const bytes = this.#pragma('page_count') * pageSize;
    const usedBytes = bytes - this.#pragma('freelist_count') * pageSize;
    const spilledBytes = (this.#pragma('temp.page_count') - this.#pragma('temp.freelist_count')) * pageSize;
    return { bytes, usedBytes, spilledBytes, commits, lastCommitMs };
  }

  #pragma(name: string): number {
    return Number(this.#database.pragma(name, { simple: true }));
  }
}

function take<Row extends { readonly data: Uint8Array }>(rows: Iterable<Row>, entries: number, bytes: number): Row[] {
  const taken: Row[] = [];
  let size = 0;
  for (const row of rows) {
    taken.push(row);
    size += row.data.length;
    if (taken.length >= entries || size >= bytes) break;
  }
  return taken;
}
