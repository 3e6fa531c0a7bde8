// What CloudFormation, and with it the CDK, calls for its resources: the operations that the handlers of its published resource
// types (schema, "handlers") have permissions for, in the order create, read, list, update, delete.

import type { Recording } from './steps.ts';

export const cloudFormationRecordings: readonly Recording[] = [
  {
    what: 'AWS::SQS::Queue',
    source: 'AWS::SQS::Queue, AWS::SQS::QueuePolicy and AWS::SQS::QueueInlinePolicy: resource type schemas',
    steps: [
      {
        call: 'sqs.CreateQueue',
        input: {
          QueueName: '{run}-queue',
          Attributes: { VisibilityTimeout: '300', SqsManagedSseEnabled: 'true' },
          tags: { 'aws-cdk:auto': 'no', stack: 'shop' },
        },
        keep: { QueueUrl: 'url' },
      },
      { call: 'sqs.GetQueueUrl', input: { QueueName: '{run}-queue' }, answer: { QueueUrl: '{url}' } },
      {
        call: 'sqs.GetQueueAttributes',
        input: { QueueUrl: '{url}', AttributeNames: ['All'] },
        answer: { Attributes: { VisibilityTimeout: '300', SqsManagedSseEnabled: 'true' } },
        keep: { 'Attributes.QueueArn': 'arn' },
      },
      { call: 'sqs.ListQueueTags', input: { QueueUrl: '{url}' }, answer: { Tags: { stack: 'shop' } } },
      { call: 'sqs.ListQueues', input: { QueueNamePrefix: '{run}-queue' }, answer: { QueueUrls: ['{url}'] } },
      {
        call: 'sqs.SetQueueAttributes',
        input: { QueueUrl: '{url}', Attributes: { VisibilityTimeout: '30', DelaySeconds: '0', RedrivePolicy: '' } },
      },
      {
        call: 'sqs.GetQueueAttributes',
        input: { QueueUrl: '{url}', AttributeNames: ['All'] },
        answer: { Attributes: { VisibilityTimeout: '30', DelaySeconds: '0' } },
        absent: ['RedrivePolicy'],
        times: 2,
      },
      { call: 'sqs.TagQueue', input: { QueueUrl: '{url}', Tags: { stack: 'store' } } },
      { call: 'sqs.UntagQueue', input: { QueueUrl: '{url}', TagKeys: ['aws-cdk:auto'] } },
      { call: 'sqs.ListQueueTags', input: { QueueUrl: '{url}' }, answer: { Tags: { stack: 'store' } } },
      { call: 'sqs.DeleteQueue', input: { QueueUrl: '{url}' } },
      {
        call: 'sqs.GetQueueAttributes',
        input: { QueueUrl: '{url}', AttributeNames: ['All'] },
        refused: 'QueueDoesNotExist',
      },
    ],
  },
  {
    what: 'AWS::SNS::Topic and AWS::SNS::Subscription',
    source: 'AWS::SNS::Topic and AWS::SNS::Subscription: resource type schemas',
    steps: [
      { call: 'sqs.CreateQueue', input: { QueueName: '{run}-target' }, keep: { QueueUrl: 'url' } },
      {
        call: 'sqs.GetQueueAttributes',
        input: { QueueUrl: '{url}', AttributeNames: ['QueueArn'] },
        keep: { 'Attributes.QueueArn': 'queue' },
      },
      {
        call: 'sns.CreateTopic',
        input: {
          Name: '{run}-topic',
          Attributes: { DisplayName: 'shop', SignatureVersion: '2' },
          Tags: [{ Key: 'stack', Value: 'shop' }],
        },
        keep: { TopicArn: 'topic' },
      },
      // Data protection, which the handler of reading asks for, is there for none.
      { call: 'sns.GetDataProtectionPolicy', input: { ResourceArn: '{topic}' } },
      {
        call: 'sns.GetTopicAttributes',
        input: { TopicArn: '{topic}' },
        answer: { Attributes: { DisplayName: 'shop', SignatureVersion: '2', TopicArn: '{topic}' } },
      },
      {
        call: 'sns.Subscribe',
        input: {
          TopicArn: '{topic}',
          Protocol: 'sqs',
          Endpoint: '{queue}',
          ReturnSubscriptionArn: true,
          Attributes: { RawMessageDelivery: 'true', FilterPolicyScope: 'MessageBody', FilterPolicy: '{"a":["b"]}' },
        },
        keep: { SubscriptionArn: 'subscription' },
      },
      {
        call: 'sns.ListSubscriptionsByTopic',
        input: { TopicArn: '{topic}' },
        answer: { Subscriptions: [{ SubscriptionArn: '{subscription}', Endpoint: '{queue}', Protocol: 'sqs' }] },
      },
      {
        call: 'sns.GetSubscriptionAttributes',
        input: { SubscriptionArn: '{subscription}' },
        answer: {
          Attributes: { RawMessageDelivery: 'true', FilterPolicyScope: 'MessageBody', FilterPolicy: '{"a":["b"]}' },
        },
        times: 2,
      },
      {
        call: 'sns.ListTagsForResource',
        input: { ResourceArn: '{topic}' },
        answer: { Tags: [{ Key: 'stack', Value: 'shop' }] },
      },
      { call: 'sns.Unsubscribe', input: { SubscriptionArn: '{subscription}' } },
      { call: 'sns.DeleteTopic', input: { TopicArn: '{topic}' } },
      { call: 'sns.GetTopicAttributes', input: { TopicArn: '{topic}' }, refused: 'NotFoundException' },
      { call: 'sqs.DeleteQueue', input: { QueueUrl: '{url}' } },
    ],
  },
  {
    what: 'AWS::Kinesis::Stream and AWS::Kinesis::StreamConsumer',
    source: 'AWS::Kinesis::Stream and AWS::Kinesis::StreamConsumer: resource type schemas',
    steps: [
      { call: 'kinesis.CreateStream', input: { StreamName: '{run}-stream', ShardCount: 1 } },
      {
        call: 'kinesis.DescribeStreamSummary',
        input: { StreamName: '{run}-stream' },
        answer: { StreamDescriptionSummary: { StreamStatus: 'ACTIVE', RetentionPeriodHours: 24, OpenShardCount: 1 } },
        keep: { 'StreamDescriptionSummary.StreamARN': 'stream' },
      },
      { call: 'kinesis.AddTagsToStream', input: { StreamName: '{run}-stream', Tags: { stack: 'shop' } } },
      {
        call: 'kinesis.ListTagsForStream',
        input: { StreamName: '{run}-stream', Limit: 50 },
        answer: { Tags: [{ Key: 'stack', Value: 'shop' }], HasMoreTags: false },
      },
      {
        call: 'kinesis.ListTagsForResource',
        input: { ResourceARN: '{stream}' },
        answer: { Tags: [{ Key: 'stack', Value: 'shop' }] },
      },
      {
        call: 'kinesis.RegisterStreamConsumer',
        input: { StreamARN: '{stream}', ConsumerName: 'c' },
        keep: { 'Consumer.ConsumerARN': 'consumer' },
      },
      {
        call: 'kinesis.ListStreamConsumers',
        input: { StreamARN: '{stream}' },
        answer: { Consumers: [{ ConsumerARN: '{consumer}', ConsumerStatus: 'ACTIVE' }] },
      },
      { call: 'kinesis.DeregisterStreamConsumer', input: { StreamARN: '{stream}', ConsumerName: 'c' } },
      {
        call: 'kinesis.DescribeStreamConsumer',
        input: { StreamARN: '{stream}', ConsumerName: 'c' },
        refused: 'ResourceNotFoundException',
      },
      { call: 'kinesis.DeleteStream', input: { StreamName: '{run}-stream', EnforceConsumerDeletion: true } },
      {
        call: 'kinesis.DescribeStreamSummary',
        input: { StreamName: '{run}-stream' },
        refused: 'ResourceNotFoundException',
      },
    ],
  },
];
