// A binary min-heap. Entries that changed their key are pushed again; whoever pops checks whether the entry still holds.

export class Heap<T> {
  readonly #items: { key: number; value: T }[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(key: number, value: T): void {
    const items = this.#items;
    let child = items.length;
    items.push({ key, value });
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (items[parent]!.key <= items[child]!.key) return;
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

  clear(): void {
    this.#items.length = 0;
  }

  #sink(): void {
    const items = this.#items;
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      if (left >= items.length) return;
      const right = left + 1;
      const child = right < items.length && items[right]!.key < items[left]!.key ? right : left;
      if (items[parent]!.key <= items[child]!.key) return;
      [items[parent], items[child]] = [items[child]!, items[parent]!];
      parent = child;
    }
  }
}
