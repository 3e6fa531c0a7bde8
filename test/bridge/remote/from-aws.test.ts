// Routes from AWS: a second engine plays it, through a proxy that does what networks and services do.

import { PutRecordsCommand, UpdateShardCountCommand } from '@aws-sdk/client-kinesis';
import { ListSubscriptionsCommand, PublishBatchCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../support/fault-proxy.ts';
import { message } from '../../support/messages.ts';
import { world } from '../world.ts';
import type { World, WorldOptions } from '../world.ts';
import { duplicates, farAws, random } from './far-aws.ts';
import type { FarAws } from './far-aws.ts';

let far: FarAws;
beforeAll(async () => {
  far = await farAws();
});
afterAll(() => far[Symbol.asyncDispose]());
afterEach(() => {
  far.proxy.faults = () => 'pass';
});

const near = (routes: string, options: Partial<WorldOptions> = {}): Promise<World> =>
  world({ remotes: `{far: ${far.remote}}`, routes, ...options });
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));
const groups = 10;

async function held({ broker, messages }: World, name: string): Promise<string[]> {
  return (await messages(broker.queue(name))).map(({ body }) => body.toString());
}

/** One call in four goes wrong. */
function chaos(seed: number, faults: readonly Fault[]): () => Fault {
  const next = random(seed);
  return () => (next() < 3 / 4 ? 'pass' : faults[Math.floor(next() * faults.length)]!);
}

const faults: readonly Fault[] = ['drop', 'lose', 'cut', 'fail', 'fail-after', 'throttle', 'partial', 'garble'];

async function putRecords(stream: string, from: number, to: number): Promise<void> {
  const Records = numbers(to)
    .slice(from)
    .map((text) => ({ Data: Buffer.from(text), PartitionKey: `k${Number(text) % groups}` }));
  await far.kinesis.send(new PutRecordsCommand({ StreamName: stream, Records }));
}

function expectOrder(texts: readonly string[]): void {
  for (let group = 0; group < groups; group++) {
    const ofGroup = texts.map(Number).filter((number) => number % groups === group);
    expect(ofGroup).toEqual(ofGroup.toSorted((a, b) => a - b));
  }
}

describe('a route from SQS far away', () => {
  it('keeps the group that another route gave a message there', async () => {
    await far.queue('grouped.fifo');
    await using w = await near(
      `[{name: a, from: queue://in, to: sqs://grouped.fifo@far, key: "json:$.customer"},
        {name: b, from: sqs://grouped.fifo@far, to: sqs://here.fifo, key: group},
        {name: c, from: sqs://here.fifo, to: queue://out}]`,
      { queues: ['here.fifo'] },
    );
    await w.broker.publish({ kind: 'queue', name: 'in' }, message({ text: '{"customer":"c-7"}' }));
    await expect.poll(() => w.broker.queue('out').readyCount, { timeout: 20_000 }).toBe(1);
    const [{ groupId } = message()] = await w.messages(w.broker.queue('out'));
    expect(groupId).toBe('c-7');
  });

  it('takes what is there with its attributes, and deletes it', async () => {
    await far.queue('in');
    await far.send('in', [{ text: 'hello' }]);
    await using w = await near('[{name: r, from: sqs://in@far, to: queue://out}]');
    await expect.poll(() => w.route('r').transferred).toBe(1);
    expect(await held(w, 'out')).toEqual(['hello']);
    await expect.poll(() => far.depth('in')).toBe(0);
  });

  it('takes nothing while it is paused, and gives back what it has when it stops', async () => {
    await far.queue('stopped');
    await far.send(
      'stopped',
      numbers(30).map((text) => ({ text })),
    );
    const w = await near('[{name: r, from: sqs://stopped@far, to: sqs://missing}]');
    await expect.poll(() => w.route('r').error).toBe('sqs://missing does not exist');
    await w[Symbol.asyncDispose]();
    expect((await far.drain('stopped')).length).toBe(30);
  });

  it('says that there is no such queue, and takes from it once there is', async () => {
    await using w = await near('[{name: r, from: sqs://later@far, to: queue://out}]');
    await expect.poll(() => w.route('r').error).toBe('sqs://later@far does not exist');
    await far.queue('later');
    await far.send('later', [{ text: 'x' }]);
    await expect.poll(() => w.route('r').transferred).toBe(1);
    expect(w.route('r').state).toBe('running');
  });

  it('loses nothing while calls fail, and doubles nothing as long as the engine lives', async () => {
    await far.queue('chaos-in');
    await far.send(
      'chaos-in',
      numbers(300).map((text) => ({ text })),
    );
    far.proxy.faults = chaos(5, faults);
    await using w = await near('[{name: r, from: sqs://chaos-in@far, to: queue://out}]');
    await expect.poll(() => w.route('r').transferred, { timeout: 40_000 }).toBeGreaterThan(100);
    far.proxy.faults = () => 'pass';
    // What an answer had that was lost is visible again after half a minute.
    await expect.poll(() => w.route('r').transferred, { timeout: 60_000 }).toBe(300);
    expect(duplicates(await held(w, 'out'))).toBe(0);
    await expect.poll(() => far.depth('chaos-in'), { timeout: 40_000 }).toBe(0);
  }, 150_000);

  it('keeps the order of the groups of a FIFO queue', async () => {
    await far.queue('in.fifo');
    await far.send(
      'in.fifo',
      numbers(200).map((text) => ({ text, group: `g${Number(text) % groups}` })),
    );
    await using w = await near('[{name: r, from: sqs://in.fifo@far, to: queue://out}]');
    await expect.poll(() => w.route('r').transferred).toBe(200);
    const found = await held(w, 'out');
    expect(duplicates(found)).toBe(0);
    expectOrder(found);
  });
});

describe('a route from SNS far away', () => {
  it('makes a queue, subscribes it, and removes both when it is out of the configuration', async () => {
    const TopicArn = await far.topic('news');
    const first = await near('[{name: r, from: sns://news@far, to: queue://out}]');
    await expect.poll(() => first.route('r').state).toBe('running');
    await expect.poll(async () => (await far.sns.send(new ListSubscriptionsCommand({}))).Subscriptions?.length).toBe(1);
    await expect.poll(() => first.route('r').error).toBe(undefined);
    const PublishBatchRequestEntries = numbers(10).map((Id) => ({ Id, Message: Id }));
    await far.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    await expect.poll(() => first.route('r').transferred).toBe(10);
    expect((await held(first, 'out')).toSorted()).toEqual(numbers(10));
    const feeds = async () =>
      (await far.sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'causeway-route-' }))).QueueUrls ?? [];
    expect(await feeds()).toEqual([expect.stringMatching(/causeway-route-r-[0-9a-f]{8}$/)]);
    await first[Symbol.asyncDispose]();
    await using again = await near('[]', { store: first.store });
    await expect.poll(feeds).toEqual([]);
    expect((await far.sns.send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual([]);
    expect(again.routes.all).toEqual([]);
  });
});

describe('a route from Kinesis far away', { timeout: 60_000 }, () => {
  it('reads all shards in order, and goes on where it was after a restart', async () => {
    await far.stream('in', 3);
    await putRecords('in', 0, 200);
    const routes = '[{name: r, from: kinesis://in@far, to: queue://out}]';
    const first = await near(routes);
    await expect.poll(() => first.route('r').transferred).toBe(200);
    await first[Symbol.asyncDispose]();
    await putRecords('in', 200, 300);
    await using again = await near(routes, { store: first.store });
    await expect.poll(() => again.route('r').transferred).toBe(300);
    const found = await held(again, 'out');
    expect([found.length, duplicates(found)]).toEqual([300, 0]);
    expectOrder(found);
  });

  it('follows a stream that is split, parents before children', async () => {
    await far.stream('split', 1);
    await putRecords('split', 0, 100);
    await far.kinesis.send(
      new UpdateShardCountCommand({ StreamName: 'split', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' }),
    );
    await expect.poll(() => putRecords('split', 100, 200).then(() => 'put')).toBe('put');
    await using w = await near('[{name: r, from: kinesis://split@far, to: queue://out}]');
    await expect.poll(() => w.route('r').transferred).toBe(200);
    expectOrder(await held(w, 'out'));
  });

  it('begins with what comes from now on, if it is told to, and goes back to a time', async () => {
    await far.stream('latest', 2);
    await putRecords('latest', 0, 50);
    const before = Date.now();
    const reads = far.proxy.seen('GetRecords', 'pass');
    await using w = await near('[{name: r, from: kinesis://latest@far, to: queue://out, start: latest}]');
    await expect.poll(() => far.proxy.seen('GetRecords', 'pass')).toBeGreaterThan(reads + 1);
    await putRecords('latest', 50, 60);
    await expect.poll(() => w.route('r').transferred).toBe(10);
    expect((await held(w, 'out')).toSorted()).toEqual(numbers(60).slice(50));
    await w.route('r').rewind(before - 60_000);
    await expect.poll(() => w.route('r').transferred).toBe(70);
  });

  it('loses and doubles nothing while calls fail', async () => {
    await far.stream('chaos-in', 2);
    far.proxy.faults = chaos(6, faults);
    await using w = await near('[{name: r, from: kinesis://chaos-in@far, to: queue://out}]');
    for (let i = 0; i < 400; i += 20) {
      await putRecords('chaos-in', i, i + 20);
      await expect.poll(() => w.route('r').transferred).toBeGreaterThan(i);
    }
    await expect.poll(() => w.route('r').transferred).toBe(400);
    const found = await held(w, 'out');
    expect(duplicates(found)).toBe(0);
    expectOrder(found);
  });
});
