// The newest records of all streams, in memory: who reads at the end of a shard reads from here, not from the store. What
// is held is bounded; the oldest runs go first.

import type { Run } from './stream-store.ts';

interface Held {
  readonly run: Run;
  readonly ofShard: Run[];
}

/** Runs of one shard, in order of their positions. */
export interface ShardTail {
  /** The run that holds the position, if it is held. */
  find(position: number): Run | undefined;
  add(run: Run): void;
}

export class Tails {
  readonly #limitBytes: number;
  #held: Held[] = [];
  /** Those before it have left. */
  #first = 0;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  of(): ShardTail {
    const runs: Run[] = [];
    return {
      find: (position) => findRun(runs, position),
      add: (run) => this.#add(run, runs),
    };
  }

  clear(): void {
    for (const { ofShard } of this.#held) ofShard.length = 0;
    this.#held = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #add(run: Run, ofShard: Run[]): void {
    ofShard.push(run);
    this.#held.push({ run, ofShard });
    this.#bytes += run.bytes.length;
    while (this.#bytes > this.#limitBytes && this.#first < this.#held.length) {
      const oldest = this.#held[this.#first++]!;
      this.#bytes -= oldest.run.bytes.length;
      // Runs of a shard come and go in the same order.
      oldest.ofShard.shift();
    }
    if (this.#first > 1024 && this.#first * 2 > this.#held.length) {
      this.#held = this.#held.slice(this.#first);
      this.#first = 0;
    }
  }
}

function findRun(runs: readonly Run[], position: number): Run | undefined {
  let low = 0;
  let high = runs.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const run = runs[middle]!;
    if (position < run.position) high = middle - 1;
    else if (position >= run.position + run.records) low = middle + 1;
    else return run;
  }
  return undefined;
}
