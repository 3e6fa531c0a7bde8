// What outlives the engine: another one is started over the same store, as if the first had been killed.

import { expect, it } from 'vitest';
import { Queues } from '../../../broker/cloud/sqs/model/queues.ts';
import { Broker } from '../../../broker/core/broker.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { silent } from '../../../broker/util/log.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { testBroker } from '../../support/broker.ts';
import { account, entries, httpEndpoint, region, serveSns, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

/** Nothing of the first engine is closed: it never gets to say goodbye to the store. */
async function restarted(endpoint: SnsEndpoint, clock: ManualClock): Promise<SnsEndpoint> {
  const { store } = endpoint;
  const broker = new Broker({ store, clock, log: silent, memoryLimitBytes: 2 ** 20 });
  const queues = new Queues(broker, clock);
  await broker.start((definition) => queues.policyOf(definition));
  return serveSns({ broker, store, clock, queues });
}

it('topics, subscriptions, applications, endpoints and settings are as they were', async () => {
  const clock = new ManualClock();
  await using first = await snsEndpoint({ clock });
  const TopicArn = await first.topic('t', { DisplayName: 'Shop' });
  await first.query('TagResource', { ResourceArn: TopicArn, 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': '1' });
  const given = { TopicArn, Protocol: 'sqs', Endpoint: await first.queue('q') };
  await first.query('Subscribe', { ...given, ...entries('Attributes', { FilterPolicy: '{"a":["b"]}' }) });
  await first.query('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'a@example.com' });
  const credentials = entries('Attributes', { PlatformPrincipal: 'p', PlatformCredential: 'c' });
  await first.query('CreatePlatformApplication', { Name: 'app', Platform: 'ADM', ...credentials });
  const PlatformApplicationArn = `arn:aws:sns:${region}:${account}:app/ADM/app`;
  await first.query('CreatePlatformEndpoint', { PlatformApplicationArn, Token: 't' });
  await first.query('SetSMSAttributes', entries('attributes', { DefaultSMSType: 'Transactional' }));
  const questions = [
    ['GetTopicAttributes', { TopicArn }],
    ['ListTagsForResource', { ResourceArn: TopicArn }],
    ['ListSubscriptions', {}],
    ['ListPlatformApplications', {}],
    ['ListEndpointsByPlatformApplication', { PlatformApplicationArn }],
    ['GetSMSAttributes', {}],
  ] as const;
  const answers = async (endpoint: SnsEndpoint): Promise<readonly string[]> => {
    const found = questions.map(([action, parameters]) => endpoint.query(action, parameters));
    return (await Promise.all(found)).map(({ text }) => text.replace(/<RequestId>.*<\/RequestId>/, ''));
  };
  const before = await answers(first);
  await using second = await restarted(first, clock);
  expect(await answers(second)).toEqual(before);
  await second.query('Publish', { TopicArn, Message: 'filtered' });
  expect(await second.receive('q')).toEqual([]);
  const [mail] = await second.sns.mailbox.read();
  expect(mail).toMatchObject({ kind: 'email', to: 'a@example.com' });
});

it('the signing key and its certificate stay the same', async () => {
  const clock = new ManualClock();
  await using first = await snsEndpoint({ clock });
  const TopicArn = await first.topic();
  await first.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: await first.queue('q') });
  const publish = async (endpoint: SnsEndpoint): Promise<string> => {
    await endpoint.query('Publish', { TopicArn, Message: 'm' });
    const [received] = await endpoint.receive('q');
    return new URL(JSON.parse(received!.body).SigningCertURL).pathname;
  };
  const before = await publish(first);
  await using second = await restarted(first, clock);
  expect(await publish(second)).toBe(before);
  expect((await second.get(before)).text).toContain('BEGIN CERTIFICATE');
});

it('a deduplication window goes on', async () => {
  const clock = new ManualClock();
  await using first = await snsEndpoint({ clock });
  const TopicArn = await first.topic('t.fifo', { FifoTopic: 'true' });
  await first.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: await first.queue('q') });
  const given = { TopicArn, Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  const id = async (endpoint: SnsEndpoint): Promise<string | undefined> =>
    /<MessageId>([^<]*)/.exec((await endpoint.query('Publish', given)).text)?.[1];
  const before = await id(first);
  await using second = await restarted(first, clock);
  expect(await id(second)).toBe(before);
  expect(await second.receive('q')).toHaveLength(1);
  clock.turn(301_000);
  expect(await id(second)).not.toBe(before);
  await expect
    .poll(async () => {
      clock.turn(60_000);
      return (await second.store.readRecords('sns-deduplication')).length;
    })
    .toBeLessThanOrEqual(1);
});

it('a retry comes when it is due', async () => {
  const clock = new ManualClock();
  await using hook = await httpEndpoint(200, 500, 200);
  await using first = await snsEndpoint({ clock });
  const TopicArn = await first.topic();
  const { text } = await first.query('Subscribe', {
    TopicArn,
    Protocol: 'http',
    Endpoint: hook.url,
    ReturnSubscriptionArn: 'true',
  });
  const arn = /<SubscriptionArn>([^<]*)/.exec(text)![1]!;
  await hook.came(1);
  await first.query('ConfirmSubscription', { TopicArn, Token: first.sns.subscriptions.find(arn)!.record.token });
  await first.query('Publish', { TopicArn, Message: 'late' });
  await hook.came(2);
  const queue = first.broker.find('sns-http', arn)!;
  // The first engine has noted when to try again, and gets no further.
  await expect
    .poll(async () => {
      const [stored] = await first.store.readPage(queue.id, 0, { entries: 1, bytes: 1e6 });
      return stored?.delivery?.until;
    })
    .toSatisfy((until: number) => until >= clock.now() + 20_000 && until <= clock.now() + 22_000);
  await first.sns.close();
  await using _second = await restarted(first, clock);
  expect(hook.posted).toHaveLength(2);
  clock.turn(19_000);
  expect(hook.posted).toHaveLength(2);
  await expect.poll(() => (clock.turn(500), hook.posted.length)).toBe(3);
  expect(JSON.parse(hook.posted[2]!.body).Message).toBe('late');
});

it('a replay goes on where it was', async () => {
  const clock = new ManualClock();
  await using first = await snsEndpoint({ clock });
  const ArchivePolicy = '{"MessageRetentionPeriod":"30"}';
  const TopicArn = await first.topic('t.fifo', { FifoTopic: 'true', ArchivePolicy });
  for (let index = 0; index < 5; index++) {
    const given = { TopicArn, Message: String(index), MessageGroupId: 'g', MessageDeduplicationId: String(index) };
    await first.query('Publish', given);
  }
  const policy = { PointType: 'Timestamp', StartingPoint: new Date(0).toISOString() };
  const given = { TopicArn, Protocol: 'sqs', Endpoint: await first.queue('q') };
  const told = { ReplayPolicy: JSON.stringify(policy), RawMessageDelivery: 'true' };
  await first.query('Subscribe', { ...given, ...entries('Attributes', told) });
  await expect.poll(() => first.queues.find({ account, region }, 'q')!.core.readyCount).toBe(5);
  await using second = await restarted(first, clock);
  await second.query('Publish', { TopicArn, Message: 'new', MessageGroupId: 'g', MessageDeduplicationId: 'new' });
  const received = await second.receive('q');
  expect(received.map(({ body }) => body)).toEqual(['0', '1', '2', '3', '4', 'new']);
});

it('a commit that fails delivers nothing, and the message can be published again', async () => {
  const clock = new ManualClock();
  const { broker, store } = await testBroker({ clock });
  await using endpoint = await serveSns({ broker, store, clock });
  const TopicArn = await endpoint.topic('t.fifo', { FifoTopic: 'true' });
  for (const name of ['a', 'b']) {
    await endpoint.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: await endpoint.queue(name) });
  }
  const given = { TopicArn, Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  store.fail(new BrokerError('store-full', 'no space'));
  expect((await endpoint.query('Publish', given)).status).toBe(503);
  store.fail(undefined);
  for (const name of ['a', 'b']) expect(await endpoint.receive(name)).toEqual([]);
  expect((await endpoint.query('Publish', given)).status).toBe(200);
  for (const name of ['a', 'b']) expect(await endpoint.receive(name)).toHaveLength(1);
});
