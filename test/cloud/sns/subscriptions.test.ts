// ListSubscriptions, ListSubscriptionsByTopic and Unsubscribe.

import { expect, it } from 'vitest';
import { ListSubscriptionsByTopicCommand, ListSubscriptionsCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { snsEndpoint } from './endpoint.ts';

it('lists a hundred at a time, each once, of a topic and of an account', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  for (let suffix = 0; suffix < 101; suffix++) {
    await endpoint.query('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: `+12312312${suffix}` });
  }
  const first = await endpoint.client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(first.Subscriptions).toHaveLength(100);
  const { NextToken } = first;
  const second = await endpoint.client.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
  expect(second.Subscriptions).toHaveLength(1);
  expect(second.NextToken).toBeUndefined();
  const listed = [...first.Subscriptions!, ...second.Subscriptions!].map(({ SubscriptionArn }) => SubscriptionArn);
  expect(new Set(listed).size).toBe(101);
  const own = await endpoint.client.send(new ListSubscriptionsCommand({}));
  expect(own.Subscriptions).toHaveLength(100);
  expect(own.NextToken).toBeDefined();
  expect((await endpoint.clientFor('111122223333').send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual([]);
});

it('unsubscribes, and once more', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  await endpoint.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: await endpoint.queue('q') });
  const { Subscriptions } = await endpoint.client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const SubscriptionArn = Subscriptions![0]!.SubscriptionArn!;
  for (let times = 0; times < 2; times++) await endpoint.client.send(new UnsubscribeCommand({ SubscriptionArn }));
  const after = await endpoint.client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(after.Subscriptions).toEqual([]);
  await endpoint.query('Publish', { TopicArn, Message: 'm' });
  expect(await endpoint.receive('q')).toEqual([]);
});

it.each([
  ['randomstring', 'SubscriptionArn Reason: An ARN must have at least 6 elements, not 1'],
  ['arn:aws:sns:us-east-1:random', 'SubscriptionArn Reason: An ARN must have at least 6 elements, not 5'],
  ['arn:aws:sns:us-east-1:111111111111:random', 'SubscriptionId'],
  [undefined, 'SubscriptionArn Reason: no value for required parameter'],
])('refuses to unsubscribe %s', async (SubscriptionArn, message) => {
  await using endpoint = await snsEndpoint();
  const parameters = SubscriptionArn === undefined ? {} : { SubscriptionArn };
  expect(await endpoint.refusal('Unsubscribe', parameters)).toEqual([
    400,
    'InvalidParameter',
    `Invalid parameter: ${message}`,
  ]);
});

it('who does not sign cannot end what its owner has subscribed', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  await endpoint.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: await endpoint.queue('q') });
  const [arn = ''] = await endpoint.subscriptions(TopicArn);
  const { status, text } = await endpoint.get(`/?Action=Unsubscribe&SubscriptionArn=${arn}`);
  expect([status, /<Code>(.*)<\/Code>/.exec(text)?.[1]]).toEqual([403, 'AuthorizationError']);
  expect(await endpoint.subscriptions(TopicArn)).toEqual([arn]);
});
