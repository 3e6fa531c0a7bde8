// Which rows of a table changed, appeared or went since a tick, at a cost of a few comparisons a row. Rows are
// compared field by field; fields that are lists or objects by their JSON.

export interface Rows<Row> {
  readonly changed: readonly Row[];
  readonly removed: readonly string[];
}

interface Tracked<Row> {
  row: Row;
  changedAt: number;
  seenAt: number;
}

/** How many removals are remembered. Whoever missed more than these is sent everything anew. */
const removalsKept = 10_000;

export class RowChanges<Row extends object> {
  readonly #key: (row: Row) => string;
  readonly #rows = new Map<string, Tracked<Row>>();
  readonly #removals: { readonly id: string; readonly at: number }[] = [];
  #forgottenUpTo = 0;

  constructor(key: (row: Row) => string) {
    this.#key = key;
  }

  /** Takes the table as it is at this tick, which is later than all before. */
  update(rows: Iterable<Row>, tick: number): Rows<Row> {
    const changed: Row[] = [];
    let seen = 0;
    for (const row of rows) {
      seen += 1;
      const id = this.#key(row);
      const tracked = this.#rows.get(id);
      if (tracked === undefined) {
        this.#rows.set(id, { row, changedAt: tick, seenAt: tick });
        changed.push(row);
        continue;
      }
      tracked.seenAt = tick;
      if (sameRow(tracked.row, row)) continue;
      tracked.row = row;
      tracked.changedAt = tick;
      changed.push(row);
    }
    return { changed, removed: seen < this.#rows.size ? this.#sweep(tick) : [] };
  }

  all(): Row[] {
    return Array.from(this.#rows.values(), ({ row }) => row);
  }

  /** What changed after `tick`; undefined when that is no longer known. */
  since(tick: number): Rows<Row> | undefined {
    if (tick < this.#forgottenUpTo) return undefined;
    const changed: Row[] = [];
    for (const { row, changedAt } of this.#rows.values()) if (changedAt > tick) changed.push(row);
    // An id that went and came back is in both lists: removals come first.
    const removed = this.#removals.filter(({ at }) => at > tick).map(({ id }) => id);
    return { changed, removed };
  }

  #sweep(tick: number): string[] {
    const removed: string[] = [];
    for (const [id, { seenAt }] of this.#rows) {
      if (seenAt === tick) continue;
      this.#rows.delete(id);
      this.#removals.push({ id, at: tick });
      removed.push(id);
    }
    const excess = this.#removals.length - removalsKept;
    if (excess > 0) {
      const forgotten = this.#removals.splice(0, excess);
      this.#forgottenUpTo = forgotten.at(-1)?.at ?? this.#forgottenUpTo;
    }
    return removed;
  }
}

function sameRow<Row extends object>(left: Row, right: Row): boolean {
  for (const field in right) if (!sameValue(left[field], right[field])) return false;
  for (const field in left) if (!(field in right)) return false;
  return true;
}

function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  return JSON.stringify(left) === JSON.stringify(right);
}
