// The newest records of all streams, in memory: who reads at the end of a shard reads from here, not from the store. What
// is held is bounded; the oldest runs go first.

import type { Run } from './stream-store.ts';

interface Held {
  readonly run: Run;
  readonly of: Runs;
}

/** Runs of one shard, in order of their positions. */
export interface ShardTail {
  /** The run that holds the position, if it is held. */
  find(position: number): Run | undefined;
  add(run: Run): void;
}

export class Tails {
  readonly #limitBytes: number;
  /** In the order they came in; those that have left leave their place empty until there are many. */
  #held: (Held | undefined)[] = [];
  #first = 0;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  of(): ShardTail {
    const runs = new Runs();
    return {
      find: (position) => runs.find(position),
      add: (run) => this.#add(run, runs),
    };
  }

  clear(): void {
    for (const held of this.#held) held?.of.removeFirst();
    this.#held = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #add(run: Run, of: Runs): void {
    of.add(run);
    this.#held.push({ run, of });
    this.#bytes += run.bytes.length;
    while (this.#bytes > this.#limitBytes && this.#first < this.#held.length) {
      const oldest = this.#held[this.#first]!;
      this.#held[this.#first++] = undefined;
      this.#bytes -= oldest.run.bytes.length;
      // Runs of a shard come and go in the same order.
      oldest.of.removeFirst();
    }
    if (this.#first > 1024 && this.#first * 2 > this.#held.length) {
      this.#held = this.#held.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** Runs of one shard, the oldest first; those that have left are cut off when they are half of all. */
class Runs {
  #runs: (Run | undefined)[] = [];
  #first = 0;

  add(run: Run): void {
    this.#runs.push(run);
  }

  removeFirst(): void {
    this.#runs[this.#first++] = undefined;
    if (this.#first * 2 <= this.#runs.length) return;
    this.#runs = this.#runs.slice(this.#first);
    this.#first = 0;
  }

  find(position: number): Run | undefined {
    let low = this.#first;
    let high = this.#runs.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const run = this.#runs[middle]!;
      if (position < run.position) high = middle - 1;
      else if (position >= run.position + run.records) low = middle + 1;
      else return run;
    }
    return undefined;
  }
}
