// What crossings of one route did to fields, counted per field, outcome and reason. The counts are kept in the same
// transactions as the messages: they are as exact as those. First and last time, and a few examples, are kept beside them.

import type { Store } from '../core/store.ts';
import type { Transaction } from '../core/transaction.ts';
import { shown } from './examples.ts';
import { didNotCross, isLost, losing, outcomes } from './mapping.ts';
import type { Notes, Outcome } from './mapping.ts';

export interface LedgerRow {
  readonly field: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly count: number;
  /** Milliseconds since the epoch; the last one is kept to the second. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of what did not arrive as it was: the first values, cut, and those of secrets hidden. */
  readonly examples: readonly string[];
}

/** A row for those who watch: without what is well, and without examples. */
export interface LossRow {
  readonly field: string;
  readonly outcome: Exclude<Outcome, 'kept' | 'moved'>;
  readonly reason: string;
  readonly count: number;
}

interface Row {
  readonly key: string;
  readonly field: string;
  readonly outcome: Outcome;
  readonly reason: string;
  count: number;
  firstAt: number;
  lastAt: number;
  examples: string[];
  /** In the transaction that is being made. */
  pending: number;
  savedAt: number;
  hasNews: boolean;
}

/** Fields come from messages: beyond this many rows, further ones are counted together. */
const mostRows = 500;
const mostExamples = 3;
/** How old the last time in the store may be. */
const lastAtMs = 1000;
const otherFields = '(other fields)';
/** As Notes.note is told. */
export type HeldNote = readonly [field: string, outcome: Outcome, reason: string, value: unknown];

const recordType = 'route-ledger';
const counters = ['transferred', 'deadLettered', 'passedOver'] as const;
export type Ending = (typeof counters)[number];

export class LossLedger implements Notes {
  readonly prefix: string;
  transferred = 0;
  deadLettered = 0;
  /** The route's condition does not choose them. */
  passedOver = 0;
  readonly #rows = new Map<string, Row>();
  /** By field, for a quick look. */
  readonly #byField = new Map<string, Row[]>();
  readonly #endings = { transferred: 0, deadLettered: 0, passedOver: 0 };
  #dirty: Row[] = [];
  /** By the place of their note, of the message that ended last. */
  readonly #before: Row[] = [];
  // The message that is being mapped.
  readonly #fields: string[] = [];
  readonly #outcomes: Outcome[] = [];
  readonly #reasons: string[] = [];
  readonly #values: unknown[] = [];
  #noted = 0;

  constructor(route: string) {
    this.prefix = `route:${route}:`;
  }

  async restore(store: Store): Promise<void> {
    for (const [counter, count] of await store.readCounters(this.prefix)) {
      const key = counter.slice(this.prefix.length);
      const ending = counters.find((candidate) => candidate === key);
      if (ending !== undefined) this[ending] = count;
      else {
        const parsed = parseKey(key);
        if (parsed !== undefined) this.#add(parsed.field, parsed.outcome, parsed.reason, 0).count = count;
      }
    }
    for (const { key, value } of await store.readRecords(recordType)) {
      const row = key.startsWith(this.prefix) ? this.#rows.get(key.slice(this.prefix.length)) : undefined;
      if (row !== undefined) Object.assign(row, readTimes(value));
    }
  }

  note(field: string, outcome: Outcome, reason: string, value?: unknown): void {
    const at = this.#noted++;
    this.#fields[at] = field;
    this.#outcomes[at] = outcome;
    this.#reasons[at] = reason;
    this.#values[at] = value;
  }

  /** Begins with a message. */
  begin(): void {
    this.#noted = 0;
  }

  /** What is noted of the message, for when it ends. */
  held(): HeldNote[] {
    const held: HeldNote[] = [];
    for (let i = 0; i < this.#noted; i++) {
      held.push([this.#fields[i]!, this.#outcomes[i]!, this.#reasons[i]!, this.#values[i]]);
      this.#values[i] = undefined;
    }
    return held;
  }

  /** Goes on with a message of which that much is noted. */
  resume(held: readonly HeldNote[]): void {
    this.begin();
    for (const note of held) this.note(...note);
  }

  /** Why the message must not cross by a rule that lets nothing be lost; undefined: nothing is. */
  worst(): string | undefined {
    for (let i = 0; i < this.#noted; i++) {
      if (isLost(this.#outcomes[i]!, this.#reasons[i]!)) return `${this.#fields[i]}: ${this.#reasons[i]}`;
    }
    return undefined;
  }

  /**
   * Ends with the message: its fields are counted by the transaction that `settle` is given. `now`: as Clock.now. `refusal`: why
   * it does not cross, which its body tells where no field does.
   */
  end(ending: Ending, now: number, refusal = didNotCross): void {
    this.#endings[ending]++;
    if (ending === 'passedOver') return;
    const isDead = ending === 'deadLettered';
    const ofBody = isDead && this.worst() === undefined ? refusal : didNotCross;
    for (let i = 0; i < this.#noted; i++) {
      let outcome = this.#outcomes[i]!;
      let reason = this.#reasons[i]!;
      if (isDead && !losing.has(outcome)) {
        outcome = 'refused';
        reason = this.#fields[i] === 'body' ? ofBody : didNotCross;
      }
      this.#count(i, outcome, reason, now);
      this.#values[i] = undefined;
    }
  }

  /** Counts what ended since the last time, once the transaction is committed. */
  settle(transaction: Transaction): void {
    const endings = { ...this.#endings };
    for (const ending of counters) {
      this.#endings[ending] = 0;
      if (endings[ending] > 0) transaction.count(this.prefix + ending, endings[ending]);
    }
    const rows = this.#dirty;
    this.#dirty = [];
    const counts = rows.map((row) => {
      const { pending } = row;
      row.pending = 0;
      transaction.count(this.prefix + row.key, pending);
      if (row.hasNews) this.#save(transaction, row);
      return pending;
    });
    transaction.afterCommit(() => {
      for (const ending of counters) this[ending] += endings[ending];
      for (const [index, row] of rows.entries()) row.count += counts[index]!;
    });
  }

  /** What ended since the last `settle` did not end: its transaction was given up. */
  forget(): void {
    for (const ending of counters) this.#endings[ending] = 0;
    for (const row of this.#dirty) row.pending = 0;
    this.#dirty = [];
  }

  /** The most frequent first, losses before what arrived. */
  rows(): readonly LedgerRow[] {
    const rows = [...this.#rows.values()].filter(({ count }) => count > 0);
    rows.sort((a, b) => Number(losing.has(b.outcome)) - Number(losing.has(a.outcome)) || b.count - a.count);
    return rows.map(({ field, outcome, reason, count, firstAt, lastAt, examples }) => ({
      field,
      outcome,
      reason,
      count,
      firstAt,
      lastAt,
      examples: [...examples],
    }));
  }

  /** The most frequent first. */
  losses(): readonly LossRow[] {
    const losses: LossRow[] = [];
    for (const { field, outcome, reason, count } of this.#rows.values()) {
      if (outcome !== 'kept' && outcome !== 'moved' && count > 0) losses.push({ field, outcome, reason, count });
    }
    return losses.sort((a, b) => b.count - a.count);
  }

  #count(at: number, outcome: Outcome, reason: string, now: number): void {
    const row = this.#rowOf(at, outcome, reason, now);
    if (row.pending++ === 0) this.#dirty.push(row);
    row.lastAt = now;
    if (now - row.savedAt >= lastAtMs) row.hasNews = true;
    const value = this.#values[at];
    if (row.examples.length >= mostExamples || value === undefined || !losing.has(outcome)) return;
    const example = shown(this.#fields[at]!, value);
    if (row.examples.includes(example)) return;
    row.examples.push(example);
    row.hasNews = true;
  }

  /** Messages of a route are mostly alike: what is noted at a place is what was noted there of the message before. */
  #rowOf(at: number, outcome: Outcome, reason: string, now: number): Row {
    const field = this.#fields[at]!;
    const before = this.#before[at];
    if (before?.field === field && before.outcome === outcome && before.reason === reason) return before;
    const row = this.#find(field, outcome, reason) ?? this.#bounded(field, outcome, reason, now);
    this.#before[at] = row;
    return row;
  }

  #find(field: string, outcome: Outcome, reason: string): Row | undefined {
    const rows = this.#byField.get(field);
    if (rows === undefined) return undefined;
    for (const row of rows) if (row.outcome === outcome && row.reason === reason) return row;
    return undefined;
  }

  #bounded(field: string, outcome: Outcome, reason: string, now: number): Row {
    if (this.#rows.size < mostRows) return this.#add(field, outcome, reason, now);
    return this.#find(otherFields, outcome, '') ?? this.#add(otherFields, outcome, '', now);
  }

  #add(field: string, outcome: Outcome, reason: string, now: number): Row {
    const key = JSON.stringify([field, outcome, reason]);
    const row: Row = {
      key,
      field,
      outcome,
      reason,
      count: 0,
      firstAt: now,
      lastAt: now,
      examples: [],
      pending: 0,
      savedAt: -Infinity,
      hasNews: false,
    };
    this.#rows.set(key, row);
    const rows = this.#byField.get(field);
    if (rows === undefined) this.#byField.set(field, [row]);
    else rows.push(row);
    return row;
  }

  #save(transaction: Transaction, row: Row): void {
    const { key, firstAt, lastAt, examples } = row;
    row.savedAt = lastAt;
    row.hasNews = false;
    transaction.record(recordType, this.prefix + key, Buffer.from(JSON.stringify({ firstAt, lastAt, examples })));
  }
}

function parseKey(key: string): { field: string; outcome: Outcome; reason: string } | undefined {
  const value: unknown = JSON.parse(key);
  if (!Array.isArray(value)) return undefined;
  const [field, outcomeText, reason] = value.map(String);
  const outcome = outcomes.find((candidate) => candidate === outcomeText);
  if (field === undefined || outcome === undefined || reason === undefined) return undefined;
  return { field, outcome, reason };
}

function readTimes(value: Buffer): Pick<Row, 'firstAt' | 'lastAt' | 'examples'> {
  const read: unknown = JSON.parse(value.toString());
  const times: Pick<Row, 'firstAt' | 'lastAt' | 'examples'> = { firstAt: 0, lastAt: 0, examples: [] };
  if (typeof read !== 'object' || read === null) return times;
  if ('firstAt' in read && typeof read.firstAt === 'number') times.firstAt = read.firstAt;
  if ('lastAt' in read && typeof read.lastAt === 'number') times.lastAt = read.lastAt;
  if ('examples' in read && Array.isArray(read.examples)) times.examples = read.examples.map(String);
  return times;
}
