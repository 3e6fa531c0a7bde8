// What Terraform calls for topics and subscriptions, in its order: provider hashicorp/aws 6, internal/service/sns (topic.go,
// topic_policy.go, topic_subscription.go, tags_gen.go) and internal/attrmap, read at commit 00a35305 of 2026.

import type { Recording, Step } from './steps.ts';

const source = 'hashicorp/terraform-provider-aws internal/service/sns/topic.go';

const read = (answer: object, absent: readonly string[] = []): Step => ({
  call: 'sns.GetTopicAttributes',
  input: { TopicArn: '{topic}' },
  answer: { Attributes: answer },
  absent,
  times: 2,
});
const set = (AttributeName: string, AttributeValue: string): Step => ({
  call: 'sns.SetTopicAttributes',
  input: { TopicArn: '{topic}', AttributeName, AttributeValue },
});
const tags = (Tags: readonly object[]): Step => ({
  call: 'sns.ListTagsForResource',
  input: { ResourceArn: '{topic}' },
  answer: { Tags },
});
const deletion: Step = { call: 'sns.DeleteTopic', input: { TopicArn: '{topic}' } };

/** Integers without a default of their own are sent as 0. */
const rates = ['Application', 'Firehose', 'HTTP', 'Lambda', 'SQS'].map(
  (protocol) => `${protocol}SuccessFeedbackSampleRate`,
);
const role = 'arn:aws:iam::123456789012:role/feedback';

const policy = JSON.stringify({
  Statement: [
    {
      Action: 'SNS:Publish',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Resource: '{topic}',
      Sid: 'publishers',
    },
  ],
  Version: '2012-10-17',
});
const deliveryPolicy = JSON.stringify({
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
    defaultThrottlePolicy: { maxReceivesPerSecond: 1 },
  },
});

const readSubscription = (answer: object, absent: readonly string[] = []): Step => ({
  call: 'sns.GetSubscriptionAttributes',
  input: { SubscriptionArn: '{subscription}' },
  answer: { Attributes: answer },
  absent,
  times: 2,
});
const setSubscription = (AttributeName: string, AttributeValue?: string): Step => ({
  call: 'sns.SetSubscriptionAttributes',
  input: {
    SubscriptionArn: '{subscription}',
    AttributeName,
    ...(AttributeValue === undefined ? {} : { AttributeValue }),
  },
});

export const topicRecordings: readonly Recording[] = [
  {
    what: 'aws_sns_topic: with defaults, changed, tagged, deleted',
    source,
    steps: [
      {
        call: 'sns.CreateTopic',
        input: { Name: '{run}-plain', Tags: [{ Key: 'Name', Value: 'plain' }] },
        keep: { TopicArn: 'topic' },
      },
      ...rates.map((name) => set(name, '0')),
      {
        ...read({ TopicArn: '{topic}', ...Object.fromEntries(rates.map((name) => [name, '0'])) }, [
          'KmsMasterKeyId',
          'FifoTopic',
          'ContentBasedDeduplication',
          'DeliveryPolicy',
          'ArchivePolicy',
          'FifoThroughputScope',
        ]),
        keep: { 'Attributes.Owner': 'account', 'Attributes.Policy': 'policy' },
      },
      tags([{ Key: 'Name', Value: 'plain' }]),
      set('DisplayName', 'A name'),
      set('KmsMasterKeyId', 'alias/aws/sns'),
      set('SignatureVersion', '2'),
      set('TracingConfig', 'Active'),
      set('DeliveryPolicy', deliveryPolicy),
      set('SQSSuccessFeedbackRoleArn', role),
      set('SQSFailureFeedbackRoleArn', role),
      set('SQSSuccessFeedbackSampleRate', '100'),
      read({
        DisplayName: 'A name',
        KmsMasterKeyId: 'alias/aws/sns',
        SignatureVersion: '2',
        TracingConfig: 'Active',
        DeliveryPolicy: deliveryPolicy,
        SQSSuccessFeedbackRoleArn: role,
        SQSFailureFeedbackRoleArn: role,
        SQSSuccessFeedbackSampleRate: '100',
        Policy: '{policy}',
      }),
      { call: 'sns.UntagResource', input: { ResourceArn: '{topic}', TagKeys: ['Name'] } },
      { call: 'sns.TagResource', input: { ResourceArn: '{topic}', Tags: [{ Key: 'env', Value: 'test' }] } },
      tags([{ Key: 'env', Value: 'test' }]),
      // What is taken out of a configuration is set to nothing.
      set('DisplayName', ''),
      set('KmsMasterKeyId', ''),
      set('DeliveryPolicy', ''),
      set('SQSSuccessFeedbackRoleArn', ''),
      set('SQSFailureFeedbackRoleArn', ''),
      set('SQSSuccessFeedbackSampleRate', '0'),
      read({ DisplayName: '' }, [
        'KmsMasterKeyId',
        'DeliveryPolicy',
        'SQSSuccessFeedbackRoleArn',
        'SQSFailureFeedbackRoleArn',
      ]),
      deletion,
      { call: 'sns.GetTopicAttributes', input: { TopicArn: '{topic}' }, refused: 'NotFoundException' },
    ],
  },
  {
    what: 'aws_sns_topic: FIFO, with archive',
    source,
    steps: [
      {
        call: 'sns.CreateTopic',
        input: { Name: '{run}-ordered.fifo', Attributes: { FifoTopic: 'true', FifoThroughputScope: 'MessageGroup' } },
        keep: { TopicArn: 'topic' },
      },
      set('ContentBasedDeduplication', 'true'),
      set('ArchivePolicy', '{"MessageRetentionPeriod":"30"}'),
      read({
        FifoTopic: 'true',
        FifoThroughputScope: 'MessageGroup',
        ContentBasedDeduplication: 'true',
        ArchivePolicy: '{"MessageRetentionPeriod":"30"}',
      }),
      set('ContentBasedDeduplication', 'false'),
      set('FifoThroughputScope', 'Topic'),
      // Taken out, it is an empty document, for which the topic has to have none.
      set('ArchivePolicy', '{}'),
      read({ ContentBasedDeduplication: 'false', FifoThroughputScope: 'Topic' }),
      deletion,
    ],
  },
  {
    what: 'aws_sns_topic_policy: set, and back to the default',
    source: 'hashicorp/terraform-provider-aws internal/service/sns/topic_policy.go',
    steps: [
      { call: 'sns.CreateTopic', input: { Name: '{run}-policy' }, keep: { TopicArn: 'topic' } },
      { ...read({}), keep: { 'Attributes.Policy': 'policy' } },
      set('Policy', policy),
      read({ Policy: policy }),
      set('Policy', '{policy}'),
      read({ Policy: '{policy}' }),
      deletion,
    ],
  },
  {
    what: 'aws_sns_topic_subscription: filters, raw delivery, a dead-letter queue; changed, removed',
    source: 'hashicorp/terraform-provider-aws internal/service/sns/topic_subscription.go',
    steps: [
      { call: 'sqs.CreateQueue', input: { QueueName: '{run}-sub' }, keep: { QueueUrl: 'url' } },
      {
        call: 'sqs.GetQueueAttributes',
        input: { QueueUrl: '{url}', AttributeNames: ['QueueArn'] },
        keep: { 'Attributes.QueueArn': 'queue' },
      },
      { call: 'sns.CreateTopic', input: { Name: '{run}-sub' }, keep: { TopicArn: 'topic' } },
      {
        call: 'sns.Subscribe',
        input: {
          TopicArn: '{topic}',
          Protocol: 'sqs',
          Endpoint: '{queue}',
          ReturnSubscriptionArn: true,
          Attributes: {
            FilterPolicy: '{"color":["blue",{"prefix":"gr"}],"price":[{"numeric":[">",0]}]}',
            RawMessageDelivery: 'true',
            RedrivePolicy: '{"deadLetterTargetArn":"{queue}"}',
          },
        },
        keep: { SubscriptionArn: 'subscription' },
      },
      readSubscription(
        {
          SubscriptionArn: '{subscription}',
          TopicArn: '{topic}',
          Protocol: 'sqs',
          Endpoint: '{queue}',
          PendingConfirmation: 'false',
          ConfirmationWasAuthenticated: 'true',
          FilterPolicy: '{"color":["blue",{"prefix":"gr"}],"price":[{"numeric":[">",0]}]}',
          FilterPolicyScope: 'MessageAttributes',
          RawMessageDelivery: 'true',
          RedrivePolicy: '{"deadLetterTargetArn":"{queue}"}',
        },
        ['DeliveryPolicy', 'ReplayPolicy', 'SubscriptionRoleArn'],
      ),
      // A body's policy may be nested: its scope goes first, and last on the way back.
      setSubscription('FilterPolicyScope', 'MessageBody'),
      setSubscription('FilterPolicy', '{"order":{"color":["blue"]}}'),
      setSubscription('RawMessageDelivery', 'false'),
      readSubscription({
        FilterPolicy: '{"order":{"color":["blue"]}}',
        FilterPolicyScope: 'MessageBody',
        RawMessageDelivery: 'false',
      }),
      setSubscription('FilterPolicy', '{"color":["red"]}'),
      setSubscription('FilterPolicyScope', 'MessageAttributes'),
      readSubscription({ FilterPolicy: '{"color":["red"]}', FilterPolicyScope: 'MessageAttributes' }),
      setSubscription('FilterPolicy', '{}'),
      setSubscription('RedrivePolicy'),
      readSubscription({ RawMessageDelivery: 'false' }, ['RedrivePolicy', 'FilterPolicy']),
      { call: 'sns.Unsubscribe', input: { SubscriptionArn: '{subscription}' } },
      {
        call: 'sns.GetSubscriptionAttributes',
        input: { SubscriptionArn: '{subscription}' },
        refused: 'NotFoundException',
      },
      deletion,
      { call: 'sqs.DeleteQueue', input: { QueueUrl: '{url}' } },
    ],
  },
];
