// Subscribe: protocols and their endpoints, what must be confirmed, and what is there already.

import { expect, it } from 'vitest';
import { ListSubscriptionsByTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { account, entries, region, snsEndpoint } from './endpoint.ts';

const queueArn = (name: string, owner = account, where = region): string => `arn:aws:sqs:${where}:${owner}:${name}`;

it.each([
  ['sqs', queueArn('not-there')],
  ['sms', '+1234567890'],
  ['sms', '+12/34-567.890'],
  ['lambda', `arn:aws:lambda:${region}:${account}:function:f`],
])('subscribes %s %s at once', async (Protocol, Endpoint) => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const { SubscriptionArn } = await endpoint.client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }));
  expect(SubscriptionArn).toMatch(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`));
});

it.each([
  ['http', 'http://127.0.0.1:9/'],
  ['https', 'https://127.0.0.1:9/x'],
  ['email', 'a@example.com'],
  ['email-json', 'a@example.com'],
  ['sqs', queueArn('q', '111122223333')],
])('%s %s must confirm first', async (Protocol, Endpoint) => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const subscribe = async (ReturnSubscriptionArn: boolean): Promise<string> => {
    const command = new SubscribeCommand({ TopicArn, Protocol, Endpoint, ReturnSubscriptionArn });
    return (await endpoint.client.send(command)).SubscriptionArn!;
  };
  expect(await subscribe(false)).toBe('pending confirmation');
  expect(await subscribe(true)).toMatch(new RegExp(`^${TopicArn}:`));
  const { Subscriptions } = await endpoint.client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(Subscriptions).toEqual([
    { SubscriptionArn: 'PendingConfirmation', Owner: account, Protocol, Endpoint, TopicArn },
  ]);
});

it.each([
  ['test-protocol', 'x', 'Invalid parameter: Amazon SNS does not support this protocol string: test-protocol'],
  ['sqs', 'unknown', 'Invalid parameter: SQS endpoint ARN'],
  ['sqs', 'http://localhost:4566/000000000000/q', 'Invalid parameter: SQS endpoint ARN'],
  ['sms', 'NAA+15551234567', 'Invalid SMS endpoint: NAA+15551234567'],
  ['sms', '+15--551234567', 'Invalid SMS endpoint: +15--551234567'],
  ['sms', '+15551234567.', 'Invalid SMS endpoint: +15551234567.'],
  ['sms', '/+15551234567', 'Invalid SMS endpoint: /+15551234567'],
  ['sms', 'invalid-number', 'Invalid SMS endpoint: invalid-number'],
  ['http', 'https://x', 'Invalid parameter: Endpoint must match the specified protocol'],
  ['email', 'nobody', 'Invalid parameter: Email address'],
  ['application', 'x', 'Invalid parameter: ApplicationEndpoint ARN'],
  [
    'sqs',
    queueArn('q.fifo'),
    'Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
  ],
])('refuses %s %s', async (Protocol, Endpoint, message) => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  expect(await endpoint.refusal('Subscribe', { TopicArn, Protocol, Endpoint })).toEqual([
    400,
    'InvalidParameter',
    message,
  ]);
});

it('refuses a topic that is not there, or of another region', async () => {
  await using endpoint = await snsEndpoint();
  const refused = (TopicArn: string): Promise<unknown> =>
    endpoint.refusal('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: 'asdf' });
  expect(await refused(`arn:aws:sns:${region}:${account}:none`)).toEqual([404, 'NotFound', 'Topic does not exist']);
  expect(await refused(`arn:aws:sns:eu-west-1:${account}:none`)).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: TopicArn',
  ]);
});

it('gives the subscription that is there, unless it is asked for another', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const Endpoint = await endpoint.queue('q');
  const given = { TopicArn, Protocol: 'sqs', Endpoint };
  const subscribe = (attributes: Record<string, string>): ReturnType<typeof endpoint.query> =>
    endpoint.query('Subscribe', { ...given, ...entries('Attributes', attributes) });
  const { text: first } = await subscribe({ RawMessageDelivery: 'True' });
  const arn = /<SubscriptionArn>([^<]*)/.exec(first)![1]!;
  for (const same of [
    { RawMessageDelivery: 'true' },
    { RawMessageDelivery: 'true', FilterPolicyScope: 'MessageAttributes' },
    {},
    { FilterPolicyScope: 'MessageAttributes' },
  ] as Record<string, string>[]) {
    expect((await subscribe(same)).text).toContain(arn);
  }
  const other = { RawMessageDelivery: 'false', FilterPolicyScope: 'MessageBody' };
  expect(await endpoint.refusal('Subscribe', { ...given, ...entries('Attributes', other) })).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
  ]);
});

it('a FIFO topic has queues only', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic('t.fifo', { FifoTopic: 'true' });
  const [status] = await endpoint.refusal('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: '+1234567890' });
  expect(status).toBe(400);
  const Endpoint = await endpoint.queue('q');
  expect((await endpoint.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint })).status).toBe(200);
});

it('queues of any account and region are subscribed by their own account', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const Endpoint = await endpoint.queue('far', '111122223333', 'eu-west-1');
  const command = new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint });
  const { SubscriptionArn } = await endpoint.clientFor('111122223333').send(command);
  expect(SubscriptionArn).toContain(TopicArn);
  await endpoint.query('Publish', { TopicArn, Message: 'm' });
  const queue = endpoint.queues.find({ account: '111122223333', region: 'eu-west-1' }, 'far')!;
  expect(queue.core.readyCount).toBe(1);
});
