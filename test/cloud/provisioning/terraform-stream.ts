// What Terraform calls for streams, in its order: provider hashicorp/aws 6, internal/service/kinesis (stream.go,
// stream_consumer.go, resource_policy.go, tags_gen.go), read at commit 03aadd44 of 2026. After each change it asks until the
// stream is active.

import { expect } from 'vitest';
import type { Recording, Step } from './steps.ts';

const source = 'hashicorp/terraform-provider-aws internal/service/kinesis/stream.go';

const StreamName = '{run}-stream';
const read = (answer: object, absent: readonly string[] = []): Step => ({
  call: 'kinesis.DescribeStreamSummary',
  input: { StreamName },
  answer: { StreamDescriptionSummary: { StreamStatus: 'ACTIVE', ...answer } },
  absent,
  times: 2,
});
const tags = (Tags: readonly object[]): Step => ({
  call: 'kinesis.ListTagsForStream',
  input: { StreamName },
  answer: { Tags, HasMoreTags: false },
});
const ofStream = (call: string, input: object): Step => ({ call: `kinesis.${call}`, input: { StreamName, ...input } });
const deletion: readonly Step[] = [
  ofStream('DeleteStream', { EnforceConsumerDeletion: false }),
  { call: 'kinesis.DescribeStreamSummary', input: { StreamName }, refused: 'ResourceNotFoundException' },
];

const policy = (action: string): string =>
  JSON.stringify({
    Statement: [
      {
        Action: ['kinesis:DescribeStreamSummary', action],
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::123456789012:root' },
        Resource: '{stream}',
        Sid: 'others',
      },
    ],
    Version: '2012-10-17',
  });

export const streamRecordings: readonly Recording[] = [
  {
    what: 'aws_kinesis_stream: provisioned, with everything changed',
    source,
    steps: [
      { call: 'kinesis.DescribeLimits', input: {}, answer: { ShardLimit: expect.any(Number) } },
      ofStream('CreateStream', { ShardCount: 2, Tags: { Name: 'stream', env: 'test' } }),
      { ...read({}), keep: { 'StreamDescriptionSummary.StreamARN': 'stream' } },
      // 24 hours are what it has already; the provider asks for them all the same.
      ofStream('IncreaseStreamRetentionPeriod', { RetentionPeriodHours: 24 }),
      read(
        {
          StreamARN: '{stream}',
          StreamName,
          EncryptionType: 'NONE',
          RetentionPeriodHours: 24,
          OpenShardCount: 2,
          MaxRecordSizeInKiB: 1024,
          EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
          StreamModeDetails: { StreamMode: 'PROVISIONED' },
        },
        ['KeyId'],
      ),
      tags([
        { Key: 'Name', Value: 'stream' },
        { Key: 'env', Value: 'test' },
      ]),
      ofStream('UpdateShardCount', { TargetShardCount: 4, ScalingType: 'UNIFORM_SCALING' }),
      read({ OpenShardCount: 4 }),
      ofStream('IncreaseStreamRetentionPeriod', { RetentionPeriodHours: 48 }),
      read({ RetentionPeriodHours: 48 }),
      ofStream('DecreaseStreamRetentionPeriod', { RetentionPeriodHours: 30 }),
      read({ RetentionPeriodHours: 30 }),
      ofStream('EnableEnhancedMonitoring', { ShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'] }),
      read({ EnhancedMonitoring: [{ ShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'] }] }),
      ofStream('DisableEnhancedMonitoring', { ShardLevelMetrics: ['IncomingBytes'] }),
      ofStream('EnableEnhancedMonitoring', { ShardLevelMetrics: ['IncomingRecords'] }),
      read({
        EnhancedMonitoring: [{ ShardLevelMetrics: expect.arrayContaining(['IncomingRecords', 'OutgoingBytes']) }],
      }),
      ofStream('StartStreamEncryption', { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
      read({ EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
      ofStream('StopStreamEncryption', { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
      read({ EncryptionType: 'NONE' }, ['KeyId']),
      { call: 'kinesis.UpdateMaxRecordSize', input: { StreamARN: '{stream}', MaxRecordSizeInKiB: 2048 } },
      read({ MaxRecordSizeInKiB: 2048 }),
      ofStream('RemoveTagsFromStream', { TagKeys: ['env'] }),
      ofStream('AddTagsToStream', { Tags: { Name: 'changed' } }),
      tags([{ Key: 'Name', Value: 'changed' }]),
      ...deletion,
    ],
  },
  {
    what: 'aws_kinesis_stream: on demand, then provisioned',
    source,
    steps: [
      ofStream('CreateStream', { StreamModeDetails: { StreamMode: 'ON_DEMAND' } }),
      { ...read({}), keep: { 'StreamDescriptionSummary.StreamARN': 'stream' } },
      ofStream('IncreaseStreamRetentionPeriod', { RetentionPeriodHours: 24 }),
      read({ StreamModeDetails: { StreamMode: 'ON_DEMAND' }, OpenShardCount: 4 }),
      tags([]),
      {
        call: 'kinesis.UpdateStreamMode',
        input: { StreamARN: '{stream}', StreamModeDetails: { StreamMode: 'PROVISIONED' } },
      },
      read({ StreamModeDetails: { StreamMode: 'PROVISIONED' } }),
      ofStream('UpdateShardCount', { TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' }),
      read({ OpenShardCount: 2 }),
      ...deletion,
    ],
  },
  {
    what: 'aws_kinesis_stream_consumer and aws_kinesis_resource_policy',
    source: 'hashicorp/terraform-provider-aws internal/service/kinesis/{stream_consumer,resource_policy}.go',
    steps: [
      ofStream('CreateStream', { ShardCount: 1 }),
      { ...read({}), keep: { 'StreamDescriptionSummary.StreamARN': 'stream' } },
      {
        call: 'kinesis.RegisterStreamConsumer',
        input: { ConsumerName: 'reader', StreamARN: '{stream}' },
        keep: { 'Consumer.ConsumerARN': 'consumer' },
      },
      {
        call: 'kinesis.DescribeStreamConsumer',
        input: { ConsumerARN: '{consumer}' },
        answer: {
          ConsumerDescription: {
            ConsumerARN: '{consumer}',
            ConsumerName: 'reader',
            ConsumerStatus: 'ACTIVE',
            StreamARN: '{stream}',
          },
        },
        times: 2,
      },
      { call: 'kinesis.PutResourcePolicy', input: { ResourceARN: '{stream}', Policy: policy('kinesis:GetRecords') } },
      {
        call: 'kinesis.GetResourcePolicy',
        input: { ResourceARN: '{stream}' },
        answer: { Policy: policy('kinesis:GetRecords') },
        times: 2,
      },
      { call: 'kinesis.PutResourcePolicy', input: { ResourceARN: '{stream}', Policy: policy('kinesis:ListShards') } },
      {
        call: 'kinesis.GetResourcePolicy',
        input: { ResourceARN: '{stream}' },
        answer: { Policy: policy('kinesis:ListShards') },
      },
      { call: 'kinesis.DeleteResourcePolicy', input: { ResourceARN: '{stream}' } },
      { call: 'kinesis.DeregisterStreamConsumer', input: { ConsumerARN: '{consumer}' } },
      {
        call: 'kinesis.DescribeStreamConsumer',
        input: { ConsumerARN: '{consumer}' },
        refused: 'ResourceNotFoundException',
      },
      ...deletion,
    ],
  },
];
