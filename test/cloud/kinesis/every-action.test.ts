// Every action of Kinesis, by the service model (2013-12-02; botocore 1.43 of August 2026, channels of November 2026): members of
// the wrong kind, members that are missing, and values beyond what a member may be. What AWS says of wrong kinds and of
// constraints is on record for the older actions; the newer ones are held to the same words.

import { describe, expect, it } from 'vitest';
import { kinesisEndpoint } from './endpoint.ts';
import { atLeastOne, breaches, matches, namePattern, notNull, refusalOf, takesWrongKinds } from './refusals.ts';
import type { Kind } from './refusals.ts';

/** Kinds, and the members that are of each; those with a mark have to be there. */
const actions = {
  AddTagsToStream: 'String StreamName! StreamARN StreamId, Map Tags!',
  CreateChannel: 'String ChannelName! ServiceExecutionRoleARN!, List StreamConfigurationList!, Map Tags',
  CreateStream:
    'String StreamName! StreamModeDetails.StreamMode RecordDistributionStrategy, Integer ShardCount ' +
    'WarmThroughputMiBps MaxRecordSizeInKiB, Map Tags, Structure StreamModeDetails',
  DecreaseStreamRetentionPeriod: 'String StreamName! StreamARN StreamId, Integer RetentionPeriodHours!',
  DeleteChannel: 'String ChannelARN!',
  DeleteResourcePolicy: 'String ResourceARN! StreamId',
  DeleteStream: 'String StreamName! StreamARN StreamId, Boolean EnforceConsumerDeletion',
  DeregisterStreamConsumer: 'String StreamARN ConsumerName ConsumerARN StreamId',
  DescribeChannel: 'String ChannelARN!',
  DescribeStream: 'String ExclusiveStartShardId StreamName! StreamARN StreamId, Integer Limit',
  DescribeStreamConsumer: 'String StreamARN ConsumerName ConsumerARN StreamId',
  DescribeStreamSummary: 'String StreamName! StreamARN StreamId',
  DisableEnhancedMonitoring: 'String StreamName! StreamARN StreamId, List ShardLevelMetrics!',
  EnableEnhancedMonitoring: 'String StreamName! StreamARN StreamId, List ShardLevelMetrics!',
  GetRecords: 'String ShardIterator! StreamARN StreamId, Integer Limit, Boolean DryRun',
  GetResourcePolicy: 'String ResourceARN! StreamId',
  GetShardIterator:
    'String ShardId! ShardIteratorType! StartingSequenceNumber StreamName! StreamARN StreamId, Boolean ' +
    'DryRun, Timestamp Timestamp',
  IncreaseStreamRetentionPeriod: 'String StreamName! StreamARN StreamId, Integer RetentionPeriodHours!',
  ListChannels: 'String NextToken, Integer MaxResults, List StreamFilter',
  ListShards:
    'String ExclusiveStartShardId NextToken ShardFilter.Type ShardFilter.ShardId StreamName StreamARN ' +
    'StreamId, Integer MaxResults, Timestamp StreamCreationTimestamp ShardFilter.Timestamp, Structure ' +
    'ShardFilter',
  ListStreamConsumers: 'String StreamARN! NextToken StreamId, Integer MaxResults, Timestamp StreamCreationTimestamp',
  ListStreams: 'String ExclusiveStartStreamName NextToken, Integer Limit',
  ListTagsForResource: 'String ResourceARN! StreamId',
  ListTagsForStream: 'String ExclusiveStartTagKey StreamName! StreamARN StreamId, Integer Limit',
  MergeShards: 'String ShardToMerge! AdjacentShardToMerge! StreamName! StreamARN StreamId',
  PutRecord:
    'String SequenceNumberForOrdering PartitionKey! ExplicitHashKey StreamName! StreamARN StreamId, Boolean ' +
    'DryRun, Blob Data!',
  PutRecords: 'String StreamName! StreamARN StreamId, Boolean DryRun, List Records!',
  PutResourcePolicy: 'String ResourceARN! StreamId Policy!',
  RegisterStreamConsumer: 'String StreamARN! ConsumerName! StreamId, Map Tags',
  RemoveTagsFromStream: 'String StreamName! StreamARN StreamId, List TagKeys!',
  SplitShard: 'String NewStartingHashKey! StreamName! StreamARN StreamId ShardToSplit!',
  StartStreamEncryption: 'String EncryptionType! KeyId! StreamName! StreamARN StreamId',
  StopStreamEncryption: 'String EncryptionType! KeyId! StreamName! StreamARN StreamId',
  SubscribeToShard:
    'String ConsumerARN! StreamId ShardId! StartingPosition.Type StartingPosition.SequenceNumber, Boolean ' +
    'DryRun, Timestamp StartingPosition.Timestamp, Structure StartingPosition!',
  TagResource: 'String ResourceARN! StreamId, Map Tags!',
  UntagResource: 'String ResourceARN! StreamId, List TagKeys!',
  UpdateAccountSettings:
    'String MinimumThroughputBillingCommitment.Status, Structure MinimumThroughputBillingCommitment!',
  UpdateChannel: 'String ChannelARN!',
  UpdateMaxRecordSize: 'String StreamARN StreamId, Integer MaxRecordSizeInKiB!',
  UpdateShardCount: 'String ScalingType! StreamName! StreamARN StreamId, Integer TargetShardCount!',
  UpdateStreamMode:
    'String StreamARN! StreamId StreamModeDetails.StreamMode, Integer WarmThroughputMiBps, Structure ' +
    'StreamModeDetails!',
  UpdateStreamRecordDistributionStrategy: 'String StreamARN! StreamId RecordDistributionStrategy!',
  UpdateStreamWarmThroughput: 'String StreamName! StreamARN StreamId, Integer WarmThroughputMiBps!',
} as const;

const atMost = (value: number): string => `Member must have value less than or equal to ${value}`;
const least = (value: number): string => `Member must have value greater than or equal to ${value}`;
const among = (...values: readonly string[]): string => `Member must satisfy enum value set: [${values.join(', ')}]`;
const longest = (length: number): string => `Member must have length less than or equal to ${length}`;
const name = ['not a name', namePattern] as const;
const sequenceNumber = ['01', matches('0|([1-9]\\d{0,128})')] as const;
const hashKey = ['01', matches('0|([1-9]\\d{0,38})')] as const;
const token = ['', atLeastOne] as const;
const iteratorTypes = among('AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON');

/** By path: what a member cannot be, and which constraint that breaks. What is not here has none, or is of another kind. */
const beyond: Readonly<Record<string, readonly [value: string | number, rule: string]>> = {
  StreamName: name,
  ShardId: name,
  ConsumerName: name,
  ChannelName: name,
  ExclusiveStartShardId: name,
  ExclusiveStartStreamName: name,
  ShardToMerge: name,
  AdjacentShardToMerge: name,
  ShardToSplit: name,
  'ShardFilter.ShardId': name,
  StreamARN: ['x', matches('arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+')],
  ResourceARN: ['x', matches('arn:aws.*:kinesis:.*:\\d{12}:.*(stream|channel)/\\S+')],
  ChannelARN: ['x', matches('arn:aws.*:kinesis:.*:\\d{12}:channel/\\S+')],
  ConsumerARN: [
    'x',
    matches('^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+'),
  ],
  ServiceExecutionRoleARN: ['x', matches('arn:aws[-a-z0-9]*:iam::\\d{12}:role/[a-zA-Z_0-9+=,.@\\-_/]+')],
  StreamId: ['x', matches('[a-z0-9]{20}-[a-z0-9]{3}')],
  NextToken: token,
  ShardIterator: ['a'.repeat(513), longest(512)],
  ExclusiveStartTagKey: ['a'.repeat(129), longest(128)],
  KeyId: ['', atLeastOne],
  PartitionKey: ['a'.repeat(257), longest(256)],
  SequenceNumberForOrdering: sequenceNumber,
  StartingSequenceNumber: sequenceNumber,
  'StartingPosition.SequenceNumber': sequenceNumber,
  ExplicitHashKey: hashKey,
  NewStartingHashKey: hashKey,
  MaxResults: [10_001, atMost(10_000)],
  ShardCount: [0, least(1)],
  TargetShardCount: [0, least(1)],
  RetentionPeriodHours: [8761, atMost(8760)],
  MaxRecordSizeInKiB: [10_241, atMost(10_240)],
  WarmThroughputMiBps: [-1, least(0)],
  Limit: [0, least(1)],
  EncryptionType: ['AES', among('NONE', 'KMS')],
  ScalingType: ['ANY', among('UNIFORM_SCALING')],
  ShardIteratorType: ['ANY', iteratorTypes],
  'StartingPosition.Type': ['ANY', iteratorTypes],
  'ShardFilter.Type': [
    'ANY',
    among('AFTER_SHARD_ID', 'AT_TRIM_HORIZON', 'FROM_TRIM_HORIZON', 'AT_LATEST', 'AT_TIMESTAMP', 'FROM_TIMESTAMP'),
  ],
  'StreamModeDetails.StreamMode': ['ANY', among('PROVISIONED', 'ON_DEMAND')],
  RecordDistributionStrategy: ['ANY', among('AUTO', 'USER_PARTITION_KEY')],
  'MinimumThroughputBillingCommitment.Status': ['ANY', among('ENABLED', 'DISABLED')],
};

interface Member {
  readonly kind: Kind;
  readonly path: string;
  readonly isRequired: boolean;
}

function membersOf(text: string): readonly Member[] {
  return text.split(', ').flatMap((part) => {
    const [kind = '', ...paths] = part.split(' ');
    return paths.map((path) => ({ kind: kind as Kind, path: path.replace('!', ''), isRequired: path.endsWith('!') }));
  });
}

/** As AWS shows a path. */
function shown(path: string): string {
  return path.replace(/(?<=^|\.)[A-Z]/g, (letter) => letter.toLowerCase());
}

function nested(path: string, value: unknown): object {
  return path.split('.').reduceRight<unknown>((inner, member) => ({ [member]: inner }), value) as object;
}

const rows = Object.entries(actions).map(([action, text]) => ({ action, members: membersOf(text) }));

describe('serialisation', () => {
  it.each(rows)('of $action: members of the wrong kind', async ({ action, members }) => {
    await using endpoint = await kinesisEndpoint();
    const kinds = Object.fromEntries(members.map(({ kind, path }) => [path, kind]));
    expect(await takesWrongKinds(endpoint, action, kinds)).toEqual([]);
  });
});

describe('validation', () => {
  const needy = rows.filter(({ members }) => members.some(({ isRequired }) => isRequired));

  it.each(needy)('of $action: all that is missing is named at once', async ({ action, members }) => {
    await using endpoint = await kinesisEndpoint();
    const missing = members.filter(({ isRequired }) => isRequired);
    const [type, message] = await refusalOf(endpoint, action, {});
    expect(type).toBe('ValidationException');
    expect(parts(message)).toEqual(
      parts(breaches(...missing.map(({ path }) => [shown(path), 'null', notNull] as const))[1]),
    );
  });

  it.each(rows)('of $action: values that a member cannot have', async ({ action, members }) => {
    await using endpoint = await kinesisEndpoint();
    for (const { path } of members) {
      const [value, rule] = beyond[path] ?? [];
      if (value === undefined || rule === undefined) continue;
      const [type, message] = await refusalOf(endpoint, action, nested(path, value));
      expect([path, type]).toEqual([path, 'ValidationException']);
      expect(message).toContain(`Value '${value}' at '${shown(path)}' failed to satisfy constraint: ${rule}`);
    }
  });
});

/** Each of them, in any order: in which order AWS names them is not on record for all. */
function parts(message: string): readonly string[] {
  const [count = '', listed = ''] = message.split(' detected: ');
  return [count, ...listed.split('; ').toSorted()];
}
