// SplitShard: closes a shard and opens two in its place.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { invalidArgument } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { hashKey, shardId, streamMembers } from './model/shapes.ts';
import { shardIdOf } from './model/shard-id.ts';
import { requireShards } from './model/shard-limit.ts';
import { findShard, parseShardName, requireOpen } from './model/shard-names.ts';

const input = structure({
  NewStartingHashKey: required(hashKey),
  ...streamMembers,
  ShardToSplit: required(shardId),
});

export function splitShard({ streams }: Kinesis): Operation {
  return command('SplitShard', input, async ({ NewStartingHashKey: at, ShardToSplit: id, ...names }, call) => {
    const number = parseShardName(id, names, call);
    const stream = streams.named(names, call);
    stream.requireProvisioned();
    stream.requireActive();
    const shard = findShard(stream, number);
    requireShards(streams, call, 1);
    requireOpen(stream, shard);
    const { first, last } = shard.range;
    const key = BigInt(at);
    if (key <= first + 1n || key >= last) {
      throw invalidArgument(
        `NewStartingHashKey ${at} used in SplitShard() on shard ${shardIdOf(number)} in stream ${stream.name} under ` +
          `account ${call.account} is not both greater than one plus the shard's StartingHashKey ${first} and less than ` +
          `the shard's EndingHashKey ${last}.`,
      );
    }
    await streams.begin(stream, 'UPDATING', { kind: 'split', shard: number, at });
  });
}
