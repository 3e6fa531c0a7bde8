// What outlives the engine: another one is started over the same store, as if the first had been killed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Queues } from '../../../broker/cloud/sqs/model/queues.ts';
import { Broker } from '../../../broker/core/broker.ts';
import type { Store } from '../../../broker/core/store.ts';
import { openSharedStore } from '../../../broker/store/sqlite-store.ts';
import { systemClock } from '../../../broker/util/clock.ts';
import { silent } from '../../../broker/util/log.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, serveSqs, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';

const QueueUrl = `http://queue.test/${account}/q`;

/** Nothing of the first engine is closed but its listener: it never gets to say goodbye to the store. */
async function restarted({ store, server }: TestEndpoint, clock: ManualClock): Promise<TestEndpoint> {
  await server.close();
  const broker = new Broker({ store, clock, log: silent, memoryLimitBytes: 2 ** 20 });
  const queues = new Queues(broker, clock);
  await broker.start((definition) => queues.policyOf(definition));
  await queues.start();
  return serveSqs({ broker, store, queues, clock });
}

async function attributesOf(endpoint: TestEndpoint<Store>): Promise<Record<string, string>> {
  return (await endpoint.json('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).body.Attributes;
}

it('queues keep their attributes, tags and policies', async () => {
  const clock = new ManualClock();
  await using first = await testEndpoint({ clock });
  await first.json('CreateQueue', { QueueName: 'dlq' });
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: `arn:aws:sqs:us-east-1:${account}:dlq`,
    maxReceiveCount: 1,
  });
  const Attributes = { VisibilityTimeout: '0', MessageRetentionPeriod: '60', RedrivePolicy };
  await first.json('CreateQueue', { QueueName: 'q', Attributes, tags: { team: 'shop' } });
  const before = await attributesOf(first);
  await first.json('SendMessage', { QueueUrl, MessageBody: 'm' });
  await first.json('ReceiveMessage', { QueueUrl });
  await using second = await restarted(first, clock);
  expect(await attributesOf(second)).toEqual({ ...before, ApproximateNumberOfMessages: '1' });
  expect((await second.json('ListQueueTags', { QueueUrl })).body.Tags).toEqual({ team: 'shop' });
  expect((await second.json('ReceiveMessage', { QueueUrl })).body).toEqual({});
  const moved = await second.json('ReceiveMessage', { QueueUrl: QueueUrl.replace(/q$/, 'dlq'), WaitTimeSeconds: 20 });
  expect(moved.body.Messages).toHaveLength(1);
});

it('a receipt handle deletes its message, and nobody else receives it before', async () => {
  const clock = new ManualClock();
  await using first = await testEndpoint({ clock });
  await first.json('CreateQueue', { QueueName: 'q' });
  for (const MessageBody of ['a', 'b']) await first.json('SendMessage', { QueueUrl, MessageBody });
  const { body } = await first.json('ReceiveMessage', { QueueUrl });
  await using second = await restarted(first, clock);
  const others = await second.json('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  expect(others.body.Messages.map(({ Body }: { Body: string }) => Body)).toEqual(['b']);
  const { ReceiptHandle } = body.Messages[0];
  expect((await second.json('DeleteMessage', { QueueUrl, ReceiptHandle })).status).toBe(200);
  clock.turn(31_000);
  const rest = await second.json('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  expect(rest.body.Messages.map(({ Body }: { Body: string }) => Body)).toEqual(['b']);
});

it('a receipt handle is good before anything of its queue was read again', async () => {
  const clock = new ManualClock();
  await using first = await testEndpoint({ clock });
  await first.json('CreateQueue', { QueueName: 'q' });
  for (const MessageBody of ['a', 'b', 'c']) await first.json('SendMessage', { QueueUrl, MessageBody });
  const { body } = await first.json('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 3 });
  const [a, b, c] = body.Messages.map(({ ReceiptHandle }: { ReceiptHandle: string }) => ReceiptHandle);
  await using second = await restarted(first, clock);
  await second.json('DeleteMessage', { QueueUrl, ReceiptHandle: a });
  await second.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: b, VisibilityTimeout: 0 });
  await second.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: c, VisibilityTimeout: 100 });
  const receive = async (): Promise<string[]> => {
    const answer = await second.json('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    return (answer.body.Messages ?? []).map(({ Body }: { Body: string }) => Body);
  };
  expect(await receive()).toEqual(['b']);
  clock.turn(31_000);
  expect(await receive()).toEqual(['b']);
  clock.turn(69_000);
  expect(await receive()).toEqual(['b', 'c']);
});

it('what is in flight is counted before it is read again, on disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-sqs-'));
  const start = async (): Promise<{ endpoint: TestEndpoint<Store>; stop: () => Promise<void> }> => {
    const shared = openSharedStore({ directory, journal: 'wal', maxBytes: undefined });
    await shared.tryLock();
    const store = await shared.activate({ pid: process.pid, host: 'test', since: 0 });
    const broker = new Broker({ store, clock: systemClock, log: silent, memoryLimitBytes: 2 ** 20 });
    const queues = new Queues(broker, systemClock);
    await broker.start((definition) => queues.policyOf(definition));
    await queues.start();
    const endpoint = await serveSqs({ broker, store, queues, clock: systemClock });
    const stop = async (): Promise<void> => {
      await endpoint[Symbol.asyncDispose]();
      await shared.close();
    };
    return { endpoint, stop };
  };
  const counts = async (endpoint: TestEndpoint<Store>): Promise<(string | undefined)[]> => {
    const attributes = await attributesOf(endpoint);
    return ['', 'NotVisible'].map((suffix) => attributes[`ApproximateNumberOfMessages${suffix}`]);
  };
  const first = await start();
  await first.endpoint.json('CreateQueue', { QueueName: 'q' });
  for (const MessageBody of ['a', 'b', 'c', 'd']) await first.endpoint.json('SendMessage', { QueueUrl, MessageBody });
  const { body } = await first.endpoint.json('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 3 });
  const [a, b, c] = body.Messages.map(({ ReceiptHandle }: { ReceiptHandle: string }) => ReceiptHandle);
  await first.stop();
  const second = await start();
  expect(await counts(second.endpoint)).toEqual(['1', '3']);
  await second.endpoint.json('DeleteMessage', { QueueUrl, ReceiptHandle: a });
  expect(await counts(second.endpoint)).toEqual(['1', '2']);
  await second.endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: b, VisibilityTimeout: 0 });
  await second.endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: c, VisibilityTimeout: 60 });
  expect(await counts(second.endpoint)).toEqual(['2', '1']);
  const received = await second.endpoint.json('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  expect(received.body.Messages.map(({ Body }: { Body: string }) => Body)).toEqual(['b', 'd']);
  expect(await counts(second.endpoint)).toEqual(['0', '3']);
  await second.stop();
  await rm(directory, { recursive: true });
});

it('a delayed message comes when it is due', async () => {
  const clock = new ManualClock();
  await using first = await testEndpoint({ clock });
  await first.json('CreateQueue', { QueueName: 'q' });
  await first.json('SendMessage', { QueueUrl, MessageBody: 'late', DelaySeconds: 60 });
  await using second = await restarted(first, clock);
  expect(await attributesOf(second)).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
  expect((await second.json('ReceiveMessage', { QueueUrl })).body).toEqual({});
  clock.turn(60_000);
  expect((await second.json('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 })).body.Messages).toHaveLength(1);
});
