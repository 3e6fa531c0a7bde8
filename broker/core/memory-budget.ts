// The bound on message bodies held in memory, shared by all queues. Over it, queues keep only their heads and leave
// the rest on disk; it is a measure for that decision, not an allocator.

export class MemoryBudget {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get exhausted(): boolean {
    return this.#usedBytes >= this.limitBytes;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  free(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
