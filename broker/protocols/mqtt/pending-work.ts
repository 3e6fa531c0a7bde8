// What a connection has under way in the store: its session is nobody else's until that has ended.

export class PendingWork {
  readonly #onError: (error: unknown) => void;
  #count = 0;
  #idle: (() => void)[] = [];

  /** `onError`: work ended in a way that whoever began it did not expect. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(work: Promise<unknown>): void {
    this.#count++;
    work.then(
      () => this.#ended(),
      (error: unknown) => {
        this.#onError(error);
        this.#ended();
      },
    );
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #ended(): void {
    this.#count--;
    if (this.#count > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
