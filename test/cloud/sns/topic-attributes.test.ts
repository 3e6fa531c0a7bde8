// GetTopicAttributes and SetTopicAttributes.

import { expect, it } from 'vitest';
import { GetTopicAttributesCommand, SetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { account, region, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

async function attributesOf(endpoint: SnsEndpoint, TopicArn: string): Promise<Record<string, string>> {
  return (await endpoint.client.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes!;
}

async function set(endpoint: SnsEndpoint, TopicArn: string, AttributeName: string, AttributeValue = ''): Promise<void> {
  await endpoint.client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
}

const defaultDelivery = {
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
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
};

it('a new topic has the attributes of a new topic', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  const { Policy, EffectiveDeliveryPolicy, ...rest } = await attributesOf(endpoint, topic);
  expect(rest).toEqual({
    TopicArn: topic,
    Owner: account,
    DisplayName: '',
    SubscriptionsConfirmed: '0',
    SubscriptionsDeleted: '0',
    SubscriptionsPending: '0',
  });
  expect(EffectiveDeliveryPolicy).toBe(JSON.stringify(defaultDelivery));
  expect(JSON.parse(Policy!)).toEqual({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'SNS:GetTopicAttributes',
          'SNS:SetTopicAttributes',
          'SNS:AddPermission',
          'SNS:RemovePermission',
          'SNS:DeleteTopic',
          'SNS:Subscribe',
          'SNS:ListSubscriptionsByTopic',
          'SNS:Publish',
        ],
        Resource: topic,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });
});

it('a FIFO topic shows that it is one', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic('t.fifo', { FifoTopic: 'true', SignatureVersion: '2', DisplayName: 'Test' });
  expect(await attributesOf(endpoint, topic)).toMatchObject({
    FifoTopic: 'true',
    ContentBasedDeduplication: 'false',
    SignatureVersion: '2',
    DisplayName: 'Test',
  });
  const standard = await endpoint.topic('t', { FifoTopic: 'false' });
  expect(await attributesOf(endpoint, standard)).not.toHaveProperty('FifoTopic');
});

it('what is set is shown, and what is taken away is gone', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  const told = {
    DisplayName: 'Shop',
    TracingConfig: 'Active',
    KmsMasterKeyId: 'alias/aws/sns',
    MaximumMessageSize: '1048576',
    LambdaSuccessFeedbackRoleArn: 'arn:aws:iam::000000000000:role/log',
    LambdaSuccessFeedbackSampleRate: '100',
  };
  for (const [name, value] of Object.entries(told)) await set(endpoint, topic, name, value);
  expect(await attributesOf(endpoint, topic)).toMatchObject(told);
  await set(endpoint, topic, 'KmsMasterKeyId');
  expect(await attributesOf(endpoint, topic)).not.toHaveProperty('KmsMasterKeyId');
  const { Policy: before } = await attributesOf(endpoint, await endpoint.topic('other'));
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'SNS:Publish',
    Resource: topic,
  };
  const own = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await set(endpoint, topic, 'Policy', own);
  expect((await attributesOf(endpoint, topic))['Policy']).toBe(own);
  await set(endpoint, topic, 'Policy');
  expect((await attributesOf(endpoint, topic))['Policy']).toBe(before!.replaceAll(':other', ':t'));
});

it('a delivery policy is shown as it is told, and as it works out', async () => {
  await using endpoint = await snsEndpoint();
  const request = { defaultRequestPolicy: { headerContentType: 'application/json' } };
  const topic = await endpoint.topic('t', { DeliveryPolicy: JSON.stringify({ http: request }) });
  const shown = async (): Promise<readonly unknown[]> => {
    const { DeliveryPolicy = 'null', EffectiveDeliveryPolicy } = await attributesOf(endpoint, topic);
    return [JSON.parse(DeliveryPolicy), JSON.parse(EffectiveDeliveryPolicy!)];
  };
  expect(await shown()).toEqual([
    { http: { disableSubscriptionOverrides: false, ...request } },
    { http: { ...defaultDelivery.http, ...request } },
  ]);
  const retry = { minDelayTarget: 5, maxDelayTarget: 6, numRetries: 1 };
  await set(endpoint, topic, 'DeliveryPolicy', JSON.stringify({ http: { defaultHealthyRetryPolicy: retry } }));
  expect(await shown()).toEqual([
    { http: { defaultHealthyRetryPolicy: retry, disableSubscriptionOverrides: false } },
    {
      http: {
        ...defaultDelivery.http,
        defaultHealthyRetryPolicy: { ...defaultDelivery.http.defaultHealthyRetryPolicy, ...retry },
      },
    },
  ]);
  await set(endpoint, topic, 'DeliveryPolicy', '{"http":{"defaultHealthyRetryPolicy":null}}');
  expect(await shown()).toEqual([{ http: { disableSubscriptionOverrides: false } }, defaultDelivery]);
  await set(endpoint, topic, 'DeliveryPolicy');
  expect(await shown()).toEqual([null, defaultDelivery]);
});

const statement = { Effect: 'Allow', Principal: '*', Action: 'SNS:Publish', Resource: '*' };
const policy = (change: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, ...change } });

it.each([
  ['Policy', '{', 'Policy Error: null'],
  ['Policy', '{"Version":"2012-10-17","Statement":[]}', 'Policy Error: null'],
  ['Policy', policy({ Dummy: 1 }), 'Policy Error: null'],
  ['Policy', policy({ Effect: 'Maybe' }), 'Policy Error: null'],
  ['Policy', policy({ Principal: { AWS: 'ann' } }), 'Policy Error: PrincipalNotFound'],
  ['Policy', policy({ Principal: undefined }), 'Policy Error: PrincipalNotFound'],
  ['Policy', policy({ Action: 'SNS:*' }), 'Policy statement action out of service scope!'],
  ['Policy', policy({ Action: 'sns:CreateTopic' }), 'Policy statement action out of service scope!'],
  ['Policy', policy({ Action: ['sns:Publish', 'sqs:SendMessage'] }), 'Policy statement action out of service scope!'],
  [
    'Policy',
    JSON.stringify({ Version: '2012-10-17', Statement: Array.from({ length: 101 }, () => statement) }),
    'Policy Error: 101 statements were found, at most 100 are allowed',
  ],
  [
    'Policy',
    policy({ Principal: { AWS: Array.from({ length: 201 }, (_, index) => String(1e11 + index)) } }),
    'Policy Error: 201 principals were found, at most 200 are allowed',
  ],
  ['FifoTopic', 'false', 'AttributeName'],
  ['Owner', '111122223333', 'AttributeName'],
  ['SignatureVersion', '3', 'SignatureVersion: Invalid value [3]. Must be one of [1, 2].'],
  ['ArchivePolicy', '{"MessageRetentionPeriod":"30"}', 'ArchivePolicy can only be set for FIFO topics'],
  ['DeliveryPolicy', '{', 'DeliveryPolicy: failed to parse JSON.'],
  [
    'DeliveryPolicy',
    '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":0,"maxDelayTarget":1,"numRetries":1}}}',
    'DeliveryPolicy: http.defaultHealthyRetryPolicy.minDelayTarget must be greater than or equal to 1',
  ],
  [
    'DeliveryPolicy',
    '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":3600,"maxDelayTarget":3600,"numRetries":2}}}',
    'DeliveryPolicy: http.defaultHealthyRetryPolicy: total retry time must be less than or equal to 3600 seconds',
  ],
])('refuses to set %s to %s', async (AttributeName, AttributeValue, message) => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  expect(await endpoint.refusal('SetTopicAttributes', { TopicArn, AttributeName, AttributeValue })).toEqual([
    400,
    'InvalidParameter',
    `Invalid parameter: ${message}`,
  ]);
});

it.each(['GetTopicAttributes', 'SetTopicAttributes', 'ListSubscriptionsByTopic', 'AddPermission', 'RemovePermission'])(
  '%s refuses a topic that is not there, one of another region, and what is no ARN',
  async (action) => {
    await using endpoint = await snsEndpoint();
    const others = {
      AttributeName: 'DisplayName',
      Label: 'l',
      'AWSAccountId.member.1': '1',
      'ActionName.member.1': 'Publish',
    };
    const refused = (TopicArn: string): Promise<unknown> => endpoint.refusal(action, { TopicArn, ...others });
    expect(await refused(`arn:aws:sns:${region}:${account}:none`)).toEqual([404, 'NotFound', 'Topic does not exist']);
    expect(await refused(`arn:aws:sns:eu-west-1:${account}:none`)).toEqual([
      400,
      'InvalidParameter',
      'Invalid parameter: TopicArn',
    ]);
    for (const [text, count] of [
      ['', 1],
      ['randomstring', 1],
      ['arn:aws:sns:us-east-1:random', 5],
    ] as const) {
      expect(await refused(text)).toEqual([
        400,
        'InvalidParameter',
        `Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not ${count}`,
      ]);
    }
  },
);

it('counts subscriptions: confirmed, pending, deleted', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const subscribe = (Protocol: string, Endpoint: string): Promise<unknown> =>
    endpoint.query('Subscribe', { TopicArn, Protocol, Endpoint });
  await subscribe('sms', '+15550001111');
  await subscribe('sms', '+15550002222');
  await subscribe('email', 'a@example.com');
  const gone = (await endpoint.subscriptions(TopicArn)).find((arn) => arn.startsWith(TopicArn));
  await endpoint.query('Unsubscribe', { SubscriptionArn: gone! });
  expect(await attributesOf(endpoint, TopicArn)).toMatchObject({
    SubscriptionsConfirmed: '1',
    SubscriptionsPending: '1',
    SubscriptionsDeleted: '1',
  });
});

it('changes of one topic at once are all kept', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  const roles = ['HTTP', 'SQS', 'Lambda', 'Firehose', 'Application'].map((kind) => `${kind}FailureFeedbackRoleArn`);
  await Promise.all(roles.map((name) => set(endpoint, topic, name, name)));
  expect(await attributesOf(endpoint, topic)).toMatchObject(Object.fromEntries(roles.map((name) => [name, name])));
});
