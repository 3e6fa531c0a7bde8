// Collects bytes that arrive in pieces into one buffer. Growth is by doubling and never beyond what is announced, so
// that neither many tiny pieces nor a large announcement costs more than about twice what has really arrived.

const firstBytes = 4 * 1024;

export class Gather {
  #buffer: Buffer;
  #length = 0;
  readonly #limit: number;

  /** `limit`: the most that will be appended; who appends sees to that. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(limit, firstBytes));
  }

  get length(): number {
    return this.#length;
  }

  append(source: Buffer, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#buffer.length) this.#grow(needed);
    source.copy(this.#buffer, this.#length, start, end);
    this.#length = needed;
  }

  /** What was collected; nothing may be appended afterwards. */
  take(): Buffer {
    return this.#buffer.length === this.#length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(needed, this.#buffer.length * 2)));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
