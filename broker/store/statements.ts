// The statements that write, as a table. A batch of changes crosses to the store's thread as a program: the number of
// a statement, then its arguments, again and again. Each is kept for both schemas: `main` is synced, `temp` holds what spilled.

import { ofStreams } from './stream-statements.ts';

/** `n` number (NaN is NULL), `b` bytes, `t` text; bytes and text are an offset and a length into the batch's bytes. */
export type Arguments = string;

export interface Statement {
  readonly sql: string;
  readonly args: Arguments;
  /** What a row changed by it adds to the counts of the queue that its first argument names. */
  readonly counts?: { readonly entries?: number; readonly delayed?: number };
  /** It sets the counts itself: what was added before it no longer matters. */
  readonly resetsCounts?: boolean;
  /** It leaves segments that are to be removed. */
  readonly leavesGarbage?: boolean;
}

/** Of entries; `$` stands for the schema. */
const ofEntries = {
  putMessage: { sql: 'INSERT INTO $.message (id, refs, data) VALUES (?, ?, ?)', args: 'nnb' },
  deleteMessage: { sql: 'DELETE FROM $.message WHERE id = ?', args: 'n' },
  releaseMessage: { sql: 'UPDATE $.message SET refs = refs - 1 WHERE id = ?', args: 'n' },
  deleteReleased: { sql: 'DELETE FROM $.message WHERE id = ? AND refs <= 0', args: 'n' },
  putEntry: {
    sql: 'INSERT INTO $.entry (queue, seq, message, expires_at) VALUES (?, ?, ?, ?)',
    args: 'nnnn',
    counts: { entries: 1 },
  },
  deleteEntry: { sql: 'DELETE FROM $.entry WHERE queue = ? AND seq = ?', args: 'nn', counts: { entries: -1 } },
  putDelayed: {
    sql: 'INSERT INTO $.delayed (queue, due_at, seq, message, expires_at) VALUES (?, ?, ?, ?, ?)',
    args: 'nnnnn',
    counts: { delayed: 1 },
  },
  deleteDelayed: {
    sql: 'DELETE FROM $.delayed WHERE queue = ? AND due_at = ? AND seq = ?',
    args: 'nnn',
    counts: { delayed: -1 },
  },
  moveEntry: {
    sql: 'INSERT INTO $.entry (queue, seq, message) SELECT ?, ?, message FROM $.entry WHERE queue = ? AND seq = ?',
    args: 'nnnn',
    counts: { entries: 1 },
  },
  readyDelayed: {
    sql: `INSERT INTO $.entry (queue, seq, message, expires_at)
      SELECT ?, ?, message, expires_at FROM $.delayed WHERE queue = ? AND due_at = ? AND seq = ?`,
    args: 'nnnnn',
    counts: { entries: 1 },
  },
  putDelivery: {
    sql: `INSERT INTO $.delivery (queue, seq, attempts, first_at, until, token, reason, origin, died_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (queue, seq) DO UPDATE SET attempts = excluded.attempts,
      first_at = excluded.first_at, until = excluded.until, token = excluded.token, reason = excluded.reason,
      origin = excluded.origin, died_at = excluded.died_at`,
    args: 'nnnnnnttn',
  },
  deleteDelivery: { sql: 'DELETE FROM $.delivery WHERE queue = ? AND seq = ?', args: 'nn' },
} as const satisfies Record<string, Statement>;

/** Of what is only ever durable. */
const ofTheRest = {
  putQueue: {
    sql: `INSERT INTO main.queue (id, namespace, name, created_at, attributes) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes`,
    args: 'nttnt',
  },
  purgeQueue: {
    // A subquery, so that the queue is the first argument.
    sql: `UPDATE main.queue SET floor = given.up_to, entries = 0, delayed = 0
      FROM (SELECT ? AS id, ? AS up_to) AS given WHERE queue.id = given.id`,
    args: 'nn',
    resetsCounts: true,
  },
  dropQueue: { sql: 'DELETE FROM main.queue WHERE id = ?', args: 'n' },
  putGarbage: {
    sql: 'INSERT INTO main.garbage (queue, up_to) VALUES (?, ?) ON CONFLICT (queue) DO UPDATE SET up_to = max(up_to, excluded.up_to)',
    args: 'nn',
  },
  putRecord: {
    sql: 'INSERT INTO main.record (type, key, value) VALUES (?, ?, ?) ON CONFLICT (type, key) DO UPDATE SET value = excluded.value',
    args: 'ttb',
  },
  deleteRecord: { sql: 'DELETE FROM main.record WHERE type = ? AND key = ?', args: 'tt' },
  count: {
    sql: 'INSERT INTO main.counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
    args: 'tn',
  },
} as const satisfies Record<string, Statement>;

export type EntryStatement = keyof typeof ofEntries;
export type OtherStatement = keyof typeof ofTheRest;
export type StreamStatement = keyof typeof ofStreams;

const entryNames = Object.keys(ofEntries);
const otherNames = Object.keys(ofTheRest);
const streamNames = Object.keys(ofStreams);

/** In the order of their numbers: those of entries for `main`, then for `temp`, then the rest, then those of streams. */
export const statements: readonly Statement[] = [
  ...Object.values<Statement>(ofEntries).map((statement) => within('main', statement)),
  ...Object.values<Statement>(ofEntries).map((statement) => within('temp', statement)),
  ...Object.values<Statement>(ofTheRest),
  ...Object.values<Statement>(ofStreams),
];

function within(schema: 'main' | 'temp', statement: Statement): Statement {
  const sql = statement.sql.replaceAll('$', schema);
  // What spilled is not counted: its queue's counts are for the next start, which it does not see.
  return schema === 'main' ? { ...statement, sql } : { sql, args: statement.args };
}

export const mainNumbers = numbered<EntryStatement>(entryNames, 0);
export const tempNumbers = numbered<EntryStatement>(entryNames, entryNames.length);
export const otherNumbers = numbered<OtherStatement>(otherNames, 2 * entryNames.length);
export const streamNumbers = numbered<StreamStatement>(streamNames, 2 * entryNames.length + otherNames.length);

function numbered<Name extends string>(names: readonly string[], from: number): Readonly<Record<Name, number>> {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the names are the keys that Name is made of
  return Object.fromEntries(names.map((name, index) => [name, from + index])) as Record<Name, number>;
}
