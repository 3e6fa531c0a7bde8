// Work on the same thing, one after the other: whoever changes a resource sees what was stored before.

export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` when all that was given for the same key before has ended, well or not. */
  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, mine);
    const leave = (): void => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(leave, leave);
    return mine;
  }
}
