// The shards that SplitShard and MergeShards name.

import type { Shard } from '../../../core/stream-shard.ts';
import type { Call } from '../../service.ts';
import { parseArn } from './arn.ts';
import { resourceInUse, resourceNotFound } from './errors.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { parseShardId, shardIdOf } from './shard-id.ts';
import type { StreamNames } from './stream-directory.ts';

/** Before the stream is looked up. @throws AwsError ResourceNotFoundException. */
export function parseShardName(id: string, { StreamName: name, StreamARN: arn }: StreamNames, call: Call): number {
  const number = parseShardId(id);
  if (number !== undefined) return number;
  const stream = name ?? parseArn(arn ?? '')?.stream ?? '';
  throw resourceNotFound(`Could not find shard ${id} in stream ${stream} under account ${call.account}.`);
}

/** @throws AwsError ResourceNotFoundException. */
export function findShard({ core, name, location }: KinesisStream, number: number): Shard {
  const shard = core.shard(number);
  if (shard !== undefined) return shard;
  throw resourceNotFound(
    `Could not find shard ${shardIdOf(number)} in stream ${name} under account ${location.account}.`,
  );
}

/** @throws AwsError ResourceInUseException. */
export function requireOpen({ name, location }: KinesisStream, shard: Shard): void {
  if (shard.isOpen) return;
  throw resourceInUse(
    `Shard ${shardIdOf(shard.number)} in stream ${name} under account ${location.account} has already been merged or ` +
      'split, and thus is not eligible for merging or splitting.',
  );
}
