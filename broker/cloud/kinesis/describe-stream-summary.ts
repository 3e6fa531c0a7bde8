// DescribeStreamSummary: a stream without its shards.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, required, string, structure, timestamp } from '../shape.ts';
import type { Value } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import type { KinesisStream } from './model/kinesis-stream.ts';
import { enhancedMonitoring, streamMembers, streamModeDetails, warmThroughput } from './model/shapes.ts';
import { wholeSeconds } from './model/whole-seconds.ts';

const input = structure(streamMembers);
const output = structure({
  StreamDescriptionSummary: required(
    structure({
      StreamName: required(string()),
      StreamARN: required(string()),
      StreamId: string(),
      StreamStatus: required(string()),
      StreamModeDetails: streamModeDetails,
      RetentionPeriodHours: required(integer()),
      StreamCreationTimestamp: required(timestamp()),
      EnhancedMonitoring: required(enhancedMonitoring),
      EncryptionType: string(),
      KeyId: string(),
      OpenShardCount: required(integer()),
      ConsumerCount: integer(),
      WarmThroughput: warmThroughput,
      MaxRecordSizeInKiB: integer(),
      ChannelCount: integer(),
      RecordDistributionStrategy: string(),
    }),
  ),
});

export function describeStreamSummary({ streams, accounts, clock }: Kinesis): Operation {
  return operation('DescribeStreamSummary', input, output, async (names, call) => {
    const stream = streams.named(names, call);
    const { settings, encryptionType, core } = stream;
    return {
      StreamDescriptionSummary: {
        StreamName: stream.name,
        StreamARN: stream.arn,
        StreamId: stream.id,
        StreamStatus: stream.status,
        StreamModeDetails: { StreamMode: settings.mode },
        RetentionPeriodHours: stream.retentionHours,
        StreamCreationTimestamp: wholeSeconds(core.definition.createdAt),
        EnhancedMonitoring: [{ ShardLevelMetrics: settings.metrics }],
        EncryptionType: encryptionType ?? 'NONE',
        KeyId: settings.keyId,
        OpenShardCount: stream.openShardCount,
        ConsumerCount: stream.consumers(clock.now()).length,
        WarmThroughput: accounts.isCommitted(stream.location) ? warmthOf(stream) : undefined,
        MaxRecordSizeInKiB: settings.maxRecordKiB,
        ChannelCount: 0,
        RecordDistributionStrategy: settings.distribution,
      },
    };
  });
}

/** What it can take: while shards are made for more, as many as there are. Undefined: it is not on demand. */
function warmthOf({ settings, openShardCount }: KinesisStream): Value<typeof warmThroughput> | undefined {
  if (settings.mode !== 'ON_DEMAND') return undefined;
  const { warmMiBps: target = openShardCount, transition } = settings;
  return { TargetMiBps: target, CurrentMiBps: transition?.pending.kind === 'scale' ? openShardCount : target };
}
