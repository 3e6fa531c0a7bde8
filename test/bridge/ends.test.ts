// Every kind of end as a source and as a target, over real queues, topics and streams in memory.

import { describe, expect, it } from 'vitest';
import { message } from '../support/messages.ts';
import { location, world } from './world.ts';
import type { World } from './world.ts';

const toQueue = (name: string) => ({ kind: 'queue', name }) as const;
const toTopic = (name: string) => ({ kind: 'topic', name }) as const;

function texts(messages: readonly { readonly body: Buffer }[]): string[] {
  return messages.map(({ body }) => body.toString());
}

async function publish({ broker }: World, name: string, count: number, fields: Parameters<typeof message>[0] = {}) {
  for (let i = 0; i < count; i++) await broker.publish(toQueue(name), message({ text: String(i), ...fields }));
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

describe('from SQS', () => {
  it('takes each message once, in order, into a queue of the broker', async () => {
    await using w = await world({ queues: ['in'], routes: '[{name: r, from: sqs://in, to: queue://out}]' });
    for (const text of numbers(30)) {
      const transaction = w.broker.transaction();
      transaction.put([w.sqs('in')], message({ text }));
      await transaction.commit();
    }
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(30);
    expect(texts(await w.messages(w.broker.queue('out')))).toEqual(numbers(30));
    expect([w.sqs('in').readyCount, w.sqs('in').inFlightCount]).toEqual([0, 0]);
  });

  it('publishes to a topic of the broker, with the headers that attributes have the names of', async () => {
    await using w = await world({
      queues: ['in'],
      routes: '[{name: r, from: sqs://in, to: topic://out.a}, {name: s, from: topic://out.*, to: queue://seen}]',
    });
    const transaction = w.broker.transaction();
    const properties = [
      { name: 'correlation-id', type: 'string', value: 'c' },
      { name: 'colour', type: 'string', value: 'red' },
    ] as const;
    transaction.put([w.sqs('in')], message({ text: 'x', properties }));
    await transaction.commit();
    await expect.poll(() => w.broker.queue('seen').readyCount).toBe(1);
    const [seen] = await w.messages(w.broker.queue('seen'));
    expect(seen).toMatchObject({
      correlationId: 'c',
      properties: [{ name: 'colour', value: 'red' }],
      to: 'queue://seen',
    });
    expect(seen?.path).toMatch(/^r@[\w-]{8},s@[\w-]{8}$/);
  });

  it('keeps the order of each group of a FIFO queue', async () => {
    await using w = await world({
      queues: ['in.fifo', 'out.fifo'],
      routes: '[{name: r, from: sqs://in.fifo, to: sqs://out.fifo, key: group}]',
    });
    for (let i = 0; i < 60; i++) {
      const transaction = w.broker.transaction();
      transaction.put([w.sqs('in.fifo')], message({ text: String(i), groupId: `g${i % 3}` }));
      await transaction.commit();
    }
    await expect.poll(() => w.sqs('out.fifo').readyCount).toBe(60);
    const found = await w.messages(w.sqs('out.fifo'));
    for (const group of ['g0', 'g1', 'g2']) {
      const ofGroup = texts(found.filter(({ groupId }) => groupId === group)).map(Number);
      expect(ofGroup).toEqual(ofGroup.toSorted((a, b) => a - b));
      expect(ofGroup).toHaveLength(20);
    }
  });

  it('waits for a queue that is not there, and for one that was deleted', async () => {
    await using w = await world({ routes: '[{name: r, from: sqs://in, to: queue://out}]' });
    expect([w.route('r').state, w.route('r').error]).toEqual(['failed', 'sqs://in does not exist']);
    const first = await w.queues.create(location, 'in');
    await expect.poll(() => w.route('r').state).toBe('running');
    await w.queues.delete(first);
    await w.queues.create(location, 'in');
    const transaction = w.broker.transaction();
    transaction.put([w.sqs('in')], message({ text: 'again' }));
    await transaction.commit();
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(1);
  });
});

describe('a topic of the broker', () => {
  it('keeps what is published while the route is paused, and while the engine is away', async () => {
    const routes = '[{name: r, from: topic://t.>, to: queue://out}]';
    const first = await world({ routes });
    first.route('r').pause();
    await first.broker.publish(toTopic('t.a'), message({ text: 'paused' }));
    await first[Symbol.asyncDispose]();
    await using again = await world({ routes, store: first.store });
    expect(again.route('r').state).toBe('paused');
    await again.broker.publish(toTopic('t.b'), message({ text: 'again' }));
    expect(again.broker.find('mq', 'out')?.readyCount ?? 0).toBe(0);
    again.route('r').resume();
    await expect.poll(() => again.broker.queue('out').readyCount).toBe(2);
    expect(texts(await again.messages(again.broker.queue('out')))).toEqual(['paused', 'again']);
  });

  it('is subscribed to no more once its route is gone', async () => {
    const first = await world({ routes: '[{name: r, from: topic://t, to: queue://out}]' });
    await first[Symbol.asyncDispose]();
    await using again = await world({ routes: '[]', store: first.store });
    expect([...again.broker.subscriptions]).toEqual([]);
  });
});

describe('wildcards', () => {
  it('take from queues as they come', async () => {
    await using w = await world({ queues: ['out'], routes: '[{name: r, from: "queue://in.*", to: sqs://out}]' });
    await publish(w, 'in.a', 2);
    await publish(w, 'in.b', 2);
    await expect.poll(() => w.sqs('out').readyCount).toBe(4);
  });
});

describe('into FIFO queues', () => {
  it('gives each message the group that its key says, and deduplicates nothing that is another message', async () => {
    await using w = await world({
      queues: ['out.fifo'],
      routes: '[{name: r, from: queue://in, to: sqs://out.fifo, key: ["json:$.customer", "constant:none"]}]',
    });
    for (const text of ['{"customer":"c-1"}', '{"customer":"c 2"}', '{}', '{}']) {
      await w.broker.publish(toQueue('in'), message({ text, id: 'the same' }));
    }
    await expect.poll(() => w.sqs('out.fifo').readyCount).toBe(4);
    const found = await w.messages(w.sqs('out.fifo'));
    expect(found.map(({ groupId }) => groupId)).toEqual([
      'c-1',
      expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
      'none',
      'none',
    ]);
  });

  it('dead-letters what has no key', async () => {
    await using w = await world({
      queues: ['out.fifo'],
      routes: '[{name: r, from: queue://in, to: sqs://out.fifo, key: "property:customer"}]',
    });
    await publish(w, 'in', 1);
    const dlq = w.broker.queue('ActiveMQ.DLQ');
    await expect.poll(() => dlq.readyCount).toBe(1);
    const [dead] = await dlq.browse(0, 1);
    expect(dead?.entry.dead).toMatchObject({
      reason: 'route r: it has nothing that its key could be made of',
      origin: 'queue://in',
    });
  });
});

describe('SNS', () => {
  it('is published to, and is a source by a queue of the route', async () => {
    await using w = await world({
      topics: ['t'],
      routes: '[{name: to, from: queue://in, to: sns://t}, {name: from, from: sns://t, to: queue://out}]',
    });
    await publish(w, 'in', 20, { correlationId: 'c', properties: [{ name: 'n', type: 'int', value: 7 }] });
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(20);
    const found = await w.messages(w.broker.queue('out'));
    expect(texts(found)).toEqual(numbers(20));
    expect(found[0]).toMatchObject({
      correlationId: 'c',
      properties: [{ name: 'n', type: 'int', value: 7 }],
      path: expect.stringMatching(/^to@[\w-]+,from@[\w-]+$/) as unknown,
    });
  });

  it('of FIFO keeps the order of groups', async () => {
    await using w = await world({
      topics: ['t.fifo'],
      routes:
        '[{name: to, from: queue://in, to: sns://t.fifo, key: "property:g"}, {name: from, from: sns://t.fifo, to: queue://out}]',
    });
    await publish(w, 'in', 30, { properties: [{ name: 'g', type: 'string', value: 'a' }] });
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(30);
    expect(texts(await w.messages(w.broker.queue('out')))).toEqual(numbers(30));
  });

  it('signs what HTTP subscribers and queues without raw delivery get', async () => {
    await using w = await world({ topics: ['t'], queues: ['q'], routes: '[{name: r, from: queue://in, to: sns://t}]' });
    const topic = w.sns.topics.list(location)[0]!;
    const request = {
      protocol: 'sqs',
      endpoint: w.queues.find(location, 'q')!.arn,
      attributes: new Map(),
      account: location.account,
      origin: 'http://h',
    };
    await w.sns.subscriptions.subscribe(topic, request);
    await publish(w, 'in', 5);
    await expect.poll(() => w.sqs('q').readyCount).toBe(5);
    const bodies = (await w.messages(w.sqs('q'))).map(
      ({ body }) => JSON.parse(body.toString()) as Record<string, unknown>,
    );
    expect(bodies.map(({ Message }) => Message)).toEqual(numbers(5));
    expect(bodies[0]).toMatchObject({ Type: 'Notification', Signature: expect.any(String), TopicArn: topic.arn });
  });

  it('is left, queue and subscription, once the route is gone', async () => {
    const first = await world({ topics: ['t'], routes: '[{name: r, from: sns://t, to: queue://out}]' });
    expect(first.queues.list(location).map(({ core }) => core.name)).toEqual(['causeway-route-r']);
    await first[Symbol.asyncDispose]();
    await using again = await world({ routes: '[]', store: first.store });
    expect(again.queues.list(location)).toEqual([]);
    expect(again.sns.subscriptions.list(location)).toEqual([]);
  });
});

describe('Kinesis', () => {
  it('gets records by key, and gives them back in order of their shards', async () => {
    await using w = await world({
      streams: [['s', 4]],
      routes:
        '[{name: to, from: queue://in, to: kinesis://s, key: "property:k"}, {name: from, from: kinesis://s, to: queue://out}]',
    });
    for (let i = 0; i < 200; i++) {
      await w.broker.publish(
        toQueue('in'),
        message({ text: String(i), properties: [{ name: 'k', type: 'string', value: `k${i % 7}` }] }),
      );
    }
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(200);
    const found = await w.messages(w.broker.queue('out'));
    for (let k = 0; k < 7; k++) {
      const ofKey = texts(found.filter(({ groupId }) => groupId === `k${k}`));
      expect(ofKey).toEqual(numbers(200).filter((text) => Number(text) % 7 === k));
    }
  });

  it('goes on where it was after a restart, and reads parents before children', async () => {
    const routes = '[{name: r, from: kinesis://s, to: queue://out}]';
    const first = await world({ streams: [['s', 1]], routes });
    const put = async (w: World, from: number, to: number): Promise<void> => {
      const stream = w.kinesis.streams.find(location, 's')!.core;
      const records = numbers(to)
        .slice(from)
        .map((text) => ({ partitionKey: 'k', data: Buffer.from(text) }));
      await stream.append(records);
    };
    await put(first, 0, 50);
    await expect.poll(() => first.broker.queue('out').readyCount).toBe(50);
    first.route('r').pause();
    await put(first, 50, 80);
    const stream = first.kinesis.streams.find(location, 's')!;
    await first.kinesis.streams.begin(stream, 'UPDATING', { kind: 'scale', target: 2 });
    await put(first, 80, 100);
    await first[Symbol.asyncDispose]();
    await using again = await world({ routes, store: first.store });
    again.route('r').resume();
    await expect.poll(() => again.broker.queue('out').readyCount).toBe(100);
    expect(texts(await again.messages(again.broker.queue('out')))).toEqual(numbers(100));
    await put(again, 100, 120);
    await expect.poll(() => again.broker.queue('out').readyCount).toBe(120);
  });

  it('is read again from a time', async () => {
    await using w = await world({ streams: [['s', 2]], routes: '[{name: r, from: kinesis://s, to: queue://out}]' });
    const stream = w.kinesis.streams.find(location, 's')!.core;
    await stream.append(numbers(10).map((text) => ({ partitionKey: text, data: Buffer.from(text) })));
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(10);
    await w.route('r').rewind(0);
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(20);
  });

  it('carries the whole message as an event', async () => {
    await using w = await world({
      streams: [['s', 1]],
      routes:
        '[{name: to, from: queue://in, to: kinesis://s, key: "constant:k", envelope: structured}, {name: from, from: kinesis://s, to: queue://out}]',
    });
    const sent = message({
      text: '{"a":1}',
      contentType: 'application/json',
      correlationId: 'c',
      priority: 9,
      properties: [{ name: 'long', type: 'long', value: 5 }],
    });
    await w.broker.publish(toQueue('in'), sent);
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(1);
    const [{ path, to, ...found }] = (await w.messages(w.broker.queue('out'))) as [typeof sent];
    expect([path?.replaceAll(/@[\w-]+/g, ''), to]).toEqual(['to,from', 'queue://out']);
    expect({ ...found, body: found.body.toString() }).toMatchObject({
      id: sent.id,
      contentType: 'application/json',
      correlationId: 'c',
      priority: 9,
      properties: sent.properties,
      body: '{"a":1}',
    });
  });
});

describe('one source, several targets', () => {
  it('each get what they choose, at their own pace', async () => {
    await using w = await world({
      queues: ['eu', 'big', 'rest'],
      routes: `[{name: r, from: queue://in, to: [
        {address: sqs://eu, name: eu, when: {selector: "region = 'eu'"}},
        {address: sqs://big, name: big, when: {json: $.size, equals: big}},
        {address: sqs://rest, name: rest, otherwise: true}]}]`,
    });
    w.route('r.big').pause();
    const eu = [{ name: 'region', type: 'string', value: 'eu' }] as const;
    await w.broker.publish(toQueue('in'), message({ text: '{"size":"big"}', properties: eu }));
    await w.broker.publish(toQueue('in'), message({ text: '{"size":"small"}', properties: eu }));
    await w.broker.publish(toQueue('in'), message({ text: 'neither' }));
    await expect
      .poll(() => [w.sqs('eu').readyCount, w.sqs('big').readyCount, w.sqs('rest').readyCount])
      .toEqual([2, 0, 1]);
    w.route('r.big').resume();
    await expect.poll(() => w.sqs('big').readyCount).toBe(1);
    expect(w.broker.queue('in').readyCount).toBe(0);
  });

  it('take from a queue what they choose, before those who take anything', async () => {
    await using w = await world({
      queues: ['out'],
      routes: `[{name: r, from: queue://in, to: sqs://out, when: {selector: "a = 1"}}]`,
    });
    const others: string[] = [];
    w.broker.queue('in').consume({ deliver: (_, { body }) => void others.push(body.toString()), credit: 100 });
    const one = [{ name: 'a', type: 'int', value: 1 }] as const;
    // Several in a row: consumers of the same rank would take turns.
    for (const properties of [one, []]) {
      for (let i = 0; i < 10; i++) {
        await w.broker.publish(toQueue('in'), message({ text: properties === one ? 'chosen' : 'not', properties }));
      }
    }
    await expect.poll(() => [w.sqs('out').readyCount, others.length]).toEqual([10, 10]);
    expect(others).not.toContain('chosen');
  });

  it('leaves in its queue what nobody chooses', async () => {
    await using w = await world({
      queues: ['out'],
      routes: `[{name: r, from: queue://in, to: sqs://out, when: {selector: "a = 1"}}]`,
    });
    await publish(w, 'in', 1);
    await publish(w, 'in', 1, { properties: [{ name: 'a', type: 'int', value: 1 }] });
    await expect.poll(() => w.sqs('out').readyCount).toBe(1);
    expect(w.broker.queue('in').readyCount).toBe(1);
  });
});

describe('replies', () => {
  it('find their way back, with the correlation id that the requester gave', async () => {
    await using w = await world({
      queues: ['requests', 'replies'],
      routes: '[{name: r, from: queue://requests, to: sqs://requests, replies: {through: sqs://replies}}]',
    });
    const ask = (replyTo: string) =>
      w.broker.publish(toQueue('requests'), message({ text: 'q', replyTo, correlationId: '1' }));
    await ask('queue://one');
    await ask('queue://two');
    await expect.poll(() => w.sqs('requests').readyCount).toBe(2);
    for (const { properties } of await w.messages(w.sqs('requests'))) {
      const own = properties.filter(({ name }) => name === 'correlation-id');
      expect(properties.find(({ name }) => name === 'reply-to')?.value).toBe('sqs://replies');
      const transaction = w.broker.transaction();
      transaction.put([w.sqs('replies')], message({ text: 'a', properties: own }));
      await transaction.commit();
    }
    await expect.poll(() => [w.broker.queue('one').readyCount, w.broker.queue('two').readyCount]).toEqual([1, 1]);
    const [reply] = await w.messages(w.broker.queue('two'));
    expect(reply).toMatchObject({ correlationId: '1', replyTo: undefined });
  });

  it.each([
    ['has a correlation id', { correlationId: 'c' }, 'kept'],
    ['has none', {}, undefined],
    ['has one that another waits with', { correlationId: 'taken' }, 'changed'],
  ] as const)('are in the ledger for what they are, where a request %s', async (_, fields, outcome) => {
    await using w = await world({
      queues: ['requests', 'replies'],
      routes:
        '[{name: r, from: queue://requests, to: sqs://requests, onLoss: dead-letter, replies: {through: sqs://replies}}]',
    });
    await w.broker.publish(toQueue('requests'), message({ replyTo: 'queue://one', correlationId: 'taken', text: 'q' }));
    await expect.poll(() => w.route('r').transferred).toBe(1);
    await w.broker.publish(toQueue('requests'), message({ replyTo: 'queue://two', text: 'q', ...fields }));
    await expect.poll(() => w.route('r').transferred).toBe(2);
    const rows = w.route('r').ledger();
    expect(rows.filter(({ field }) => field === 'replyTo')).toMatchObject([
      {
        outcome: 'changed',
        reason: 'to sqs://replies: the answer goes from there to it',
        count: 2,
        examples: ['queue://one', 'queue://two'],
      },
    ]);
    const ofCorrelation = rows.filter(({ field }) => field === 'correlationId');
    const others = outcome === 'kept' ? 1 : 0;
    expect(ofCorrelation.find((row) => row.outcome === 'kept')?.count).toBe(1 + others);
    expect(ofCorrelation.find((row) => row.outcome === 'changed')?.count).toBe(outcome === 'changed' ? 1 : undefined);
    // Field by field: body, id, timestamp, replyTo of both, and what they have as correlation id.
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(8 + 1 + (outcome === undefined ? 0 : 1));
  });

  it('are previewed as they cross', async () => {
    await using w = await world({
      queues: ['requests', 'replies'],
      routes: '[{name: r, from: queue://requests, to: sqs://requests, replies: {through: sqs://replies}}]',
    });
    const { fields, after } = w.routes.preview('r', { body: 'q', headers: { replyTo: 'queue://one' } });
    expect(fields.find(({ field }) => field === 'replyTo')).toMatchObject({
      outcome: 'changed',
      before: 'queue://one',
    });
    expect(after?.attributes).toMatchObject([
      { name: 'correlation-id', value: 'preview' },
      { name: 'reply-to', value: 'sqs://replies' },
      { name: 'message-id' },
      { name: 'timestamp' },
    ]);
  });

  it('that nobody waits for are dead letters', async () => {
    await using w = await world({
      queues: ['requests', 'replies'],
      routes: '[{name: r, from: queue://requests, to: sqs://requests, replies: {through: sqs://replies}}]',
    });
    const transaction = w.broker.transaction();
    transaction.put([w.sqs('replies')], message({ text: 'a' }));
    await transaction.commit();
    await expect.poll(() => w.broker.queue('ActiveMQ.DLQ').readyCount).toBe(1);
    const body = w
      .route('r.replies')
      .ledger()
      .find(({ field }) => field === 'body');
    expect(body).toMatchObject({ outcome: 'refused', reason: 'nobody waits for this reply', count: 1 });
  });
});
