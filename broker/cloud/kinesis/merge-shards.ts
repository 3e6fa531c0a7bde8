// MergeShards: closes two shards whose hash keys follow each other, and opens one in their place.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { invalidArgument } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { shardId, streamMembers } from './model/shapes.ts';
import { shardIdOf } from './model/shard-id.ts';
import { findShard, parseShardName, requireOpen } from './model/shard-names.ts';

const input = structure({
  ShardToMerge: required(shardId),
  AdjacentShardToMerge: required(shardId),
  ...streamMembers,
});

export function mergeShards({ streams }: Kinesis): Operation {
  return command('MergeShards', input, async (given, call) => {
    const { ShardToMerge: one, AdjacentShardToMerge: other, ...names } = given;
    const numbers = [parseShardName(one, names, call), parseShardName(other, names, call)] as const;
    const stream = streams.named(names, call);
    stream.requireProvisioned();
    stream.requireActive();
    const [first, second] = [findShard(stream, numbers[0]), findShard(stream, numbers[1])];
    requireOpen(stream, first);
    requireOpen(stream, second);
    if (first.range.last + 1n !== second.range.first) {
      throw invalidArgument(
        `Shards ${shardIdOf(numbers[0])} and ${shardIdOf(numbers[1])} in stream ${stream.name} under account ` +
          `${call.account} are not an adjacent pair of shards eligible for merging`,
      );
    }
    await streams.begin(stream, 'UPDATING', { kind: 'merge', shards: numbers });
  });
}
