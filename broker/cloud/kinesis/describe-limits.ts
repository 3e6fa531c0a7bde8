// DescribeLimits: how many shards, streams on demand and channels there are, and may be.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits, shardLimit } from './model/limits.ts';
import { openShards } from './model/shard-limit.ts';

const input = structure({});
const output = structure({
  ShardLimit: required(integer()),
  OpenShardCount: required(integer()),
  OnDemandStreamCount: required(integer()),
  OnDemandStreamCountLimit: required(integer()),
  ChannelCount: integer(),
  ChannelCountLimit: integer(),
});

export function describeLimits({ streams }: Kinesis): Operation {
  return operation('DescribeLimits', input, output, async (_given, call) => ({
    ShardLimit: shardLimit(call.region),
    OpenShardCount: openShards(streams, call),
    OnDemandStreamCount: streams.list(call).filter(({ settings }) => settings.mode === 'ON_DEMAND').length,
    OnDemandStreamCountLimit: limits.onDemandStreams,
    // The account is not enabled for channels.
    ChannelCount: 0,
    ChannelCountLimit: 0,
  }));
}
