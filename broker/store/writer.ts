// Writes, on the store's thread: one batch is one transaction, begun by taking the write lock and proving the epoch.

import type Database from 'better-sqlite3';
import { BrokerError } from '../core/errors.ts';
import { statements } from './statements.ts';
import type { Statement } from './statements.ts';
import { SegmentTrimmer } from './stream-trimmer.ts';
import type { Calls } from './thread-protocol.ts';
import { systemClock } from '../util/clock.ts';

interface Prepared extends Statement {
  readonly run: Database.Statement;
}

/** Rows of garbage removed in one transaction: few, because acknowledgements wait behind them. */
const trimRows = 200;

export class Writer {
  commits = 0;
  lastCommitMs = 0;
  readonly #database: Database.Database;
  readonly #epoch: number;
  readonly #prepared: readonly Prepared[];
  readonly #begin: Database.Statement<[]>;
  readonly #commit: Database.Statement<[]>;
  readonly #rollback: Database.Statement<[]>;
  readonly #prove: Database.Statement<[number, number]>;
  readonly #addCounts: Database.Statement<[number, number, number]>;
  readonly #counts = new Map<number, { entries: number; delayed: number }>();
  readonly #trimmer: Trimmer;
  readonly #segmentTrimmer: SegmentTrimmer;
  #mayHaveGarbage = true;

  constructor(database: Database.Database, epoch: number) {
    this.#database = database;
    this.#epoch = epoch;
    this.#prepared = statements.map((statement) => ({ ...statement, run: database.prepare(statement.sql) }));
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
    this.#prove = database.prepare('UPDATE engine SET beat = beat + 1, next_id = max(next_id, ?) WHERE epoch = ?');
    this.#addCounts = database.prepare('UPDATE queue SET entries = entries + ?, delayed = delayed + ? WHERE id = ?');
    this.#trimmer = new Trimmer(database);
    this.#segmentTrimmer = new SegmentTrimmer(database);
  }

  /**
   * Runs the programs and commits, or does nothing at all.
   * @throws BrokerError `fenced`: another engine raised the epoch. SqliteError otherwise.
   */
  write(batches: readonly Calls['write']['args'][]): void {
    const startedAt = systemClock.monotonic();
    const [, , nextId] = batches.at(-1)!;
    this.#transact(nextId, () => {
      for (const [program, bytes] of batches) this.#run(program, Buffer.from(bytes));
      this.#writeCounts();
    });
    this.commits++;
    this.lastCommitMs = systemClock.monotonic() - startedAt;
  }

  /** Removes some of what was purged or dropped; false when nothing is left. */
  trim(): boolean {
    if (!this.#mayHaveGarbage) return false;
    this.#transact(0, () => {
      this.#mayHaveGarbage = this.#trimmer.step(trimRows) || this.#segmentTrimmer.step();
    });
    return this.#mayHaveGarbage;
  }

  #transact(nextId: number, work: () => void): void {
    this.#begin.run();
    try {
      if (this.#prove.run(nextId, this.#epoch).changes !== 1) {
        throw new BrokerError('fenced', 'another engine has taken over the store');
      }
      work();
      this.#commit.run();
    } catch (error) {
      this.#counts.clear();
      // Some failures roll back by themselves.
      if (this.#database.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  #run(program: Float64Array, bytes: Buffer): void {
    for (let at = 0; at < program.length;) {
      const statement = this.#prepared[program[at++]!]!;
      const first = program[at]!;
      const args: unknown[] = [];
      for (const kind of statement.args) {
        const value = program[at++]!;
        if (kind === 'n') {
          args.push(Number.isNaN(value) ? null : value);
          continue;
        }
        const length = program[at++]!;
        if (Number.isNaN(value)) args.push(null);
        else if (kind === 'b') args.push(bytes.subarray(value, value + length));
        else args.push(bytes.toString('utf8', value, value + length));
      }
      const { changes } = statement.run.run(...args);
      if (statement.counts !== undefined && changes > 0) this.#count(first, statement.counts);
      if (statement.resetsCounts === true) {
        this.#counts.delete(first);
        this.#mayHaveGarbage = true;
      }
      if (statement.leavesGarbage === true) this.#mayHaveGarbage = true;
    }
  }

  #writeCounts(): void {
    for (const [queueId, { entries, delayed }] of this.#counts) this.#addCounts.run(entries, delayed, queueId);
    this.#counts.clear();
  }

  #count(queueId: number, { entries = 0, delayed = 0 }: NonNullable<Statement['counts']>): void {
    const counts = this.#counts.get(queueId);
    if (counts === undefined) this.#counts.set(queueId, { entries, delayed });
    else {
      counts.entries += entries;
      counts.delayed += delayed;
    }
  }
}

interface GarbageRow {
  readonly queue: number;
  readonly up_to: number;
}

interface EntryRow {
  readonly seq: number;
  readonly message: number;
  readonly due_at: number;
}

/** Removes purged entries, with the messages that nothing else holds. */
class Trimmer {
  readonly #next: Database.Statement<[], GarbageRow>;
  readonly #done: Database.Statement<[number]>;
  readonly #schemas: readonly {
    readonly entries: Database.Statement<[number, number, number], EntryRow>;
    readonly delayed: Database.Statement<[number, number, number], EntryRow>;
    readonly deleteEntry: Database.Statement<[number, number]>;
    readonly deleteDelayed: Database.Statement<[number, number, number]>;
    readonly deleteDelivery: Database.Statement<[number, number]>;
    readonly release: Database.Statement<[number]>;
    readonly deleteReleased: Database.Statement<[number]>;
  }[];

  constructor(database: Database.Database) {
    this.#next = database.prepare('SELECT queue, up_to FROM garbage LIMIT 1');
    this.#done = database.prepare('DELETE FROM garbage WHERE queue = ?');
    this.#schemas = (['main', 'temp'] as const).map((schema) => ({
      entries: database.prepare(
        `SELECT seq, message, 0 AS due_at FROM ${schema}.entry WHERE queue = ? AND seq <= ? ORDER BY seq LIMIT ?`,
      ),
      delayed: database.prepare(
        `SELECT seq, message, due_at FROM ${schema}.delayed WHERE queue = ? AND seq <= ? LIMIT ?`,
      ),
      deleteEntry: database.prepare(`DELETE FROM ${schema}.entry WHERE queue = ? AND seq = ?`),
      deleteDelayed: database.prepare(`DELETE FROM ${schema}.delayed WHERE queue = ? AND due_at = ? AND seq = ?`),
      deleteDelivery: database.prepare(`DELETE FROM ${schema}.delivery WHERE queue = ? AND seq = ?`),
      release: database.prepare(`UPDATE ${schema}.message SET refs = refs - 1 WHERE id = ?`),
      deleteReleased: database.prepare(`DELETE FROM ${schema}.message WHERE id = ? AND refs <= 0`),
    }));
  }

  /** Removes at most `rows` entries; false when no garbage is left. */
  step(rows: number): boolean {
    const garbage = this.#next.get();
    if (garbage === undefined) return false;
    const { queue, up_to: upTo } = garbage;
    let left = rows;
    for (const schema of this.#schemas) {
      for (const { seq, message } of schema.entries.all(queue, upTo, left)) {
        schema.deleteEntry.run(queue, seq);
        schema.deleteDelivery.run(queue, seq);
        schema.release.run(message);
        schema.deleteReleased.run(message);
        left--;
      }
      for (const { seq, message, due_at: dueAt } of schema.delayed.all(queue, upTo, left)) {
        schema.deleteDelayed.run(queue, dueAt, seq);
        schema.release.run(message);
        schema.deleteReleased.run(message);
        left--;
      }
    }
    if (left === rows) this.#done.run(queue);
    return true;
  }
}
