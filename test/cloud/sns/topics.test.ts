// ListTopics and DeleteTopic; accounts and regions apart.

import { expect, it } from 'vitest';
import { CreateTopicCommand, DeleteTopicCommand, ListTopicsCommand, paginateListTopics } from '@aws-sdk/client-sns';
import { account, region, snsEndpoint } from './endpoint.ts';

it('lists a hundred at a time, each once', async () => {
  await using endpoint = await snsEndpoint();
  const made = await Promise.all(Array.from({ length: 120 }, (_, index) => endpoint.topic(`paging-${index}`)));
  const first = await endpoint.client.send(new ListTopicsCommand({}));
  expect(first.Topics).toHaveLength(100);
  const listed: string[] = [];
  for await (const { Topics = [] } of paginateListTopics({ client: endpoint.client }, {})) {
    listed.push(...Topics.map(({ TopicArn }) => TopicArn!));
  }
  expect(listed).toHaveLength(120);
  expect(new Set(listed)).toEqual(new Set(made));
});

it('refuses a token that it did not give', async () => {
  await using endpoint = await snsEndpoint();
  expect(await endpoint.refusal('ListTopics', { NextToken: '***' })).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: NextToken',
  ]);
});

it('accounts and regions have topics of their own', async () => {
  await using endpoint = await snsEndpoint();
  const clients = [endpoint.client, endpoint.clientFor('111122223333'), endpoint.clientFor('test', 'eu-west-1')];
  const made: string[] = [];
  for (const client of clients) made.push((await client.send(new CreateTopicCommand({ Name: 'same' }))).TopicArn!);
  expect(made).toEqual([
    `arn:aws:sns:${region}:${account}:same`,
    `arn:aws:sns:${region}:111122223333:same`,
    `arn:aws:sns:eu-west-1:${account}:same`,
  ]);
  for (const [index, client] of clients.entries()) {
    expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: made[index] }]);
  }
});

it('deletes a topic, and one that is not there', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  for (let times = 0; times < 2; times++) await endpoint.client.send(new DeleteTopicCommand({ TopicArn }));
  expect((await endpoint.client.send(new ListTopicsCommand({}))).Topics).toEqual([]);
  expect(await endpoint.refusal('DeleteTopic', { TopicArn: 'x' })).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
  ]);
});

it('a topic that is made anew has neither the tags nor the subscriptions of the old one', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  await endpoint.query('TagResource', { ResourceArn: TopicArn, 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': '1' });
  const Endpoint = await endpoint.queue('q');
  await endpoint.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint });
  await endpoint.query('DeleteTopic', { TopicArn });
  expect(await endpoint.topic()).toBe(TopicArn);
  expect((await endpoint.query('ListTagsForResource', { ResourceArn: TopicArn })).text).toContain('<Tags/>');
  await endpoint.query('Publish', { TopicArn, Message: 'm' });
  expect(await endpoint.receive('q')).toEqual([]);
});

it('the subscriptions of a deleted topic can be looked at for two days', async () => {
  const { ManualClock } = await import('../../support/manual-clock.ts');
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  const TopicArn = await endpoint.topic();
  await endpoint.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: await endpoint.queue('q') });
  const [SubscriptionArn = ''] = endpoint.sns.topics.find(TopicArn)!.subscriptions.keys();
  await endpoint.query('DeleteTopic', { TopicArn });
  expect((await endpoint.query('GetSubscriptionAttributes', { SubscriptionArn })).status).toBe(200);
  expect((await endpoint.query('ListSubscriptions')).text).toContain('<Subscriptions/>');
  clock.turn(49 * 3_600_000);
  await expect
    .poll(() => endpoint.refusal('GetSubscriptionAttributes', { SubscriptionArn }))
    .toEqual([404, 'NotFound', 'Subscription does not exist']);
});
