// A binary min-heap; what has the same key comes out in the order in which it was put in. Entries that changed their key are pushed again; whoever pops checks whether the entry still holds.

interface Item<T> {
  readonly key: number;
  readonly order: number;
  readonly value: T;
}

export class Heap<T> {
  readonly #items: Item<T>[] = [];
  #pushed = 0;

  get size(): number {
    return this.#items.length;
  }

  push(key: number, value: T): void {
    const items = this.#items;
    let child = items.length;
    items.push({ key, order: this.#pushed++, value });
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(items[child]!, items[parent]!)) return;
      [items[parent], items[child]] = [items[child]!, items[parent]!];
      child = parent;
    }
  }

  /** The smallest key, or undefined when empty. */
  peekKey(): number | undefined {
    return this.#items[0]?.key;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    if (top === undefined) return undefined;
    const last = items.pop()!;
    if (items.length > 0) {
      items[0] = last;
      this.#sink();
    }
    return top.value;
  }

  /** Forgets what does not hold any more, in time in proportion to all that there is. */
  retain(holds: (value: T, key: number) => boolean): void {
    const items = this.#items;
    let kept = 0;
    for (const item of items) if (holds(item.value, item.key)) items[kept++] = item;
    items.length = kept;
    for (let parent = (kept >> 1) - 1; parent >= 0; parent--) this.#sink(parent);
  }

  clear(): void {
    this.#items.length = 0;
  }

  #sink(from = 0): void {
    const items = this.#items;
    let parent = from;
    for (;;) {
      const left = 2 * parent + 1;
      if (left >= items.length) return;
      const right = left + 1;
      const child = right < items.length && isBefore(items[right]!, items[left]!) ? right : left;
      if (!isBefore(items[child]!, items[parent]!)) return;
      [items[parent], items[child]] = [items[child]!, items[parent]!];
      parent = child;
    }
  }
}

function isBefore(a: Item<unknown>, b: Item<unknown>): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
