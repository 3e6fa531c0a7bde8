// Reads streams, on the store's thread.

import type Database from 'better-sqlite3';
import { segmentKey, segmentPosition } from './stream-statements.ts';
import type { SegmentRows, ShardRow, StreamRow } from './thread-protocol.ts';

interface SegmentRow {
  readonly position: number;
  readonly records: number;
  readonly last_at: number;
}

interface DataRow extends SegmentRow {
  readonly data: Buffer;
}

type Range = [shard: number, position: number, shard: number, end: number];

const end = 2 ** 40;
const inRange = `id >= ${segmentKey} AND id < ${segmentKey}`;
const columns = `${segmentPosition} AS position, records, last_at`;

export class StreamReader {
  readonly #streams: Database.Statement<[], StreamRow>;
  readonly #shards: Database.Statement<[], Omit<ShardRow, 'next_position' | 'oldest_at' | 'newest_at'>>;
  readonly #nextKey: Database.Statement<[], number>;
  readonly #first: Database.Statement<Range, SegmentRow>;
  readonly #last: Database.Statement<Range, SegmentRow>;
  readonly #data: Database.Statement<Range, DataRow>;
  readonly #checkpoints: Database.Statement<[string], { shard: number; position: number }>;

  constructor(database: Database.Database) {
    this.#streams = database.prepare(
      'SELECT id, namespace, name, created_at, retention_ms, next_shard, attributes FROM main.stream',
    );
    this.#shards =
      database.prepare(`SELECT id, stream, number, first_hash, last_hash, parent, adjacent_parent, opened_at,
      closed_at, first_position FROM main.shard ORDER BY stream, number`);
    // What is dropped keeps its key until its segments are gone.
    this.#nextKey = database
      .prepare<[], number>(
        `SELECT 1 + max(coalesce((SELECT max(id) FROM main.shard), 0),
          coalesce((SELECT max(shard) FROM main.segment_garbage), 0))`,
      )
      .pluck();
    this.#first = database.prepare(`SELECT ${columns} FROM main.segment WHERE ${inRange} ORDER BY id LIMIT 1`);
    this.#last = database.prepare(`SELECT ${columns} FROM main.segment WHERE ${inRange} ORDER BY id DESC LIMIT 1`);
    this.#data = database.prepare(`SELECT ${columns}, data FROM main.segment WHERE ${inRange} ORDER BY id`);
    this.#checkpoints = database.prepare('SELECT shard, position FROM main.checkpoint WHERE consumer = ?');
  }

  streams(): { streams: StreamRow[]; shards: ShardRow[]; nextShardKey: number } {
    const shards = this.#shards.all().map((shard) => {
      const { id, first_position: firstPosition } = shard;
      const last = this.#last.get(id, 0, id, end);
      const oldest = this.#first.get(id, firstPosition, id, end);
      return {
        ...shard,
        next_position: Math.max(firstPosition, last === undefined ? 0 : last.position + last.records),
        oldest_at: oldest?.last_at ?? null,
        newest_at: last?.last_at ?? null,
      };
    });
    return { streams: this.#streams.all(), shards, nextShardKey: this.#nextKey.get() ?? 1 };
  }

  segments(shard: number, position: number, records: number, bytes: number): SegmentRows {
    const before = this.#last.get(shard, 0, shard, position + 1);
    const start = before !== undefined && before.position + before.records > position ? before.position : position;
    const rows: DataRow[] = [];
    let length = 0;
    // Of the first segment, what comes before the position does not count.
    let found = start - position;
    for (const row of this.#data.iterate(shard, start, shard, end)) {
      rows.push(row);
      length += row.data.length;
      found += row.records;
      if (found >= records || length >= bytes) break;
    }
    // Memory of its own, to be handed over.
    const all = Buffer.allocUnsafeSlow(length);
    let offset = 0;
    for (const { data } of rows) offset += data.copy(all, offset);
    return {
      runs: rows.map((row) => ({ position: row.position, records: row.records, length: row.data.length })),
      bytes: all.buffer,
    };
  }

  /** Times grow with positions: halves the range until one segment is left. */
  find(shard: number, since: number): SegmentRow | undefined {
    let best = this.#last.get(shard, 0, shard, end);
    if (best === undefined || best.last_at < since) return undefined;
    /** Everything up to `low` is older; nothing from `high` on is better than `best`. */
    let low = -1;
    let high = best.position;
    while (low + 1 < high) {
      const middle = Math.floor((low + 1 + high) / 2);
      const row = this.#first.get(shard, middle, shard, high);
      if (row === undefined) high = middle;
      else if (row.last_at < since) low = row.position;
      else {
        best = row;
        high = middle;
      }
    }
    return best;
  }

  checkpoints(consumer: string): { shard: number; position: number }[] {
    return this.#checkpoints.all(consumer);
  }
}
