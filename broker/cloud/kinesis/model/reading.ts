// Records and the end of shards, as GetRecords and subscriptions show them.

import type { Page } from '../../../core/stream.ts';
import type { Shard } from '../../../core/stream-shard.ts';
import type { Value } from '../../shape.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { encryptedMark } from './marks.ts';
import { arrivalMs, endingSequence, sequenceOf, startingSequence } from './sequence-number.ts';
import { shardIdOf } from './shard-id.ts';
import type { childShards, ShownRecord, ShownShard } from './shapes.ts';

export function showRecords(shard: Shard, { records }: Page): ShownRecord[] {
  return records.map(({ position, at, data, partitionKey, mark }) => ({
    SequenceNumber: sequenceOf(shard, position, at),
    ApproximateArrivalTimestamp: arrivalMs(shard, at),
    Data: data,
    PartitionKey: partitionKey,
    EncryptionType: mark === encryptedMark ? 'KMS' : undefined,
  }));
}

/** How far a reader is behind the newest record, once it has read the page. */
export function millisBehind(shard: Shard, { records, next }: Page, now: number): number {
  if (next >= shard.nextPosition) return 0;
  const last = records.at(-1);
  return Math.max(0, now - (last?.at ?? shard.oldestAt ?? now));
}

/** Where to go on once a closed shard was read to its end; undefined before that. */
export function childrenAtEnd(
  stream: KinesisStream,
  shard: Shard,
  position: number,
): Value<typeof childShards> | undefined {
  if (!shard.isAtEnd(position)) return undefined;
  return stream.core.shards
    .filter(({ definition: { parent, adjacentParent } }) => [parent, adjacentParent].includes(shard.number))
    .map(({ number, range, definition: { parent, adjacentParent } }) => ({
      ShardId: shardIdOf(number),
      ParentShards: [parent, adjacentParent].filter((one) => one !== undefined).map(shardIdOf),
      HashKeyRange: { StartingHashKey: String(range.first), EndingHashKey: String(range.last) },
    }));
}

export function showShard(shard: Shard): ShownShard {
  const { number, range, definition } = shard;
  const { parent, adjacentParent } = definition;
  return {
    ShardId: shardIdOf(number),
    ParentShardId: parent === undefined ? undefined : shardIdOf(parent),
    AdjacentParentShardId: adjacentParent === undefined ? undefined : shardIdOf(adjacentParent),
    HashKeyRange: { StartingHashKey: String(range.first), EndingHashKey: String(range.last) },
    SequenceNumberRange: {
      StartingSequenceNumber: startingSequence(shard),
      EndingSequenceNumber: endingSequence(shard),
    },
  };
}
