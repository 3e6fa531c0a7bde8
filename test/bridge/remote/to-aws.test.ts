// Routes to AWS: a second engine plays it, through a proxy that does what networks and services do.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { message } from '../../support/messages.ts';
import { world } from '../world.ts';
import type { World } from '../world.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { duplicates, farAws, random } from './far-aws.ts';
import type { FarAws } from './far-aws.ts';

let far: FarAws;
beforeAll(async () => {
  far = await farAws();
});
afterAll(() => far[Symbol.asyncDispose]());

const near = (routes: string): Promise<World> => world({ remotes: `{far: ${far.remote}}`, routes });

const groups = 40;

async function publish({ broker }: World, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const properties = [{ name: 'g', type: 'string', value: `g${i % groups}` }] as const;
    await broker.publish({ kind: 'queue', name: 'in' }, message({ text: String(i), properties }));
  }
}

const isDone = (w: World, count: number) => (): boolean => w.route('r').transferred === count;

describe('a route to SQS far away', () => {
  it('brings messages with their headers and properties, and settles them', async () => {
    await far.queue('plain');
    await using w = await near('[{name: r, from: queue://in, to: sqs://plain@far}]');
    const sent = message({
      text: 'hello',
      correlationId: 'c',
      properties: [
        { name: 'n', type: 'int', value: 7 },
        { name: 'b', type: 'binary', value: Buffer.from([1, 2]) },
      ],
    });
    await w.broker.publish({ kind: 'queue', name: 'in' }, sent);
    await expect.poll(isDone(w, 1)).toBe(true);
    const [found] = await far.drain('plain');
    expect(found).toMatchObject({
      Body: 'hello',
      MessageAttributes: {
        'correlation-id': { DataType: 'String', StringValue: 'c' },
        n: { DataType: 'Number.int', StringValue: '7' },
        b: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2) },
        'causeway.path': { DataType: 'String', StringValue: 'r' },
      },
    });
    expect(w.broker.queue('in').readyCount + w.broker.queue('in').inFlightCount).toBe(0);
  });

  it('fills batches', async () => {
    await far.queue('batches');
    await using w = await near('[{name: r, from: queue://in, to: sqs://batches@far, paused: true}]');
    await publish(w, 500);
    const before = far.proxy.seen('SendMessageBatch', 'pass');
    w.route('r').resume();
    await expect.poll(isDone(w, 500), { timeout: 10_000 }).toBe(true);
    expect(far.proxy.seen('SendMessageBatch', 'pass') - before).toBeLessThan(60);
    expect(duplicates((await far.drain('batches')).map(({ Body }) => Body!))).toBe(0);
  });
});

/** One call in three goes wrong, in every way but the ones that take long. */
function chaos(seed: number, faults: readonly Fault[]): (call: { readonly action: string }) => Fault {
  const next = random(seed);
  return ({ action }) => {
    if (!/Batch|PutRecords/.test(action) || next() < 2 / 3) return 'pass';
    return faults[Math.floor(next() * faults.length)]!;
  };
}

/** What each group got, in order, each message once: it may have come again later. */
function firstsByGroup(texts: readonly string[]): number[][] {
  const firsts = Array.from({ length: groups }, (): number[] => []);
  for (const text of new Set(texts)) firsts[Number(text) % groups]!.push(Number(text));
  return firsts;
}

const ascending = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);

describe('through a network and services that fail', { timeout: 60_000 }, () => {
  const count = 400;
  const faults: readonly Fault[] = ['drop', 'lose', 'cut', 'fail', 'fail-after', 'throttle', 'partial', 'garble'];

  it('loses nothing on the way to a standard queue', async () => {
    await far.queue('chaos');
    await using w = await near('[{name: r, from: queue://in, to: sqs://chaos@far}]');
    far.proxy.faults = chaos(1, faults);
    await publish(w, count);
    await expect.poll(isDone(w, count), { timeout: 50_000 }).toBe(true);
    far.proxy.faults = () => 'pass';
    const found = (await far.drain('chaos')).map(({ Body }) => Body!);
    expect(new Set(found).size).toBe(count);
    expect(duplicates(found)).toBeLessThan(count);
    expect(w.route('r').deadLettered).toBe(0);
  });

  it('loses nothing, doubles nothing and keeps the order of groups on the way to a FIFO queue', async () => {
    await far.queue('chaos.fifo');
    await using w = await near('[{name: r, from: queue://in, to: sqs://chaos.fifo@far, key: "property:g"}]');
    far.proxy.faults = chaos(2, faults);
    await publish(w, count);
    await expect.poll(isDone(w, count), { timeout: 50_000 }).toBe(true);
    far.proxy.faults = () => 'pass';
    const found = (await far.drain('chaos.fifo')).map(({ Body }) => Body!);
    expect([new Set(found).size, duplicates(found)]).toEqual([count, 0]);
    for (const group of firstsByGroup(found)) expect(group).toEqual(ascending(group));
  });

  it('does the same to a FIFO topic', async () => {
    await far.queue('of-topic.fifo');
    await far.topic('chaos.fifo', 'of-topic.fifo');
    await using w = await near('[{name: r, from: queue://in, to: sns://chaos.fifo@far, key: "property:g"}]');
    far.proxy.faults = chaos(3, faults);
    await publish(w, count);
    await expect.poll(isDone(w, count), { timeout: 50_000 }).toBe(true);
    far.proxy.faults = () => 'pass';
    await expect.poll(() => far.depth('of-topic.fifo')).toBe(count);
    const found = (await far.drain('of-topic.fifo')).map(({ Body }) => Body!);
    expect([new Set(found).size, duplicates(found)]).toEqual([count, 0]);
    for (const group of firstsByGroup(found)) expect(group).toEqual(ascending(group));
  });

  it('loses nothing and keeps the order of keys on the way to a stream', async () => {
    await far.stream('chaos', 3);
    await using w = await near('[{name: r, from: queue://in, to: kinesis://chaos@far, key: "property:g"}]');
    far.proxy.faults = chaos(4, faults);
    await publish(w, count);
    await expect.poll(isDone(w, count), { timeout: 50_000 }).toBe(true);
    far.proxy.faults = () => 'pass';
    const shards = await far.records('chaos');
    const found = shards.flat().map(({ text }) => text);
    expect(new Set(found).size).toBe(count);
    for (const records of shards) {
      for (const group of firstsByGroup(records.map(({ text }) => text))) expect(group).toEqual(ascending(group));
    }
  });
});
