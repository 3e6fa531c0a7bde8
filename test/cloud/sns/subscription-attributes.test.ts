// GetSubscriptionAttributes and SetSubscriptionAttributes.

import { expect, it } from 'vitest';
import { GetSubscriptionAttributesCommand, SetSubscriptionAttributesCommand } from '@aws-sdk/client-sns';
import { account, entries, region, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

async function subscribed(
  endpoint: SnsEndpoint,
  TopicArn: string,
  attributes: Record<string, string> = {},
  Protocol = 'sqs',
  Endpoint = `arn:aws:sqs:${region}:${account}:q`,
): Promise<string> {
  const given = { TopicArn, Protocol, Endpoint, ReturnSubscriptionArn: 'true', ...entries('Attributes', attributes) };
  const { text } = await endpoint.query('Subscribe', given);
  return /<SubscriptionArn>([^<]*)/.exec(text)?.[1] ?? text;
}

async function attributesOf(endpoint: SnsEndpoint, SubscriptionArn: string): Promise<Record<string, string>> {
  return (await endpoint.client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes!;
}

async function set(endpoint: SnsEndpoint, arn: string, AttributeName: string, AttributeValue = ''): Promise<void> {
  const given = { SubscriptionArn: arn, AttributeName, AttributeValue };
  await endpoint.client.send(new SetSubscriptionAttributesCommand(given));
}

it('a new subscription has the attributes of a new subscription', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  const arn = await subscribed(endpoint, topic);
  expect(await attributesOf(endpoint, arn)).toEqual({
    ConfirmationWasAuthenticated: 'true',
    Endpoint: `arn:aws:sqs:${region}:${account}:q`,
    Owner: account,
    PendingConfirmation: 'false',
    Protocol: 'sqs',
    RawMessageDelivery: 'false',
    SubscriptionArn: arn,
    SubscriptionPrincipal: `arn:aws:iam::${account}:user/causeway`,
    TopicArn: topic,
  });
});

it('the scope of a filter shows with the filter, whose text is given back as it was', async () => {
  await using endpoint = await snsEndpoint();
  const arn = await subscribed(endpoint, await endpoint.topic());
  await set(endpoint, arn, 'FilterPolicyScope', 'MessageBody');
  expect(await attributesOf(endpoint, arn)).not.toHaveProperty('FilterPolicyScope');
  const policy = '{ "a": ["b"] }';
  await set(endpoint, arn, 'FilterPolicy', policy);
  expect(await attributesOf(endpoint, arn)).toMatchObject({ FilterPolicy: policy, FilterPolicyScope: 'MessageBody' });
  await set(endpoint, arn, 'FilterPolicy');
  expect(await attributesOf(endpoint, arn)).not.toHaveProperty('FilterPolicy');
});

it('delivery policies are shown as they are told, and as they work out with the topic’s', async () => {
  await using endpoint = await snsEndpoint();
  const http = { defaultRequestPolicy: { headerContentType: 'application/json' } };
  const topic = await endpoint.topic('t', { DeliveryPolicy: JSON.stringify({ http }) });
  const arn = await subscribed(endpoint, topic, {}, 'http', 'http://127.0.0.1:9/');
  const retry = {
    minDelayTarget: 1,
    maxDelayTarget: 1,
    numRetries: 0,
    numMaxDelayRetries: 0,
    numNoDelayRetries: 0,
    numMinDelayRetries: 0,
    backoffFunction: 'linear',
  };
  const told = { healthyRetryPolicy: retry, sicklyRetryPolicy: null, throttlePolicy: { maxReceivesPerSecond: 1000 } };
  await set(endpoint, arn, 'DeliveryPolicy', JSON.stringify({ ...told, guaranteed: false }));
  const { DeliveryPolicy, EffectiveDeliveryPolicy } = await attributesOf(endpoint, arn);
  expect(DeliveryPolicy).toBe(JSON.stringify({ ...told, requestPolicy: null, guaranteed: false }));
  const requestPolicy = { headerContentType: 'application/json' };
  expect(EffectiveDeliveryPolicy).toBe(JSON.stringify({ ...told, requestPolicy, guaranteed: false }));
  await set(endpoint, arn, 'DeliveryPolicy', '{"requestPolicy":{"headerContentType":"text/csv"}}');
  const after = await attributesOf(endpoint, arn);
  expect(JSON.parse(after['DeliveryPolicy']!)).toEqual({
    healthyRetryPolicy: null,
    sicklyRetryPolicy: null,
    throttlePolicy: null,
    requestPolicy: { headerContentType: 'text/csv' },
    guaranteed: false,
  });
});

const source = ' at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column:';

it.each([
  ['FakeAttribute', 'x', 'AttributeName'],
  ['RawMessageDelivery', 'test-ValUe', 'RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false.'],
  ['RawMessageDelivery', '', 'RawMessageDelivery: Invalid value []. Must be true or false.'],
  [
    'FilterPolicyScope',
    'RandomValue',
    'FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes',
  ],
  ['RedrivePolicy', '{"deadLetterTargetArn": "fake-arn"}', 'RedrivePolicy: deadLetterTargetArn is an invalid arn'],
  [
    'RedrivePolicy',
    '{invalidjson}',
    `RedrivePolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n${source} 2]`,
  ],
  [
    'FilterPolicy',
    '{invalidjson}',
    `FilterPolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n${source} 2]`,
  ],
  ['FilterPolicy', '{"key_a":"value_one"}', `FilterPolicy: "key_a" must be an object or an array\n${source} 11]`],
  ['FilterPolicy', '{"a":{"b":["c"]}}', 'Filter policy scope MessageAttributes does not support nested filter policy'],
  [
    'DeliveryPolicy',
    '{"healthyRetryPolicy":{"numRetries":0,"minDelayTarget":0,"maxDelayTarget":0}}',
    'DeliveryPolicy: healthyRetryPolicy.minDelayTarget must be greater than or equal to 1',
  ],
  [
    'ReplayPolicy',
    '{"PointType":"Timestamp","StartingPoint":"2026-01-01T00:00:00Z"}',
    'ReplayPolicy: can only be set for subscriptions of FIFO topics with an archive policy',
  ],
])('refuses to set %s to %s', async (AttributeName, AttributeValue, message) => {
  await using endpoint = await snsEndpoint();
  const SubscriptionArn = await subscribed(endpoint, await endpoint.topic());
  expect(
    await endpoint.refusal('SetSubscriptionAttributes', { SubscriptionArn, AttributeName, AttributeValue }),
  ).toEqual([400, 'InvalidParameter', `Invalid parameter: ${message}`]);
});

it('says of attributes that come with Subscribe that they are attributes', async () => {
  await using endpoint = await snsEndpoint();
  const given = { TopicArn: await endpoint.topic(), Protocol: 'sqs', Endpoint: await endpoint.queue('q') };
  const attributes = { RawMessageDelivery: 'wrongvalue', FilterPolicyScope: 'MessageBody', FilterPolicy: '' };
  expect(await endpoint.refusal('Subscribe', { ...given, ...entries('Attributes', attributes) })).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.',
  ]);
});

it('a FIFO queue of a FIFO topic needs a FIFO queue for its dead letters', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic('t.fifo', { FifoTopic: 'true' });
  const SubscriptionArn = await subscribed(endpoint, topic, {}, 'sqs', `arn:aws:sqs:${region}:${account}:q.fifo`);
  const AttributeValue = JSON.stringify({ deadLetterTargetArn: `arn:aws:sqs:${region}:${account}:dlq` });
  const given = { SubscriptionArn, AttributeName: 'RedrivePolicy', AttributeValue };
  expect(await endpoint.refusal('SetSubscriptionAttributes', given)).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.',
  ]);
});

it.each(['GetSubscriptionAttributes', 'SetSubscriptionAttributes'])('%s refuses what is not there', async (action) => {
  await using endpoint = await snsEndpoint();
  const none = `${await endpoint.topic()}:00000000-0000-0000-0000-000000000000`;
  const given = { SubscriptionArn: none, AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
  expect(await endpoint.refusal(action, given)).toEqual([404, 'NotFound', 'Subscription does not exist']);
});
