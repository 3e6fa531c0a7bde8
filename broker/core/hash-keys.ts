// Hash keys of 128 bits, by which the open shards of a stream share its records: the MD5 of a record's partition key, or what
// its sender says.

import { md5Words } from '../util/md5.ts';
import type { Shard } from './stream-shard.ts';
import type { HashRange } from './stream-store.ts';

const firstHash = 0n;
export const lastHash = 2n ** 128n - 1n;

/** Ranges of the same size, all hash keys together; the last one takes what is left over. */
export function evenRanges(count: number): readonly HashRange[] {
  const size = (lastHash + 1n) / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    first: firstHash + size * BigInt(index),
    last: index === count - 1 ? lastHash : size * BigInt(index + 1) - 1n,
  }));
}

/** A hash key as four numbers of 32 bits, the highest first. */
type Words = Uint32Array<ArrayBuffer>;

/** Open shards in the order of their ranges, which together are all hash keys. */
export class OpenShards {
  readonly #shards: readonly { readonly first: Words; readonly shard: Shard }[];

  constructor(shards: Iterable<Shard>) {
    const open = Array.from(shards).filter(({ isOpen }) => isOpen);
    open.sort((a, b) => (a.range.first < b.range.first ? -1 : 1));
    this.#shards = open.map((shard) => {
      const first: Words = new Uint32Array(4);
      setWords(first, shard.range.first);
      return { first, shard };
    });
  }

  all(): readonly Shard[] {
    return this.#shards.map(({ shard }) => shard);
  }

  /** The shard of a record. `hashKey` decides instead of the MD5 of the partition key. */
  find(partitionKey: string, hashKey: bigint | undefined): Shard {
    if (this.#shards.length === 1) return this.#shards[0]!.shard;
    if (hashKey === undefined) md5Words(partitionKey, sought);
    else setWords(sought, hashKey);
    let low = 0;
    let high = this.#shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (!isBeyond(this.#shards[middle]!.first)) low = middle;
      else high = middle - 1;
    }
    return this.#shards[low]!.shard;
  }
}

/** The hash key that a shard is looked for. */
const sought: Words = new Uint32Array(4);

function setWords(words: Words, value: bigint): void {
  for (let i = 0; i < 4; i++) words[i] = Number((value >> BigInt(96 - i * 32)) & 0xffff_ffffn);
}

/** Whether the hash key is higher than the one that is sought. */
function isBeyond(first: Words): boolean {
  for (let i = 0; i < 4; i++) if (first[i] !== sought[i]) return first[i]! > sought[i]!;
  return false;
}
