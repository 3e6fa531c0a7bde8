// Routes to AWS: a second engine plays it, through a proxy that does what networks and services do.

import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { message } from '../../support/messages.ts';
import { location, world } from '../world.ts';
import type { World, WorldOptions } from '../world.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { duplicates, farAws, random } from './far-aws.ts';
import type { FarAws } from './far-aws.ts';

let far: FarAws;
beforeAll(async () => {
  far = await farAws();
});
afterAll(() => far[Symbol.asyncDispose]());
afterEach(async () => {
  far.proxy.faults = () => 'pass';
  await far.proxy.listen();
});

const near = (routes: string, options: Partial<WorldOptions> = {}): Promise<World> =>
  world({ remotes: `{far: ${far.remote}}`, routes, ...options });

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
        'causeway.path': { DataType: 'String', StringValue: expect.stringMatching(/^r@[\w-]{8}$/) as unknown },
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
    await expect.poll(isDone(w, 500)).toBe(true);
    expect(far.proxy.seen('SendMessageBatch', 'pass') - before).toBeLessThan(60);
    expect(duplicates((await far.drain('batches')).map(({ Body }) => Body!))).toBe(0);
  });

  it('sends nothing twice because the engine was stopped', async () => {
    await far.queue('stopped');
    const routes = '[{name: r, from: queue://in, to: sqs://stopped@far}]';
    const first = await near(routes);
    await publish(first, 400);
    await expect.poll(() => first.route('r').transferred, { interval: 1 }).toBeGreaterThan(0);
    await first[Symbol.asyncDispose]();
    expect(await far.depth('stopped')).toBe(first.route('r').transferred);
    await using again = await near(routes, { store: first.store });
    await expect.poll(isDone(again, 400)).toBe(true);
    expect(await far.depth('stopped')).toBe(400);
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

  it('reads a stream of this engine into a FIFO queue, each record once', async () => {
    await far.queue('records.fifo');
    await using w = await near('[{name: r, from: kinesis://s, to: sqs://records.fifo@far, key: group}]', {
      streams: [['s', 2]],
    });
    far.proxy.faults = chaos(7, faults);
    const records = Array.from({ length: count }, (_, i) => ({
      partitionKey: `k${i % groups}`,
      data: Buffer.from(String(i)),
    }));
    await w.kinesis.streams.find(location, 's')!.core.append(records);
    // What was given back is read again with what is beside it: some are sent twice, and deduplicated there.
    await expect.poll(() => far.depth('records.fifo'), { timeout: 50_000 }).toBe(count);
    far.proxy.faults = () => 'pass';
    const found = (await far.drain('records.fifo')).map(({ Body }) => Body!);
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

describe('a far end that does not take messages', { timeout: 60_000 }, () => {
  const only =
    (fault: Fault, actions = /./) =>
    ({ action }: { readonly action: string }): Fault =>
      actions.test(action) ? fault : 'pass';

  it('leaves the backlog with the source while nobody listens, and gets it once somebody does', async () => {
    await far.queue('away');
    await using w = await near('[{name: r, from: queue://in, to: sqs://away@far}]');
    await publish(w, 10);
    await expect.poll(isDone(w, 10)).toBe(true);
    await far.proxy.refuse();
    await publish(w, 500);
    await expect.poll(() => w.route('r').error).toContain('remote "far" cannot be reached: ');
    expect(w.route('r').state).toBe('failed');
    const counts = (): number[] => [w.broker.queue('in').readyCount, w.broker.queue('in').inFlightCount];
    // Calls that were under way at that time come to their end.
    await expect.poll(counts).toEqual([500, 0]);
    await far.proxy.listen();
    await expect.poll(isDone(w, 510)).toBe(true);
    expect(w.route('r').state).toBe('running');
    expect((await far.drain('away')).length).toBe(510);
  });

  it('is said to have expired credentials, with what to do', async () => {
    await far.queue('expired');
    await using w = await near('[{name: r, from: queue://in, to: sqs://expired@far}]');
    await publish(w, 1);
    await expect.poll(isDone(w, 1)).toBe(true);
    far.proxy.faults = only('expire');
    await publish(w, 5);
    await expect
      .poll(() => w.route('r').error)
      .toBe(
        'the credentials of remote "far" have expired: ExpiredTokenException: The security token included in the request ' +
          'is expired; log in again (aws sso login), or renew them where they come from',
      );
    expect(w.broker.queue('in').readyCount).toBe(5);
    // A state, not a loop: it looks again after a second at the earliest.
    const since = performance.now();
    const looked = (): number => far.proxy.seen('GetQueueUrl', 'expire');
    expect(looked()).toBe(0);
    await expect.poll(looked).toBe(1);
    expect(performance.now() - since).toBeGreaterThan(900);
    expect(w.route('r').state).toBe('failed');
    far.proxy.faults = only('pass');
    await expect.poll(isDone(w, 6)).toBe(true);
  });

  it('goes on through single failures without a word', async () => {
    await far.queue('hiccup');
    await using w = await near('[{name: r, from: queue://in, to: sqs://hiccup@far}]');
    let failures = 0;
    far.proxy.faults = ({ action }) => (action === 'SendMessageBatch' && failures++ % 2 === 0 ? 'fail' : 'pass');
    const states = new Set<string>();
    for (let i = 0; i < 10; i++) {
      await publish(w, 10);
      await expect.poll(isDone(w, 10 * (i + 1)), { interval: 5 }).toBe(true);
      states.add(w.route('r').state);
    }
    far.proxy.faults = only('pass');
    expect([...states]).toEqual(['running']);
  });

  it('slows the route down, and fails it not, when it throttles', async () => {
    await far.queue('slow');
    await using w = await near('[{name: r, from: queue://in, to: sqs://slow@far}]');
    let calls = 0;
    far.proxy.faults = ({ action }) => (action === 'SendMessageBatch' && calls++ < 6 ? 'throttle' : 'pass');
    await publish(w, 200);
    await expect.poll(isDone(w, 200)).toBe(true);
    expect(w.route('r').state).toBe('running');
    expect(duplicates((await far.drain('slow')).map(({ Body }) => Body!))).toBe(0);
  });

  it('gets the others of a batch of which it refuses one, and that one is a dead letter in its words', async () => {
    await far.queue('picky');
    await using w = await near('[{name: r, from: queue://in, to: sqs://picky@far, paused: true}]');
    const small = new SetQueueAttributesCommand({
      QueueUrl: await far.queue('picky'),
      Attributes: { MaximumMessageSize: '1024' },
    });
    w.route('r').resume();
    await publish(w, 1);
    await expect.poll(isDone(w, 1)).toBe(true);
    // It was looked at when the route was opened.
    await far.sqs.send(small);
    w.route('r').pause();
    await publish(w, 20);
    await w.broker.publish({ kind: 'queue', name: 'in' }, message({ text: 'x'.repeat(2000) }));
    await publish(w, 20);
    w.route('r').resume();
    await expect.poll(isDone(w, 41)).toBe(true);
    await expect.poll(() => w.route('r').deadLettered).toBe(1);
    const [dead] = await w.broker.queue('ActiveMQ.DLQ').browse(0, 1);
    expect(dead?.entry.dead?.reason).toMatch(/^route r: InvalidParameterValue.*1024.* \(1 attempt\)$/);
    expect((await far.drain('picky')).length).toBe(41);
  });

  it('dead-letters what alone fails again and again while others pass', async () => {
    await far.stream('poison', 1);
    await using w = await near('[{name: r, from: queue://in, to: kinesis://poison@far, key: "property:g"}]');
    far.proxy.refuseRecord = 'poison';
    await w.broker.publish(
      { kind: 'queue', name: 'in' },
      message({ text: 'poison', properties: [{ name: 'g', type: 'string', value: 'p' }] }),
    );
    for (let others = 0; w.route('r').deadLettered === 0; others += 5) {
      await publish(w, 5);
      await expect.poll(() => w.route('r').transferred).toBe(others + 5);
    }
    far.proxy.refuseRecord = undefined;
    const [dead] = await w.broker.queue('ActiveMQ.DLQ').browse(0, 1);
    expect(dead?.entry.dead?.reason).toMatch(/^route r: InternalFailure: of the proxy \(\d\d attempts\)$/);
  });

  it('gets the other dead letters when one does not cross', async () => {
    await far.queue('dead');
    await using w = await near('[{name: r, from: queue://ActiveMQ.DLQ, to: sqs://dead@far}]');
    const dlq = { kind: 'queue', name: 'ActiveMQ.DLQ' } as const;
    for (const text of ['', 'a', 'b']) await w.broker.publish(dlq, message({ text }));
    await expect.poll(isDone(w, 2)).toBe(true);
    await expect.poll(() => w.route('r').error).toBe('a dead letter does not cross: body: SQS takes no empty message');
    expect(w.broker.queue('ActiveMQ.DLQ').readyCount).toBe(1);
  });

  it('is given up when it does not answer', async () => {
    await far.queue('hung');
    await using w = await near('[{name: r, from: queue://in, to: sqs://hung@far}]');
    await publish(w, 1);
    await expect.poll(isDone(w, 1)).toBe(true);
    far.proxy.faults = only('hang', /SendMessageBatch/);
    await publish(w, 20);
    await expect.poll(() => w.route('r').error).toBe('remote "far" did not answer within 15 s');
    far.proxy.faults = only('pass');
    await expect.poll(isDone(w, 21)).toBe(true);
  });
});

describe('requests that are answered far away', () => {
  it('get their replies, each with the correlation id of its requester', async () => {
    await far.queue('asked');
    await far.queue('answered');
    await using w = await near(
      '[{name: r, from: queue://ask, to: sqs://asked@far, replies: {through: sqs://answered@far}}]',
    );
    for (let i = 0; i < 20; i++) {
      const request = message({ text: `q${i}`, replyTo: 'queue://mine', correlationId: `c${i % 5}` });
      await w.broker.publish({ kind: 'queue', name: 'ask' }, request);
    }
    await expect.poll(isDone(w, 20)).toBe(true);
    for (const { Body = '', MessageAttributes } of await far.drain('asked')) {
      expect(MessageAttributes?.['reply-to']?.StringValue).toBe('sqs://answered');
      const correlation = MessageAttributes?.['correlation-id'];
      await far.sqs.send(
        new SendMessageCommand({
          QueueUrl: await far.queue('answered'),
          MessageBody: Body.replace('q', 'a'),
          MessageAttributes: { 'correlation-id': { DataType: 'String', StringValue: correlation?.StringValue } },
        }),
      );
    }
    await expect.poll(() => w.broker.queue('mine').readyCount).toBe(20);
    const replies = await w.messages(w.broker.queue('mine'));
    for (const { body, correlationId } of replies) {
      expect(correlationId).toBe(`c${Number(body.toString().slice(1)) % 5}`);
    }
    expect(new Set(replies.map(({ body }) => body.toString())).size).toBe(20);
  }, 40_000);
});

describe('from far away to far away', () => {
  it('goes to several targets by what a message says', async () => {
    for (const name of ['mixed', 'large', 'rest']) await far.queue(name);
    await using w = await near(`[{name: r, from: sqs://mixed@far, to: [
      {address: sqs://large@far, name: large, when: {json: "$.size", equals: large}},
      {address: sqs://rest@far, name: rest, otherwise: true}]}]`);
    await far.send('mixed', [{ text: '{"size":"large"}' }, { text: '{"size":"tiny"}' }, { text: 'none' }]);
    await expect.poll(() => [w.route('r.large').transferred, w.route('r.rest').transferred]).toEqual([1, 2]);
    expect((await far.drain('large')).map(({ Body }) => Body)).toEqual(['{"size":"large"}']);
    expect(await far.depth('rest')).toBe(2);
    await expect.poll(() => far.depth('mixed')).toBe(0);
  });

  it('carries messages, and knows one that comes round', async () => {
    await far.queue('one');
    await far.queue('two.fifo');
    await using w = await near('[{name: r, from: sqs://one@far, to: sqs://two.fifo@far, key: "json:$.k"}]');
    const texts = Array.from({ length: 50 }, (_, i) => JSON.stringify({ k: `k${i % 3}`, i }));
    await far.send(
      'one',
      texts.map((text) => ({ text })),
    );
    await expect.poll(isDone(w, 50)).toBe(true);
    const found = await far.drain('two.fifo');
    expect(new Set(found.map(({ Body }) => Body))).toEqual(new Set(texts));
    const path = found[0]?.MessageAttributes?.['causeway.path']?.StringValue;
    expect(path).toMatch(/^r@[\w-]{8}$/);
    await far.sqs.send(
      new SendMessageCommand({
        QueueUrl: await far.queue('one'),
        MessageBody: '{"k":"k"}',
        MessageAttributes: { 'causeway.path': { DataType: 'String', StringValue: `${path},other` } },
      }),
    );
    await expect.poll(() => w.route('r').deadLettered).toBe(1);
    const [dead] = await w.broker.queue('ActiveMQ.DLQ').browse(0, 1);
    expect(dead?.entry.dead?.reason).toBe('route r: it came back: r -> other -> r');
    await expect.poll(() => far.depth('one')).toBe(0);
  });
});
