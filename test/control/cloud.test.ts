// Topics of SNS, streams of Kinesis and FIFO queues through the control API, on the real engine, beside the AWS SDKs.

import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DestinationRow, LiveBatch, MethodName, Methods } from '../../broker/control/api.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';

const scope = '000000000000/us-east-1';
const streamId = 'kinesis:arn:aws:kinesis:us-east-1:000000000000:stream/clicks';
const topicId = 'sns:arn:aws:sns:us-east-1:000000000000:events';
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:orders';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
let consoleUrl: URL;
let kinesis: KinesisClient;
let sns: SNSClient;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const queues = 'cloud.queues=[{ name: orders }, { name: invoices.fifo }, { name: causeway-route-mine }]';
  const routes = "routes=[{ name: feed, from: 'sns://events', to: 'queue://events' }]";
  engine = new EngineProcess({ dataDirectory: directory.path, set: [queues, routes] });
  const ready = await engine.seen('ready');
  consoleUrl = new URL(ready.consoleUrl);
  const options = {
    endpoint: `http://127.0.0.1:${ready.listeners['cloud']!.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  kinesis = new KinesisClient(options);
  sns = new SNSClient(options);
});
afterAll(async () => {
  kinesis.destroy();
  sns.destroy();
  await engine[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const token = () => consoleUrl.searchParams.get('token') ?? '';

async function post(method: string, request: object): Promise<unknown> {
  const response = await fetch(new URL(`/api/${method}`, consoleUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  return response.json();
}

async function call<M extends MethodName>(method: M, request: Methods[M]['request']): Promise<Methods[M]['response']> {
  const answer = await post(method, request);
  expect(answer).not.toHaveProperty('error');
  return answer as Methods[M]['response'];
}

/** The table as a page that opens now is sent it. */
async function rows(): Promise<ReadonlyMap<string, DestinationRow>> {
  const url = new URL('/api/live', consoleUrl);
  const socket = new WebSocket(url.href.replace(/^http/, 'ws'), ['causeway.live', `bearer.${token()}`]);
  const { promise, resolve, reject } = Promise.withResolvers<LiveBatch>();
  socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data)) as LiveBatch), { once: true });
  socket.addEventListener('error', () => reject(new Error('no live feed')), { once: true });
  const { destinations } = await promise;
  socket.close();
  return new Map(destinations.map((row) => [row.id, row]));
}

const text = (base64: string) => Buffer.from(base64, 'base64').toString();

describe('a stream', () => {
  it('is a row, is described by its shards, and is looked into and put into without being read', async () => {
    await kinesis.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 2 }));
    for (let i = 0; i < 5; i += 1) {
      const record = { StreamName: 'clicks', PartitionKey: 'k', ExplicitHashKey: '0', Data: Buffer.from(`{"n":${i}}`) };
      await kinesis.send(new PutRecordCommand(record));
    }
    const put = await call('putRecord', {
      destination: streamId,
      partitionKey: 'by-hand',
      hashKey: String(2n ** 128n - 1n),
      body: 'AAEC',
      encoding: 'base64',
    });
    expect(put.shardId).toBe('shardId-000000000001');

    const newest = await call('peekShard', { destination: streamId, shard: 0, limit: 2 });
    expect(newest.records.map(({ bodyBase64 }) => text(bodyBase64))).toEqual(['{"n":4}', '{"n":3}']);
    const older = await call('peekShard', { destination: streamId, shard: 0, limit: 2, before: newest.before! });
    const oldest = await call('peekShard', { destination: streamId, shard: 0, limit: 2, before: older.before! });
    expect(oldest.records.map(({ bodyBase64 }) => text(bodyBase64))).toEqual(['{"n":0}']);
    expect(oldest).not.toHaveProperty('before');
    const other = await call('peekShard', { destination: streamId, shard: 1 });
    expect(other.records).toMatchObject([{ partitionKey: 'by-hand', bodyIsText: false, bodyBytes: 3 }]);
    expect(other.records[0]?.sequenceNumber).toBe(put.sequenceNumber);
    expect((await rows()).get(streamId)).toMatchObject({
      world: 'aws',
      kind: 'stream',
      name: 'clicks',
      scope,
      shards: 2,
      retentionMs: 86_400_000,
      enqueued: 6,
      bytesIn: 5 * 8 + 10,
      dequeued: 0,
    });

    const start = { StreamName: 'clicks', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(start));
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    expect(Records.map(({ SequenceNumber }) => SequenceNumber).reverse()[0]).toBe(newest.records[0]?.sequenceNumber);
    expect((await rows()).get(streamId)).toMatchObject({ dequeued: 5, bytesOut: 40 });
  });

  it('shows where its shards came from, and that their parents are closed', async () => {
    const half = String(2n ** 126n);
    await kinesis.send(
      new SplitShardCommand({ StreamName: 'clicks', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: half }),
    );
    const { shards, status, mode } = await call('describeStream', { destination: streamId });
    expect([status, mode]).toEqual(['ACTIVE', 'PROVISIONED']);
    expect(shards).toMatchObject([
      { number: 0, open: false, share: 0.5, first: 0, next: 5, parents: [] },
      { number: 1, open: true, share: 0.5, next: 1, lastHash: String(2n ** 128n - 1n) },
      { number: 2, open: true, share: 0.25, firstHash: '0', parents: ['shardId-000000000000'] },
      { number: 3, open: true, share: 0.25, firstHash: half, next: 0 },
    ]);
    expect(shards[0]).toHaveProperty('endingSequenceNumber');
    expect(shards[1]).not.toHaveProperty('endingSequenceNumber');
    const empty = await call('peekShard', { destination: streamId, shard: 3 });
    expect(empty).toEqual({ records: [] });
  });

  it('refuses in the words of PutRecord, and is no queue', async () => {
    const request = { destination: streamId, partitionKey: 'k', body: 'x', encoding: 'text' };
    const refused = await post('putRecord', { ...request, hashKey: '9'.repeat(39) });
    expect(refused).toMatchObject({ error: { code: 'invalid', message: expect.stringContaining('ExplicitHashKey') } });
    expect(await post('putRecord', { ...request, body: 'y!', encoding: 'base64' })).toHaveProperty('error');
    expect(await post('peek', { destination: streamId })).toMatchObject({ error: { code: 'not-allowed' } });
    expect(await post('send', { ...request, partitionKey: undefined })).toMatchObject({
      error: { code: 'not-allowed' },
    });
    expect(await post('peekShard', { destination: streamId, shard: 9 })).toMatchObject({
      error: { code: 'not-found' },
    });
  });
});

describe('a topic of SNS', () => {
  it('is a row, is described by its subscriptions, and is published to', async () => {
    const { TopicArn = '' } = await sns.send(
      new CreateTopicCommand({ Name: 'events', Attributes: { DisplayName: 'Events' } }),
    );
    expect(`sns:${TopicArn}`).toBe(topicId);
    const policy = '{"kind":["placed"]}';
    const Attributes = { FilterPolicy: policy, RawMessageDelivery: 'true' };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn, Attributes }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: 'http://127.0.0.1:9/hook' }));
    const { arn, displayName, subscriptions } = await call('describeTopic', { destination: topicId });
    expect([arn, displayName]).toEqual([TopicArn, 'Events']);
    const ours = subscriptions.filter(({ endpoint }) => !endpoint.includes('causeway-route-'));
    expect(ours).toMatchObject([
      { protocol: 'http', endpoint: 'http://127.0.0.1:9/hook', confirmed: false, raw: false },
      { protocol: 'sqs', confirmed: true, raw: true, filter: { policy, scope: 'MessageAttributes' } },
    ]);

    const request = { destination: topicId, body: 'hello', encoding: 'text' } as const;
    const { id } = await call('send', { ...request, subject: 'An order', properties: { kind: 'placed' } });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    await call('send', { ...request, properties: { kind: 'paid' } });
    const { messages } = await call('peek', { destination: `aws/${scope}:orders` });
    expect(messages.map(({ bodyBase64 }) => text(bodyBase64))).toEqual(['hello']);
    expect((await rows()).get(topicId)).toMatchObject({ world: 'aws', kind: 'topic', name: 'events', enqueued: 2 });
  });

  it('refuses in the words of Publish', async () => {
    const request = { destination: topicId, body: '', encoding: 'text' };
    expect(await post('send', request)).toMatchObject({ error: { message: expect.stringContaining('Empty message') } });
    expect(await post('send', { ...request, body: 'x', groupId: 'a b' })).toMatchObject({ error: { code: 'invalid' } });
  });
});

it('sends to a FIFO queue with a group', async () => {
  const destination = `aws/${scope}:invoices.fifo`;
  const request = { destination, body: 'x', encoding: 'text' };
  expect(await post('send', request)).toMatchObject({ error: { message: expect.stringContaining('MessageGroupId') } });
  await call('send', { ...request, encoding: 'text', groupId: 'customer-7' });
  await call('send', { ...request, encoding: 'text', groupId: 'customer-7' });
  const { messages } = await call('peek', { destination });
  expect(messages).toHaveLength(2);
  expect((await rows()).get(destination)).toMatchObject({ kind: 'queue', variant: 'fifo', ready: 2 });
});

it('does not show the queues that routes have of their own, but those that people gave such a name', async () => {
  await expect
    .poll(async () => (await call('describeTopic', { destination: topicId })).subscriptions.length, { timeout: 10_000 })
    .toBe(3);
  const names = [...(await rows()).values()].filter(({ world, kind }) => world === 'aws' && kind === 'queue');
  expect(names.map(({ name }) => name).sort()).toEqual(['causeway-route-mine', 'invoices.fifo', 'orders']);
});
