// Splits and merges of shards, and the sequence of them that makes any number of shards of the same size.

import { evenRanges } from '../../../core/hash-keys.ts';
import type { Stream } from '../../../core/stream.ts';
import type { Shard } from '../../../core/stream-shard.ts';

/** `at`: the hash key that the second half begins with. */
export async function split(stream: Stream, shard: Shard, at: bigint): Promise<readonly Shard[]> {
  const { first, last } = shard.range;
  const parent = shard.number;
  return stream.reshard(
    [shard],
    [
      { range: { first, last: at - 1n }, parent },
      { range: { first: at, last }, parent },
    ],
  );
}

/** The second one's range follows the first one's. */
export async function merge(stream: Stream, one: Shard, other: Shard): Promise<Shard> {
  const range = { first: one.range.first, last: other.range.last };
  const plan = { range, parent: one.number, adjacentParent: other.number };
  const [merged] = await stream.reshard([one, other], [plan]);
  return merged!;
}

/**
 * Goes through the shards that are to be, from left to right: what reaches beyond the end of one is split there, and
 * what lies within it is merged.
 */
export async function scale(stream: Stream, target: number): Promise<void> {
  let pieces = [...stream.openShards];
  for (const wanted of evenRanges(target)) {
    const within = pieces.filter(({ range }) => range.first <= wanted.last);
    pieces = pieces.slice(within.length);
    const last = within.at(-1)!;
    if (last.range.last > wanted.last) {
      const [left, right] = await split(stream, last, wanted.last + 1n);
      within.splice(-1, 1, left!);
      pieces.unshift(right!);
    }
    let whole = within[0]!;
    for (const piece of within.slice(1)) whole = await merge(stream, whole, piece);
  }
}
