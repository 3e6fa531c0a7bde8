// How many messages of each group were out of order: those beside a longest run that both sides settled in the same order,
// which is the least number that would have to be moved. Pairs come in the order of the left side, with their places in
// the order of the right one. Exact, and in memory only as much as a pair that is yet to come can change.

export class Order {
  #reordered = 0;
  /** Of each group, the last place of the best run of each length, the lengths that cannot change any more left out. */
  readonly #tails = new Map<string, number[]>();
  #size = 0;
  #floor = -Infinity;

  get reordered(): number {
    return this.#reordered;
  }

  /** What it holds. */
  get size(): number {
    return this.#size;
  }

  /** False: it is out of order. */
  add(group: string, right: number): boolean {
    let tails = this.#tails.get(group);
    if (tails === undefined) this.#tails.set(group, (tails = []));
    const at = firstNotBelow(tails, right);
    if (at === tails.length && right > this.#floor) {
      tails.push(right);
      this.#size++;
      return true;
    }
    this.#reordered++;
    if (at < tails.length && right > this.#floor) tails[at] = right;
    return false;
  }

  /** No place up to this one comes any more; one that comes all the same counts as out of order. */
  forgetUpTo(place: number): void {
    this.#floor = Math.max(this.#floor, place);
    for (const [group, tails] of this.#tails) {
      const forgotten = firstNotBelow(tails, place + 1);
      this.#size -= forgotten;
      if (forgotten === tails.length) this.#tails.delete(group);
      else tails.splice(0, forgotten);
    }
  }
}

function firstNotBelow(tails: readonly number[], value: number): number {
  let low = 0;
  let high = tails.length;
  // Mostly, it is behind all.
  if (high === 0 || tails[high - 1]! < value) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tails[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
