// Archive and replay of FIFO topics.

import { expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { entries, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

const ArchivePolicy = '{"MessageRetentionPeriod":"30"}';

async function archived(endpoint: SnsEndpoint): Promise<string> {
  return endpoint.topic('t.fifo', { FifoTopic: 'true', ArchivePolicy });
}

async function publish(endpoint: SnsEndpoint, TopicArn: string, Message: string): Promise<void> {
  const given = { TopicArn, Message, MessageGroupId: 'g', MessageDeduplicationId: Message };
  expect((await endpoint.query('Publish', given)).status).toBe(200);
}

async function replayTo(
  endpoint: SnsEndpoint,
  TopicArn: string,
  from: number,
  told: Record<string, string> = {},
  to?: number,
): Promise<string> {
  const EndingPoint = to === undefined ? {} : { EndingPoint: new Date(to).toISOString() };
  const policy = { PointType: 'Timestamp', StartingPoint: new Date(from).toISOString(), ...EndingPoint };
  const given = { TopicArn, Protocol: 'sqs', Endpoint: await endpoint.queue('q') };
  const attributes = { ReplayPolicy: JSON.stringify(policy), ...told };
  const { text } = await endpoint.query('Subscribe', { ...given, ...entries('Attributes', attributes) });
  return /<SubscriptionArn>([^<]*)/.exec(text)![1]!;
}

async function statusOf(endpoint: SnsEndpoint, SubscriptionArn: string): Promise<string | undefined> {
  const { text } = await endpoint.query('GetSubscriptionAttributes', { SubscriptionArn });
  return /<key>ReplayStatus<\/key><value>([^<]*)/.exec(text)?.[1];
}

it('a topic says since when it has messages, and drops them after their days', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  const TopicArn = await archived(endpoint);
  const beginning = async (): Promise<string | undefined> => {
    const { text } = await endpoint.query('GetTopicAttributes', { TopicArn });
    return /<key>BeginningArchiveTime<\/key><value>([^<]*)/.exec(text)?.[1];
  };
  expect(await beginning()).toBeUndefined();
  const first = new Date(clock.now()).toISOString();
  await publish(endpoint, TopicArn, 'a');
  clock.turn(20 * 86_400_000);
  const second = new Date(clock.now()).toISOString();
  await publish(endpoint, TopicArn, 'b');
  expect(await beginning()).toBe(first);
  clock.turn(11 * 86_400_000);
  await expect.poll(() => (clock.turn(60_000), beginning())).toBe(second);
});

it('messages are delivered again from a time on, with their identity, and marked', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  const TopicArn = await archived(endpoint);
  const times: number[] = [];
  for (const message of ['a', 'b', 'c']) {
    times.push(clock.now());
    await publish(endpoint, TopicArn, message);
    clock.turn(1000);
  }
  const arn = await replayTo(endpoint, TopicArn, times[1]!);
  await expect.poll(() => statusOf(endpoint, arn)).toBe('Completed');
  await publish(endpoint, TopicArn, 'd');
  const received = (await endpoint.receive('q')).map(({ body }) => JSON.parse(body));
  expect(received.map(({ Message, Replayed }) => [Message, Replayed])).toEqual([
    ['b', true],
    ['c', true],
    ['d', undefined],
  ]);
  expect(received[0].Timestamp).toBe(new Date(times[1]!).toISOString());
});

it('an end and a filter choose among them', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  const TopicArn = await archived(endpoint);
  const began = clock.now();
  for (const message of ['{"n":1}', '{"n":2}', '{"n":3}']) {
    await publish(endpoint, TopicArn, message);
    clock.turn(1000);
  }
  const told = { FilterPolicyScope: 'MessageBody', FilterPolicy: '{"n":[2,3]}', RawMessageDelivery: 'true' };
  const arn = await replayTo(endpoint, TopicArn, began, told, began + 1500);
  await expect.poll(() => statusOf(endpoint, arn)).toBe('Completed');
  const [only, ...others] = await endpoint.receive('q');
  expect(others).toEqual([]);
  expect(only).toMatchObject({ body: '{"n":2}', attributes: { Replayed: { StringValue: 'true' } } });
});

it('nothing is lost or out of order between the replay and what is published meanwhile', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await archived(endpoint);
  const names = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from }, (_, index) => String(from + index));
  for (const name of names(0, 300)) await publish(endpoint, TopicArn, name);
  const subscribing = replayTo(endpoint, TopicArn, 0, { RawMessageDelivery: 'true' });
  for (const name of names(300, 400)) await publish(endpoint, TopicArn, name);
  const arn = await subscribing;
  await expect.poll(() => statusOf(endpoint, arn)).toBe('Completed');
  for (const name of names(400, 410)) await publish(endpoint, TopicArn, name);
  const queue = endpoint.queues.find({ account: '000000000000', region: 'us-east-1' }, 'q')!.core;
  const delivered: string[] = [];
  for (let after = 0; ;) {
    const page = await queue.browse(after, 100);
    if (page.length === 0) break;
    delivered.push(...page.map(({ message }) => message.body.toString()));
    after = page.at(-1)!.entry.seq;
  }
  expect(delivered).toEqual(names(0, 410));
});
