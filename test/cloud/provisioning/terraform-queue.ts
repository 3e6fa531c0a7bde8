// What Terraform calls for queues, in its order: provider hashicorp/aws 6, internal/service/sqs (queue.go, attribute_funcs.go,
// tags_gen.go) and internal/attrmap, read at commit 00a35305 of 2026. It waits for attributes to be what it set six times
// in a row, and for a deletion fifteen times.

import type { Recording, Step } from './steps.ts';

const source = 'hashicorp/terraform-provider-aws internal/service/sqs/queue.go';

const read = (answer: object, absent: readonly string[] = [], times = 1): Step => ({
  call: 'sqs.GetQueueAttributes',
  input: { QueueUrl: '{url}', AttributeNames: ['All'] },
  answer: { Attributes: answer },
  absent,
  times,
});
const tags = (answer: object): Step => ({ call: 'sqs.ListQueueTags', input: { QueueUrl: '{url}' }, answer });
const set = (attributes: object): Step => ({
  call: 'sqs.SetQueueAttributes',
  input: { QueueUrl: '{url}', Attributes: attributes },
});
const deletion: readonly Step[] = [
  { call: 'sqs.DeleteQueue', input: { QueueUrl: '{url}' } },
  {
    call: 'sqs.GetQueueAttributes',
    input: { QueueUrl: '{url}', AttributeNames: ['All'] },
    refused: 'QueueDoesNotExist',
    times: 15,
  },
];

/** Integers have defaults in the provider's schema, and are sent though nobody wrote them down. */
const plain = {
  DelaySeconds: '0',
  MaximumMessageSize: '262144',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  VisibilityTimeout: '30',
};
const ofFifo = ['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'];
const unset = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds'];

const policy = (sid: string): string =>
  JSON.stringify({
    Statement: [
      {
        Action: 'sqs:SendMessage',
        Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:us-east-1:123456789012:t' } },
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Resource: '{arn}',
        Sid: sid,
      },
    ],
    Version: '2012-10-17',
  });

export const queueRecordings: readonly Recording[] = [
  {
    what: 'aws_sqs_queue: with defaults, changed, tagged, deleted',
    source,
    steps: [
      {
        call: 'sqs.CreateQueue',
        input: { QueueName: '{run}-plain', Attributes: plain, tags: { Name: 'plain', env: 'test' } },
        keep: { QueueUrl: 'url' },
      },
      read({ ...plain, SqsManagedSseEnabled: 'true' }, [...ofFifo, ...unset], 6),
      tags({ Tags: { Name: 'plain', env: 'test' } }),
      set({ VisibilityTimeout: '45', DelaySeconds: '5', MessageRetentionPeriod: '86400' }),
      read({ VisibilityTimeout: '45', DelaySeconds: '5', MessageRetentionPeriod: '86400' }, unset, 6),
      { call: 'sqs.UntagQueue', input: { QueueUrl: '{url}', TagKeys: ['env'] } },
      { call: 'sqs.TagQueue', input: { QueueUrl: '{url}', Tags: { Name: 'changed' } } },
      tags({ Tags: { Name: 'changed' } }),
      { call: 'sqs.UntagQueue', input: { QueueUrl: '{url}', TagKeys: ['Name'] } },
      { call: 'sqs.ListQueueTags', input: { QueueUrl: '{url}' }, absent: ['Tags'] },
      // The data source finds it by its name.
      { call: 'sqs.GetQueueUrl', input: { QueueName: '{run}-plain' }, answer: { QueueUrl: '{url}' } },
      ...deletion,
    ],
  },
  {
    what: 'aws_sqs_queue: FIFO, with high throughput and back',
    source,
    steps: [
      {
        call: 'sqs.CreateQueue',
        input: {
          QueueName: '{run}-ordered.fifo',
          Attributes: { ...plain, FifoQueue: 'true', ContentBasedDeduplication: 'true' },
        },
        keep: { QueueUrl: 'url' },
      },
      read(
        {
          FifoQueue: 'true',
          ContentBasedDeduplication: 'true',
          DeduplicationScope: 'queue',
          FifoThroughputLimit: 'perQueue',
        },
        unset,
        6,
      ),
      { call: 'sqs.ListQueueTags', input: { QueueUrl: '{url}' }, absent: ['Tags'] },
      set({ DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' }),
      read({ DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' }, unset, 6),
      set({ ContentBasedDeduplication: 'false', DeduplicationScope: 'queue', FifoThroughputLimit: 'perQueue' }),
      read(
        { ContentBasedDeduplication: 'false', DeduplicationScope: 'queue', FifoThroughputLimit: 'perQueue' },
        unset,
        6,
      ),
      ...deletion,
    ],
  },
  {
    what: 'aws_sqs_queue: encrypted by SQS, by KMS, not at all',
    source,
    steps: [
      {
        call: 'sqs.CreateQueue',
        input: { QueueName: '{run}-secret', Attributes: { ...plain, SqsManagedSseEnabled: 'false' } },
        keep: { QueueUrl: 'url' },
      },
      read({ SqsManagedSseEnabled: 'false' }, unset, 6),
      set({ KmsMasterKeyId: 'alias/aws/sqs', KmsDataKeyReusePeriodSeconds: '3600' }),
      read(
        { KmsMasterKeyId: 'alias/aws/sqs', KmsDataKeyReusePeriodSeconds: '3600', SqsManagedSseEnabled: 'false' },
        [],
        6,
      ),
      set({ KmsDataKeyReusePeriodSeconds: '300' }),
      read({ KmsMasterKeyId: 'alias/aws/sqs', KmsDataKeyReusePeriodSeconds: '300' }, [], 6),
      set({ KmsMasterKeyId: '', SqsManagedSseEnabled: 'true' }),
      read({ SqsManagedSseEnabled: 'true' }, ['KmsMasterKeyId'], 6),
      ...deletion,
    ],
  },
  {
    what: 'aws_sqs_queue_policy, _redrive_policy and _redrive_allow_policy: set, changed, removed',
    source: 'hashicorp/terraform-provider-aws internal/service/sqs/attribute_funcs.go',
    steps: [
      { call: 'sqs.CreateQueue', input: { QueueName: '{run}-dead', Attributes: plain }, keep: { QueueUrl: 'url' } },
      { ...read({}, [], 6), keep: { 'Attributes.QueueArn': 'deadArn' } },
      set({ RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' }),
      read({ RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' }, [], 6),
      { call: 'sqs.CreateQueue', input: { QueueName: '{run}-source', Attributes: plain }, keep: { QueueUrl: 'url' } },
      { ...read({}, [], 6), keep: { 'Attributes.QueueArn': 'arn' } },
      set({ Policy: policy('one') }),
      read({ Policy: policy('one') }, [], 6),
      {
        call: 'sqs.GetQueueAttributes',
        input: { QueueUrl: '{url}', AttributeNames: ['Policy'] },
        answer: { Attributes: { Policy: policy('one') } },
      },
      set({ Policy: policy('two') }),
      read({ Policy: policy('two') }, [], 6),
      set({ RedriveAllowPolicy: '{"redrivePermission":"byQueue","sourceQueueArns":["{deadArn}"]}' }),
      read({ RedriveAllowPolicy: '{"sourceQueueArns":["{deadArn}"],"redrivePermission":"byQueue"}' }, [], 6),
      // The provider gives the number as the configuration has it: as a number, or as a string.
      set({ RedrivePolicy: '{"deadLetterTargetArn":"{arn}","maxReceiveCount":4}' }),
      read({ RedrivePolicy: '{"deadLetterTargetArn":"{arn}","maxReceiveCount":4}' }, [], 6),
      set({ RedrivePolicy: '' }),
      read({}, ['RedrivePolicy'], 6),
      set({ RedriveAllowPolicy: '' }),
      read({}, ['RedriveAllowPolicy'], 6),
      set({ Policy: '' }),
      read({}, ['Policy'], 6),
      ...deletion,
    ],
  },
];
