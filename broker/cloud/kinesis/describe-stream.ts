// DescribeStream: a stream with a page of its shards.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { boolean, integer, required, string, structure, timestamp } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { showShard } from './model/reading.ts';
import { enhancedMonitoring, pageLimit, shardId, shards, streamMembers, streamModeDetails } from './model/shapes.ts';
import { parseShardId } from './model/shard-id.ts';
import { wholeSeconds } from './model/whole-seconds.ts';

const input = structure({ Limit: pageLimit, ExclusiveStartShardId: shardId, ...streamMembers });
const output = structure({
  StreamDescription: required(
    structure({
      StreamName: required(string()),
      StreamARN: required(string()),
      StreamStatus: required(string()),
      StreamModeDetails: streamModeDetails,
      Shards: required(shards),
      HasMoreShards: required(boolean()),
      RetentionPeriodHours: required(integer()),
      StreamCreationTimestamp: required(timestamp()),
      EnhancedMonitoring: required(enhancedMonitoring),
      EncryptionType: string(),
      KeyId: string(),
    }),
  ),
});

export function describeStream({ streams }: Kinesis): Operation {
  return operation('DescribeStream', input, output, async (given, call) => {
    const { Limit: limit = limits.describedShards, ExclusiveStartShardId: after, ...names } = given;
    const stream = streams.named(names, call);
    const start = after === undefined ? -1 : (parseShardId(after) ?? -1);
    const left = stream.shards.filter(({ number }) => number > start);
    const { settings, encryptionType, core } = stream;
    return {
      StreamDescription: {
        StreamName: stream.name,
        StreamARN: stream.arn,
        StreamStatus: stream.status,
        StreamModeDetails: { StreamMode: settings.mode },
        Shards: left.slice(0, limit).map(showShard),
        HasMoreShards: left.length > limit,
        RetentionPeriodHours: stream.retentionHours,
        StreamCreationTimestamp: wholeSeconds(core.definition.createdAt),
        EnhancedMonitoring: [{ ShardLevelMetrics: settings.metrics }],
        EncryptionType: encryptionType ?? 'NONE',
        KeyId: settings.keyId,
      },
    };
  });
}
