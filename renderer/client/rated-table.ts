// Rows of the live feed with what they count a second. Counts are the engine's totals; a rate is their difference
// over the time between the two batches it was taken from, so that late batches do not make waves.

export interface Rated<Row> {
  readonly row: Row;
  /** Messages a second. */
  readonly inRate: number;
  readonly outRate: number;
}

export interface RatedTableOptions<Row> {
  readonly id: (row: Row) => string;
  readonly countIn: (row: Row) => number;
  readonly countOut: (row: Row) => number;
  /** The order of `settled`; rows that compare equal keep the order in which they came. */
  readonly compare: (left: Row, right: Row) => number;
}

interface Slot<Row> {
  rated: Rated<Row>;
  baseIn: number;
  baseOut: number;
}

export class RatedTable<Row> {
  readonly #options: RatedTableOptions<Row>;
  readonly #slots = new Map<string, Slot<Row>>();
  #order: readonly string[] = [];
  #settled: readonly Rated<Row>[] = [];

  constructor(options: RatedTableOptions<Row>) {
    this.#options = options;
  }

  get size(): number {
    return this.#slots.size;
  }

  /**
   * The rows as of the last `settle`, the same list until the next one: what is sorted and filtered by values that
   * change all the time, so that rows do not jump under the reader's eyes.
   */
  get settled(): readonly Rated<Row>[] {
    return this.#settled;
  }

  get(id: string): Rated<Row> | undefined {
    return this.#slots.get(id)?.rated;
  }

  /** Takes a batch. A snapshot replaces all there is. */
  apply(rows: readonly Row[], removed: readonly string[], snapshot: boolean): void {
    const before = this.#slots.size;
    let membersChanged = removed.length > 0 || snapshot;
    if (snapshot) this.#slots.clear();
    for (const id of removed) this.#slots.delete(id);
    for (const row of rows) this.#put(row);
    membersChanged ||= this.#slots.size !== before;
    if (membersChanged) this.#arrange();
  }

  /** Takes the rates of the last `seconds`. */
  roll(seconds: number): void {
    const { countIn, countOut } = this.#options;
    for (const slot of this.#slots.values()) {
      const { row, inRate, outRate } = slot.rated;
      const nextIn = rate(countIn(row), slot.baseIn, seconds);
      const nextOut = rate(countOut(row), slot.baseOut, seconds);
      slot.baseIn = countIn(row);
      slot.baseOut = countOut(row);
      if (nextIn !== inRate || nextOut !== outRate) slot.rated = { row, inRate: nextIn, outRate: nextOut };
    }
  }

  settle(): void {
    this.#settled = this.#order.flatMap((id) => this.#slots.get(id)?.rated ?? []);
  }

  #put(row: Row): void {
    const { id, countIn, countOut } = this.#options;
    const slot = this.#slots.get(id(row));
    if (slot !== undefined) {
      slot.rated = { ...slot.rated, row };
      return;
    }
    const rated = { row, inRate: 0, outRate: 0 };
    this.#slots.set(id(row), { rated, baseIn: countIn(row), baseOut: countOut(row) });
  }

  #arrange(): void {
    const { id, compare } = this.#options;
    const rows = Array.from(this.#slots.values(), ({ rated }) => rated.row);
    this.#order = rows.sort(compare).map(id);
    this.settle();
  }
}

/** A count lower than before means that the engine started anew: nothing is known of the time between. */
function rate(count: number, base: number, seconds: number): number {
  return seconds > 0 && count > base ? (count - base) / seconds : 0;
}
