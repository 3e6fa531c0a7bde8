// A shard: one ordered run of records. It knows what was appended and stored, and who waits for more; the store keeps
// the records.

import type { HashRange, ShardDefinition } from './stream-store.ts';
import type { ShardTail } from './stream-tail.ts';

export class Shard {
  definition: ShardDefinition;
  readonly tail: ShardTail;
  /** Records before it were dropped. */
  firstPosition: number;
  /** Of the first record after all that are stored. */
  nextPosition: number;
  /** The position that the next append gets: stored or not. */
  assigned: number;
  /** Time of the newest record: times of a shard never go back. */
  lastAt = 0;
  /** A time that no record of the oldest segment is younger than; undefined: nothing is kept. */
  oldestAt: number | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(definition: ShardDefinition, tail: ShardTail, firstPosition: number, nextPosition: number) {
    this.definition = definition;
    this.tail = tail;
    this.firstPosition = firstPosition;
    this.nextPosition = nextPosition;
    this.assigned = nextPosition;
  }

  /** Number within its stream. */
  get number(): number {
    return this.definition.number;
  }

  get range(): HashRange {
    return this.definition.range;
  }

  get isOpen(): boolean {
    return this.definition.closedAt === undefined;
  }

  /** Whether a reader at the position has seen all that there will ever be. */
  isAtEnd(position: number): boolean {
    return !this.isOpen && position >= this.nextPosition;
  }

  /** Resolves once there is a record at the position or after it, none will come any more, or the signal is aborted. */
  waitFor(position: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.nextPosition > position || !this.isOpen || signal.aborted) {
        resolve();
        return;
      }
      const look = (): void => {
        if (this.nextPosition <= position && this.isOpen && !signal.aborted) return;
        this.#waiting.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#waiting.add(look);
      signal.addEventListener('abort', look);
    });
  }

  /** Records up to the position are stored, or the shard was closed. */
  notify(): void {
    for (const look of this.#waiting) look();
  }
}
