// Messages that have come and have not been looked at yet.

const patienceMs = 10_000;

export class Inbox<Item> {
  readonly #come: Item[] = [];
  #waiting: ((item: Item) => void) | undefined;

  get size(): number {
    return this.#come.length;
  }

  put(item: Item): void {
    const take = this.#waiting;
    this.#waiting = undefined;
    if (take === undefined) this.#come.push(item);
    else take(item);
  }

  /** Rejects if nothing comes; `what` says what was waited for. */
  async next(what: string): Promise<Item> {
    const item = this.#come.shift();
    if (item !== undefined) return item;
    const { promise, resolve, reject } = Promise.withResolvers<Item>();
    this.#waiting = resolve;
    const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patienceMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }
}
