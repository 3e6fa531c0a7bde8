// Removes segments that were dropped, on the store's thread: a bounded amount at a time, because acknowledgements wait
// behind it.

import type Database from 'better-sqlite3';
import { segmentKey } from './stream-statements.ts';

interface GarbageRow {
  readonly shard: number;
  readonly before: number;
}

const stepRows = 200;
const stepBytes = 4 * 1024 * 1024;

export class SegmentTrimmer {
  readonly #next: Database.Statement<[], GarbageRow>;
  readonly #done: Database.Statement<[number]>;
  readonly #sizes: Database.Statement<[number, number, number, number], { position: number; size: number }>;
  readonly #delete: Database.Statement<[number, number, number, number]>;

  constructor(database: Database.Database) {
    const inRange = `id >= ${segmentKey} AND id < ${segmentKey}`;
    this.#next = database.prepare('SELECT shard, before FROM main.segment_garbage LIMIT 1');
    this.#done = database.prepare('DELETE FROM main.segment_garbage WHERE shard = ?');
    this.#sizes = database.prepare(`SELECT id & ${2 ** 40 - 1} AS position, length(data) AS size FROM main.segment
      WHERE ${inRange} ORDER BY id LIMIT ${stepRows}`);
    this.#delete = database.prepare(`DELETE FROM main.segment WHERE ${inRange}`);
  }

  /** False when nothing is left. */
  step(): boolean {
    const garbage = this.#next.get();
    if (garbage === undefined) return false;
    const { shard, before } = garbage;
    let bytes = 0;
    let upTo: number | undefined;
    for (const { position, size } of this.#sizes.all(shard, 0, shard, before)) {
      upTo = position + 1;
      bytes += size;
      if (bytes >= stepBytes) break;
    }
    if (upTo === undefined) this.#done.run(shard);
    else this.#delete.run(shard, 0, shard, upTo);
    return true;
  }
}
