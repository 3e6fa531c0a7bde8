// CreateStream: a stream with shards of the same size; on demand, if nothing else is said.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, required, structure } from '../shape.ts';
import type { Value } from '../shape.ts';
import { invalidArgument, limitExceeded, validationFailed } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import type { Settings, StreamMode } from './model/settings.ts';
import {
  distributionStrategy,
  maxRecordSize,
  streamModeDetails,
  streamName,
  tagMap,
  warmThroughputMiBps,
} from './model/shapes.ts';
import { requireOneMoreOnDemand, requireShards, requireWarmth } from './model/shard-limit.ts';
import { withTags } from './model/tags.ts';

const input = structure({
  ShardCount: integer({ min: 1, max: 100_000 }),
  StreamName: required(streamName),
  StreamModeDetails: streamModeDetails,
  Tags: tagMap,
  WarmThroughputMiBps: warmThroughputMiBps,
  MaxRecordSizeInKiB: maxRecordSize,
  RecordDistributionStrategy: distributionStrategy,
});

export function createStream({ streams, accounts }: Kinesis): Operation {
  return command('CreateStream', input, async (given, call) => {
    const mode = modeOf(given);
    const shards = shardsOf(given, mode);
    const settings = settingsOf(given, mode, call.account);
    if (streams.find(call, given.StreamName) === undefined) {
      const making = streams.list(call).filter(({ status }) => status === 'CREATING');
      if (making.length >= limits.streamsBeingMade) throw tooManyAtOnce(call.account);
      requireShards(streams, call, shards);
      if (mode === 'ON_DEMAND') requireOneMoreOnDemand(streams, call);
      if (given.WarmThroughputMiBps !== undefined && !accounts.isCommitted(call)) throw notCommitted();
    }
    await streams.create(call, given.StreamName, shards, settings);
  });
}

function modeOf({ StreamModeDetails: details, ShardCount: shards }: Value<typeof input>): StreamMode {
  if (details !== undefined) return details.StreamMode === 'ON_DEMAND' ? 'ON_DEMAND' : 'PROVISIONED';
  return shards === undefined ? 'ON_DEMAND' : 'PROVISIONED';
}

function shardsOf({ ShardCount: shards, WarmThroughputMiBps: warm }: Value<typeof input>, mode: StreamMode): number {
  if (mode === 'PROVISIONED') {
    if (warm !== undefined) {
      throw validationFailed('WarmThroughputMiBps is only supported for streams in ON_DEMAND mode.');
    }
    if (shards === undefined) throw validationFailed('ShardCount is required for streams in PROVISIONED mode.');
    return shards;
  }
  if (shards !== undefined) {
    throw validationFailed('ShardCount must not be specified for streams in ON_DEMAND mode.');
  }
  requireWarmth(warm ?? 0);
  return Math.max(limits.onDemandShards, warm ?? 0);
}

function settingsOf(given: Value<typeof input>, mode: StreamMode, account: string): Settings {
  const { Tags: tags, MaxRecordSizeInKiB: maxRecordKiB = limits.defaultRecordKiB } = given;
  const owner = `stream ${given.StreamName} under account ${account}`;
  return {
    mode,
    metrics: [],
    tags: withTags([], tags ?? new Map(), owner),
    consumers: [],
    maxRecordKiB,
    warmMiBps: given.WarmThroughputMiBps,
    distribution: given.RecordDistributionStrategy === 'AUTO' ? 'AUTO' : 'USER_PARTITION_KEY',
    scaledAt: [],
    modeChangedAt: [],
  };
}

function tooManyAtOnce(account: string): Error {
  return limitExceeded(
    `At most ${limits.streamsBeingMade} streams can be in CREATING status at a time under account ${account}.`,
  );
}

function notCommitted(): Error {
  return invalidArgument('WarmThroughputMiBps requires the minimum throughput billing commitment of the account.');
}
