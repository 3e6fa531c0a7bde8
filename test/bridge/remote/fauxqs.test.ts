// Routes to and from an AWS that is not ours: fauxqs, an emulator of SQS and SNS.

import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { message } from '../../support/messages.ts';
import { world } from '../world.ts';
import type { World } from '../world.ts';

let far: FauxqsServer;
let remote: string;
beforeAll(async () => {
  far = await startFauxqs({ port: 0, logger: false });
  remote = `{type: aws, endpoint: "http://127.0.0.1:${far.port}", credentials: {accessKeyId: a, secretAccessKey: b}}`;
});
afterAll(() => far.stop());

const near = (routes: string): Promise<World> => world({ remotes: `{far: ${remote}}`, routes });

async function held({ broker, messages }: World, name: string): Promise<string[]> {
  return (await messages(broker.queue(name))).map(({ body }) => body.toString());
}

it('goes there over SQS FIFO and comes back', async () => {
  far.createQueue('ring.fifo', { attributes: { FifoQueue: 'true' } });
  await using w = await near(`[
    {name: there, from: queue://in, to: sqs://ring.fifo@far, key: "property:g"},
    {name: back, from: sqs://ring.fifo@far, to: queue://out}]`);
  for (let i = 0; i < 100; i++) {
    const properties = [
      { name: 'g', type: 'string', value: `g${i % 10}` },
      { name: 'n', type: 'int', value: i },
      { name: 'b', type: 'binary', value: Buffer.from([i]) },
    ] as const;
    await w.broker.publish({ kind: 'queue', name: 'in' }, message({ text: String(i), correlationId: 'c', properties }));
  }
  await expect.poll(() => w.route('back').transferred).toBe(100);
  const found = await w.messages(w.broker.queue('out'));
  expect(new Set(found.map(({ body }) => body.toString())).size).toBe(100);
  const [first] = found;
  expect(first).toMatchObject({ correlationId: 'c', path: expect.stringMatching(/^there@[^,]+,back@[^,]+$/) });
  expect(first?.properties).toContainEqual({ name: 'n', type: 'int', value: Number(first?.body.toString()) });
  for (let group = 0; group < 10; group++) {
    const ofGroup = found.map(({ body }) => Number(body.toString())).filter((n) => n % 10 === group);
    expect(ofGroup).toEqual(ofGroup.toSorted((a, b) => a - b));
  }
});

it('publishes to its topics and takes from them', async () => {
  far.createTopic('news');
  await using w = await near(`[
    {name: there, from: queue://in, to: sns://news@far}, {name: back, from: sns://news@far, to: queue://out}]`);
  await expect.poll(() => [w.route('there').state, w.route('back').state]).toEqual(['running', 'running']);
  await expect.poll(() => w.route('back').error).toBe(undefined);
  for (let i = 0; i < 25; i++) await w.broker.publish({ kind: 'queue', name: 'in' }, message({ text: String(i) }));
  await expect.poll(() => w.route('back').transferred).toBe(25);
  expect(new Set(await held(w, 'out')).size).toBe(25);
});

it('says that its queue is not there', async () => {
  await using w = await near('[{name: r, from: queue://in, to: sqs://nowhere@far}]');
  await expect.poll(() => w.route('r').error).toBe('sqs://nowhere@far does not exist');
});

it('sends to a standard queue what its own client reads', async () => {
  const { queueUrl } = far.createQueue('plain');
  await using w = await near('[{name: r, from: queue://in, to: sqs://plain@far}]');
  await w.broker.publish({ kind: 'queue', name: 'in' }, message({ text: 'hello', contentType: 'text/plain' }));
  await expect.poll(() => w.route('r').transferred).toBe(1);
  const endpoint = `http://127.0.0.1:${far.port}`;
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MessageAttributeNames: ['All'] });
  const { Messages } = await sqs.send(command);
  expect(Messages).toMatchObject([
    { Body: 'hello', MessageAttributes: { 'content-type': { StringValue: 'text/plain' } } },
  ]);
  sqs.destroy();
});
