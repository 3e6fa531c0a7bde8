// Shadows and dry runs between queues, topics and streams of one engine in memory.

import { describe, expect, it } from 'vitest';
import type { Message } from '../../../broker/core/message.ts';
import type { Queue } from '../../../broker/core/queue.ts';
import { message } from '../../support/messages.ts';
import { location, world } from '../world.ts';
import type { World } from '../world.ts';

const orders = { kind: 'queue', name: 'orders' } as const;

/** Receives everything there is, and is done with it, in this order. */
async function settleAll(test: World, queue: Queue, order = (all: Message[]): Message[] => all): Promise<string[]> {
  const pulled = await queue.pull({ max: 100, leaseMs: 10_000, waitMs: 1000 });
  const wanted = order(pulled.map(({ message: one }) => one));
  for (const one of wanted) await test.broker.settle(pulled.find(({ message: other }) => other === one)!.entry);
  return wanted.map(({ body }) => body.toString());
}

/** All that it wrote is in the store. */
async function stop(test: World): Promise<void> {
  await test.routes.close();
  await test.store.write([{ kind: 'count', counter: 'end', by: 1 }]);
}

const counts = (test: World, name: string) =>
  test.routes.all.find((route) => route.name === name)!.shadow!.report()!.counts;

describe('a shadow', () => {
  it('copies what is put into a queue, which keeps it', async () => {
    await using test = await world({
      routes: '[{ name: s, from: queue://orders, to: sqs://orders, mode: shadow }]',
      queues: ['orders'],
    });
    for (const text of ['a', 'b', 'c']) await test.broker.publish(orders, message({ text, to: 'queue://orders' }));
    const [left, right] = [test.broker.queue('orders'), test.sqs('orders')];
    await expect.poll(() => right.readyCount).toBe(3);
    expect([left.readyCount, left.enqueued, left.dequeued, left.consumerCount]).toEqual([3, 3, 0, 0]);
    expect(await settleAll(test, left)).toEqual(['a', 'b', 'c']);
    expect(await settleAll(test, right)).toEqual(['a', 'b', 'c']);
    expect(counts(test, 's')).toMatchObject({ left: 3, right: 3, arrived: 3, different: 0, reordered: 0 });
    expect(test.route('s').transferred).toBe(3);
  });

  it('tells what is missing, extra, reordered and different', async () => {
    await using test = await world({
      routes: '[{ name: s, from: queue://orders, to: queue://copy, mode: shadow, compare: { windowMs: 200 } }]',
    });
    const right = test.broker.queue('copy');
    for (const text of ['a', 'b', 'c', 'd']) await test.broker.publish(orders, message({ text, to: 'queue://orders' }));
    await expect.poll(() => right.readyCount).toBe(4);
    const [, one] = await right.browse(0, 2);
    // Lost on the right side.
    await test.broker.deadLetter(one!.entry, 'poison');
    await settleAll(test, test.broker.queue('orders'));
    await settleAll(test, right, (all) => all.toReversed());
    await expect
      .poll(() => counts(test, 's'))
      .toMatchObject({ left: 4, arrived: 3, reordered: 2, missing: 1, rightFailed: 1 });
    await test.broker.publish(orders, message({ text: 'only right', to: 'queue://orders' }));
    await expect.poll(() => right.readyCount).toBe(1);
    await settleAll(test, right);
    await expect.poll(() => counts(test, 's')).toMatchObject({ extra: 1, right: 4 });
  });

  it('copies what comes to queues of SQS, once, delayed or not', async () => {
    await using test = await world({
      routes: '[{ name: s, from: sqs://in, to: queue://out, mode: shadow }]',
      queues: ['in'],
    });
    const left = test.sqs('in');
    const transaction = test.broker.transaction();
    transaction.put([left], message({ text: 'now' }));
    transaction.put([left], message({ text: 'soon' }), { delayMs: 20 });
    await transaction.commit();
    const right = test.broker.queue('out');
    await expect.poll(() => right.readyCount).toBe(2);
    expect([left.readyCount, left.delayedCount]).toEqual([2, 0]);
    expect((await test.messages(right)).map(({ body }) => body.toString()).sort()).toEqual(['now', 'soon']);
    await settleAll(test, left);
    await settleAll(test, right);
    expect(counts(test, 's')).toMatchObject({ arrived: 2, different: 0 });
  });

  it('copies all queues within a filter, each in its own order, as they come', async () => {
    await using test = await world({
      routes: '[{ name: s, from: "queue://orders.>", to: queue://all, mode: shadow }]',
    });
    const both = ['orders.eu', 'orders.us'].map((name) => ({ kind: 'queue', name }) as const);
    for (const text of ['1', '2']) await test.broker.publish(both, message({ text }));
    const right = test.broker.queue('all');
    await expect.poll(() => right.readyCount).toBe(4);
    for (const { name } of both) expect(await settleAll(test, test.broker.queue(name))).toEqual(['1', '2']);
    await settleAll(test, right);
    expect(counts(test, 's')).toMatchObject({ left: 4, arrived: 4, reordered: 0 });
  });

  it('leaves out of the comparison what was there before, and what the route does not choose', async () => {
    await using first = await world({ routes: '[]' });
    await first.broker.publish(orders, message({ text: 'before', to: 'queue://orders' }));
    await using test = await world({
      routes: `[{ name: s, from: queue://orders, to: queue://copy, mode: shadow, compare: { windowMs: 100 },
                  when: { json: $.size, equals: large } }]`,
      store: first.store,
    });
    await test.broker.publish(orders, message({ text: '{"size":"small"}', to: 'queue://orders' }));
    await test.broker.publish(orders, message({ text: '{"size":"large"}', to: 'queue://orders' }));
    const right = test.broker.queue('copy');
    await expect.poll(() => right.readyCount).toBe(1);
    expect(await settleAll(test, test.broker.queue('orders'))).toHaveLength(3);
    await settleAll(test, right);
    await expect.poll(() => counts(test, 's')).toMatchObject({ left: 1, arrived: 1, missing: 0, extra: 0 });
    expect(test.route('s').passedOver).toBe(1);
  });

  it('compares what two sides made of it, by a key, in chosen fields', async () => {
    await using test = await world({
      routes: `[{ name: s, from: queue://orders, to: sqs://orders, mode: shadow, compare: { windowMs: 5000,
        left: queue://results, right: sqs://results, by: 'json:$.order', fields: ['json:$.total', 'json:$.card.token'] } }]`,
      queues: ['orders', 'results'],
    });
    const result = (order: number, total: number, at: string): string =>
      JSON.stringify({ at, total, order, card: { token: order === 3 ? at : 'x' } });
    const [left, right] = [test.broker.queue('results'), test.sqs('results')];
    for (const order of [1, 2, 3]) {
      await test.broker.publish({ kind: 'queue', name: 'results' }, message({ text: result(order, 7, 'left') }));
      const transaction = test.broker.transaction();
      transaction.put([right], message({ text: result(order, order === 2 ? 8 : 7, 'right') }));
      await transaction.commit();
    }
    await test.broker.publish({ kind: 'queue', name: 'results' }, message({ text: 'no key' }));
    await settleAll(test, left);
    await settleAll(test, right);
    const report = test.route('s').shadow!.report()!;
    expect(report.counts).toMatchObject({ left: 3, right: 3, arrived: 3, different: 2, unkeyed: 1 });
    expect(report.examples).toMatchObject([
      { state: 'different', id: '2', difference: { field: 'json:$.total', left: '7', right: '8' } },
      { state: 'different', id: '3', difference: { field: 'json:$.card.token', left: '(hidden)', right: '(hidden)' } },
    ]);
  });

  it.each([
    ['topic://news', 'queue://copy'],
    ['sns://news', 'sqs://copy'],
    ['kinesis://news', 'queue://copy'],
  ])('compares what it sends from %s with what its receivers settle', async (from, to) => {
    await using test = await world({
      routes: `[{ name: s, from: "${from}", to: "${to}", mode: shadow, compare: { windowMs: 300 } }]`,
      queues: ['copy'],
      topics: ['news'],
      streams: [['news', 1]],
    });
    await expect.poll(() => test.route('s').state).toBe('running');
    for (const text of ['1', '2']) {
      if (from.startsWith('topic')) await test.broker.publish({ kind: 'topic', name: 'news' }, message({ text }));
      else if (from.startsWith('kinesis')) {
        const stream = test.kinesis.streams.find(location, 'news')!;
        await stream.core.append([{ partitionKey: 'k', data: Buffer.from(text) }]);
      } else {
        const transaction = test.broker.transaction();
        transaction.put(
          [
            [...test.broker.queues('aws/000000000000/us-east-1')].find(({ name }) =>
              name.startsWith('causeway-route-'),
            )!,
          ],
          message({ text }),
        );
        await transaction.commit();
      }
    }
    const right = to.startsWith('sqs') ? test.sqs('copy') : test.broker.queue('copy');
    await expect.poll(() => right.readyCount).toBe(2);
    const [first] = await right.pull({ max: 1, leaseMs: 10_000, waitMs: 1000 });
    await test.broker.settle(first!.entry);
    await expect.poll(() => counts(test, 's')).toMatchObject({ left: 2, arrived: 1, missing: 1, different: 0 });
  });

  it('drops the oldest copies beyond its bound, and counts them over restarts', async () => {
    const routes = '[{ name: s, from: queue://orders, to: queue://copy, mode: shadow, behind: 10, paused: true }]';
    await using test = await world({ routes });
    for (let i = 0; i < 50; i++) await test.broker.publish(orders, message({ text: String(i), to: 'queue://orders' }));
    const { shadow } = test.route('s');
    expect([shadow!.dropped, shadow!.behind, test.broker.queue('orders').readyCount]).toEqual([40, 10, 50]);
    await stop(test);
    await using again = await world({ routes: routes.replace(', paused: true', ''), store: test.store });
    const right = again.broker.queue('copy');
    await expect.poll(() => right.readyCount).toBe(10);
    expect((await again.messages(right)).at(0)?.body.toString()).toBe('40');
    expect(again.route('s').shadow!.dropped).toBe(40);
  });

  it('buries what does not cross in a queue of its own', async () => {
    await using test = await world({
      routes: '[{ name: s, from: queue://orders, to: sqs://orders, mode: shadow }]',
      queues: ['orders'],
    });
    await test.broker.publish(orders, message({ text: '', to: 'queue://orders' }));
    const dead = test.broker.queue('shadow.s.dead');
    await expect.poll(() => dead.readyCount).toBe(1);
    expect((await dead.browse(0, 1))[0]?.entry.dead?.reason).toBe('route s: body: SQS takes no empty message');
    expect(test.broker.find('mq', 'ActiveMQ.DLQ')?.readyCount ?? 0).toBe(0);
  });

  it('leaves nothing behind when it is out of the configuration', async () => {
    await using test = await world({
      routes: '[{ name: s, from: queue://orders, to: queue://copy, mode: shadow, paused: true }]',
    });
    await test.broker.publish(orders, message({ text: 'x', to: 'queue://orders' }));
    await stop(test);
    await using again = await world({ routes: '[]', store: test.store });
    expect([...again.broker.queues('route')]).toEqual([]);
    expect(again.broker.queue('orders').copies).toEqual([]);
    expect(again.broker.queue('orders').readyCount).toBe(1);
    expect(await again.store.readRecords('route-comparison')).toEqual([]);
  });

  it('goes on counting after a restart, and says what it cannot know', async () => {
    const routes = '[{ name: s, from: queue://orders, to: queue://copy, mode: shadow, compare: { windowMs: 300 } }]';
    await using test = await world({ routes });
    for (const text of ['a', 'b', 'c']) await test.broker.publish(orders, message({ text, to: 'queue://orders' }));
    await expect.poll(() => test.broker.queue('copy').readyCount).toBe(3);
    const settleOne = async (on: World, name: string): Promise<void> => {
      const [pulled] = await on.broker.queue(name).pull({ max: 1, leaseMs: 10_000, waitMs: 1000 });
      await on.broker.settle(pulled!.entry);
    };
    await settleOne(test, 'orders');
    await settleOne(test, 'orders');
    await settleOne(test, 'copy');
    expect(counts(test, 's')).toMatchObject({ arrived: 1, left: 2 });
    await stop(test);
    await using again = await world({ routes, store: test.store });
    for (const name of ['orders', 'copy', 'copy']) await settleOne(again, name);
    await expect.poll(() => again.route('s').shadow!.report()!.waiting).toEqual({ left: 0, right: 0 });
    expect(counts(again, 's')).toMatchObject({ left: 3, right: 3, arrived: 2, unknown: 1, missing: 0, extra: 0 });
  });
});

describe('what was received before the engine started', () => {
  it('is compared, when it is settled by its handle after that', async () => {
    const routes = '[{ name: s, from: queue://orders, to: sqs://orders, mode: shadow, compare: { windowMs: 300 } }]';
    await using test = await world({ routes, queues: ['orders'] });
    await test.broker.publish(orders, message({ text: 'a', to: 'queue://orders' }));
    await expect.poll(() => test.sqs('orders').readyCount).toBe(1);
    const [received] = await test.sqs('orders').pull({ max: 1, leaseMs: 60_000, waitMs: 1000 });
    await stop(test);
    await using again = await world({ routes, store: test.store });
    expect(await settleAll(again, again.broker.queue('orders'))).toEqual(['a']);
    await again.broker.settle((await again.sqs('orders').fetch(received!.entry.seq))!);
    expect(counts(again, 's')).toMatchObject({ left: 1, right: 1, arrived: 1, different: 0 });
  });
});

describe('a dry run', () => {
  it('counts what would cross and what would be refused, and sends and buries nothing', async () => {
    await using test = await world({
      routes: `[{ name: d, from: queue://orders, to: sqs://orders, mode: dry-run },
                { name: none, from: queue://orders, to: sqs://nowhere, mode: dry-run },
                { name: fifo, from: queue://orders, to: sqs://o.fifo, key: header:correlationId, mode: dry-run }]`,
      queues: ['orders', 'o.fifo'],
    });
    await test.broker.publish(orders, message({ text: 'fits', to: 'queue://orders', correlationId: 'c' }));
    await test.broker.publish(orders, message({ text: '', to: 'queue://orders' }));
    const told = (name: string): unknown => {
      const { transferred, deadLettered } = test.route(name);
      return [transferred, deadLettered];
    };
    await expect
      .poll(() => ['d', 'none', 'fifo'].map(told))
      .toEqual([
        [1, 1],
        [0, 2],
        [1, 1],
      ]);
    expect(test.broker.queue('orders').readyCount).toBe(2);
    expect([test.sqs('orders').enqueued, test.sqs('o.fifo').enqueued]).toEqual([0, 0]);
    expect(test.broker.find('mq', 'ActiveMQ.DLQ')?.readyCount ?? 0).toBe(0);
    expect([...test.broker.queues('route')].map(({ readyCount, inFlightCount }) => readyCount + inFlightCount)).toEqual(
      [0, 0, 0],
    );
    const reasons = (name: string): unknown =>
      test
        .route(name)
        .ledger()
        .filter(({ field, outcome }) => field === 'body' && outcome === 'refused')
        .map(({ reason }) => reason);
    expect(reasons('d')).toEqual(['SQS takes no empty message']);
    expect(reasons('none')).toEqual(['sqs://nowhere does not exist']);
    expect(reasons('fifo')).toEqual(['it has nothing that its key could be made of']);
  });
});
