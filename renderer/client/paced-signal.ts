// Tells subscribers that something changed, no more often than they can use: floods of batches become at most four
// renderings a second, and none at all while nobody looks at the page.

const pauseMs = 250;

export class PacedSignal {
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #notifiedAt = Number.NEGATIVE_INFINITY;
  #timer: number | undefined;
  #pending = false;

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (this.#pending) this.#schedule();
    });
  }

  /** Grows with every notification: what React compares. */
  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  raise(): void {
    this.#pending = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined || document.hidden) return;
    const wait = Math.max(0, this.#notifiedAt + pauseMs - performance.now());
    this.#timer = window.setTimeout(() => this.#notify(), wait);
  }

  #notify(): void {
    this.#timer = undefined;
    if (document.hidden) return;
    this.#pending = false;
    this.#notifiedAt = performance.now();
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
