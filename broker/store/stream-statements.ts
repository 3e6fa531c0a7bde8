// The statements that write streams. A part of the table in statements.ts.

import type { Statement } from './statements.ts';

/** A segment's row number: the shard's in the upper bits, the position in the lower 40. */
export const segmentKey = '(CAST(? AS INTEGER) << 40) + CAST(? AS INTEGER)';
/** The position in a segment's row number. */
export const segmentPosition = `id & ${2 ** 40 - 1}`;
/** Beyond any position. */
const everything = String(2 ** 40);

export const ofStreams = {
  putStream: {
    sql: `INSERT INTO main.stream (id, namespace, name, created_at, retention_ms, next_shard, attributes)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET retention_ms = excluded.retention_ms,
      next_shard = excluded.next_shard, attributes = excluded.attributes`,
    args: 'nttnnnt',
  },
  dropStream: { sql: 'DELETE FROM main.stream WHERE id = ?', args: 'n' },
  dropShards: { sql: 'DELETE FROM main.shard WHERE stream = ?', args: 'n' },
  dropCheckpointsOfStream: {
    sql: 'DELETE FROM main.checkpoint WHERE shard IN (SELECT id FROM main.shard WHERE stream = ?)',
    args: 'n',
  },
  dropSegmentsOfStream: {
    sql: `INSERT INTO main.segment_garbage (shard, before) SELECT id, ${everything} FROM main.shard WHERE stream = ?
      ON CONFLICT (shard) DO UPDATE SET before = excluded.before`,
    args: 'n',
    leavesGarbage: true,
  },
  putShard: {
    sql: `INSERT INTO main.shard (id, stream, number, first_hash, last_hash, parent, adjacent_parent, opened_at, closed_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET closed_at = excluded.closed_at`,
    args: 'nnnttnnnn',
  },
  dropShard: { sql: 'DELETE FROM main.shard WHERE id = ?', args: 'n' },
  dropCheckpointsOfShard: { sql: 'DELETE FROM main.checkpoint WHERE shard = ?', args: 'n' },
  dropSegmentsOfShard: {
    sql: `INSERT INTO main.segment_garbage (shard, before) VALUES (?, ${everything})
      ON CONFLICT (shard) DO UPDATE SET before = excluded.before`,
    args: 'n',
    leavesGarbage: true,
  },
  putSegment: {
    sql: `INSERT INTO main.segment (id, records, last_at, data) VALUES (${segmentKey}, ?, ?, ?)`,
    args: 'nnnnb',
  },
  trimShard: {
    sql: `UPDATE main.shard SET first_position = given.before FROM (SELECT ? AS id, ? AS before) AS given
      WHERE shard.id = given.id`,
    args: 'nn',
  },
  dropSegments: {
    sql: `INSERT INTO main.segment_garbage (shard, before) VALUES (?, ?)
      ON CONFLICT (shard) DO UPDATE SET before = max(before, excluded.before)`,
    args: 'nn',
    leavesGarbage: true,
  },
  putCheckpoint: {
    sql: `INSERT INTO main.checkpoint (consumer, shard, position) VALUES (?, ?, ?)
      ON CONFLICT (consumer, shard) DO UPDATE SET position = excluded.position`,
    args: 'tnn',
  },
  deleteCheckpoint: { sql: 'DELETE FROM main.checkpoint WHERE consumer = ? AND shard = ?', args: 'tn' },
} as const satisfies Record<string, Statement>;
