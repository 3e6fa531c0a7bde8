// Shapes that several actions share, after the service model of Kinesis Data Streams (2013-12-02). Patterns and values of
// enumerations are written as AWS words them in its refusals.

import {
  blob,
  boolean,
  integer,
  list,
  map,
  required,
  requiredUnless,
  string,
  structure,
  timestamp,
} from '../../shape.ts';
import type { StringShape, Value } from '../../shape.ts';
import { limits } from './limits.ts';

function patterned(text: string, length: { readonly min?: number; readonly max?: number } = {}): StringShape {
  return string({ pattern: new RegExp(`^(?:${text})$`), patternText: text, ...length });
}

const name = patterned('[a-zA-Z0-9_.-]+', { min: 1, max: 128 });
export const streamName = name;
export const shardId = name;
export const consumerName = name;
export const channelName = name;

export const streamArn = patterned('arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+', { min: 1, max: 2048 });
export const consumerArn = patterned(
  '^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+',
  { min: 1, max: 2048 },
);
export const resourceArn = patterned('arn:aws.*:kinesis:.*:\\d{12}:.*(stream|channel)/\\S+', { min: 1, max: 2048 });
export const channelArn = patterned('arn:aws.*:kinesis:.*:\\d{12}:channel/\\S+', { min: 1, max: 2048 });
export const roleArn = patterned('arn:aws[-a-z0-9]*:iam::\\d{12}:role/[a-zA-Z_0-9+=,.@\\-_/]+', { min: 1, max: 512 });
export const streamId = patterned('[a-z0-9]{20}-[a-z0-9]{3}', { min: 1, max: 24 });

export const sequenceNumber = patterned('0|([1-9]\\d{0,128})');
export const hashKey = patterned('0|([1-9]\\d{0,38})');
export const partitionKey = string({ min: 1, max: 256 });
export const keyId = string({ min: 1, max: 2048 });
export const nextToken = string({ min: 1, max: 1_048_576 });
export const pageLimit = integer({ min: 1, max: 10_000 });

export const iteratorType = string({
  oneOf: ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'],
});
export const encryptionType = string({ oneOf: ['NONE', 'KMS'] });
export const streamMode = string({ oneOf: ['PROVISIONED', 'ON_DEMAND'] });
export const streamModeDetails = structure({ StreamMode: required(streamMode) });
export const distributionStrategy = string({ oneOf: ['AUTO', 'USER_PARTITION_KEY'] });
export const maxRecordSize = integer({ min: 1024, max: 10_240 });
export const warmThroughputMiBps = integer({ min: 0 });
export const warmThroughput = structure({ TargetMiBps: integer(), CurrentMiBps: integer() });

export const metrics = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
] as const;
export const metricNames = list(string({ oneOf: [...metrics, 'ALL'] }), { min: 1, max: 7 });
export const enhancedMonitoring = list(structure({ ShardLevelMetrics: list(string()) }));

const tagKey = string({ min: 1, max: 128 });
const tagValue = string({ min: 0, max: 256 });
export const tagMap = map(tagValue, { keys: tagKey, min: 1, max: limits.tagsOfRequest });
export const tagKeys = list(tagKey, { min: 1, max: limits.tags });
export const exclusiveTagKey = tagKey;
export const tagList = list(structure({ Key: required(string()), Value: string() }));

/** How a request names a stream. */
export const streamMembers = {
  StreamName: requiredUnless(['StreamARN', 'StreamId'], streamName),
  StreamARN: streamArn,
  StreamId: streamId,
};

const hashKeyRange = structure({ StartingHashKey: required(string()), EndingHashKey: required(string()) });
const shard = structure({
  ShardId: required(string()),
  ParentShardId: string(),
  AdjacentParentShardId: string(),
  HashKeyRange: required(hashKeyRange),
  SequenceNumberRange: required(
    structure({ StartingSequenceNumber: required(string()), EndingSequenceNumber: string() }),
  ),
});
export const shards = list(shard);
export type ShownShard = Value<typeof shard>;

export const childShards = list(
  structure({
    ShardId: required(string()),
    ParentShards: required(list(string())),
    HashKeyRange: required(hashKeyRange),
  }),
);

const record = structure({
  SequenceNumber: required(string()),
  ApproximateArrivalTimestamp: timestamp(),
  Data: required(blob()),
  PartitionKey: string(),
  EncryptionType: string(),
});
export const records = list(record);
export type ShownRecord = Value<typeof record>;

export const startingPosition = structure({
  Type: required(iteratorType),
  SequenceNumber: sequenceNumber,
  Timestamp: timestamp(),
});

const consumer = {
  ConsumerName: required(string()),
  ConsumerARN: required(string()),
  ConsumerStatus: required(string()),
  ConsumerCreationTimestamp: required(timestamp()),
};
export const shownConsumer = structure(consumer);
export const consumerDescription = structure({ ...consumer, StreamARN: required(string()) });

export const dryRun = boolean();
