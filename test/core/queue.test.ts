import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../broker/core/destination-policies.ts';
import type { Entry } from '../../broker/core/entry.ts';
import { BrokerError } from '../../broker/core/errors.ts';
import type { Message } from '../../broker/core/message.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';

function texts(messages: readonly Message[]): string[] {
  return messages.map(({ body }) => body.toString());
}

const smallWindow = { entries: 4, bytes: 1024 * 1024, minimumEntries: 2, reload: 2 };

describe('a queue', () => {
  it('gives nothing before the commit of the put', async () => {
    await using test = await testBroker();
    const queue = test.broker.queue('orders');
    const got: Message[] = [];
    queue.consume({ credit: 10, deliver: (_, given) => got.push(given) });
    test.store.hold();
    const published = test.broker.publish({ kind: 'queue', name: 'orders' }, message({ text: 'a' }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(got).toEqual([]);
    test.store.resume();
    await published;
    expect(texts(got)).toEqual(['a']);
  });

  it('refuses the sender and shows nothing when the commit fails', async () => {
    await using test = await testBroker();
    test.store.fail(new BrokerError('store-full', 'disk full'));
    const published = test.broker.publish({ kind: 'queue', name: 'orders' }, message());
    await expect(published).rejects.toMatchObject({ code: 'store-full' });
    expect(test.broker.queue('orders').readyCount).toBe(0);
    test.store.fail(undefined);
    await test.broker.publish({ kind: 'queue', name: 'orders' }, message());
    expect(test.broker.queue('orders').readyCount).toBe(1);
  });

  it('shares between consumers in turn, within their credit', async () => {
    await using test = await testBroker();
    const queue = test.broker.queue('orders');
    const got: Record<string, string[]> = { a: [], b: [] };
    queue.consume({ credit: 2, deliver: (_, { body }) => got.a!.push(body.toString()) });
    queue.consume({ credit: 3, deliver: (_, { body }) => got.b!.push(body.toString()) });
    for (const text of ['1', '2', '3', '4', '5', '6']) {
      await test.broker.publish({ kind: 'queue', name: 'orders' }, message({ text }));
    }
    expect(got.a).toHaveLength(2);
    expect(got.b).toHaveLength(3);
    expect(queue.readyCount).toBe(1);
    expect(queue.inFlightCount).toBe(5);
  });

  it('pages a backlog beyond its window and keeps the order, returned entries included', async () => {
    await using test = await testBroker({ window: smallWindow });
    const queue = test.broker.queue('orders');
    for (let i = 0; i < 30; i++) {
      await test.broker.publish({ kind: 'queue', name: 'orders' }, message({ text: String(i) }));
    }
    const first: Entry[] = [];
    const consumer = queue.consume({ credit: 7, deliver: (entry) => first.push(entry) });
    await expect.poll(() => first.length).toBe(7);
    consumer.close();
    const got: string[] = [];
    const all = Promise.withResolvers<void>();
    queue.consume({
      credit: 100,
      deliver: (entry, { body }) => {
        got.push(body.toString());
        void test.broker.settle(entry);
        if (got.length === 30) all.resolve();
      },
    });
    await all.promise;
    expect(got).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
    await expect.poll(() => queue.inFlightCount).toBe(0);
    expect(queue.readyCount).toBe(0);
  });

  it('keeps non-durable messages behind durable ones on disk', async () => {
    await using test = await testBroker({ window: smallWindow });
    const queue = test.broker.queue('orders');
    const sent = Array.from({ length: 20 }, (_, i) => message({ text: String(i), durable: i % 3 === 0 }));
    await Promise.all(sent.map((one) => test.broker.publish({ kind: 'queue', name: 'orders' }, one)));
    const got: string[] = [];
    queue.consume({ credit: 100, deliver: (_, { body }) => got.push(body.toString()) });
    await expect.poll(() => got.length).toBe(20);
    expect(got).toEqual(sent.map(({ body }) => body.toString()));
  });

  it('leases to a pull until its deadline, then gives again', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    const queue = test.broker.declare({ namespace: 'aws/1/r', name: 'work' });
    const transaction = test.broker.transaction();
    transaction.put([queue], message({ text: 'job', timestamp: clock.now() }));
    await transaction.commit();
    const [first] = await queue.pull({ max: 10, leaseMs: 20, waitMs: 0 });
    expect(first?.entry.attempts).toBe(1);
    expect(await queue.pull({ max: 10, leaseMs: 20, waitMs: 0 })).toEqual([]);
    const waiting = queue.pull({ max: 10, leaseMs: 60_000, waitMs: 10_000 });
    clock.turn(20);
    const [again] = await waiting;
    expect(again?.message.body.toString()).toBe('job');
    expect(again?.entry.attempts).toBe(2);
    await test.broker.settle(again!.entry);
    expect(queue.inFlightCount).toBe(0);
  });

  it('dead-letters an entry whose deliveries failed too often, with reason and origin', async () => {
    await using test = await testBroker({ policy: { ...defaultPolicy, maxRedeliveries: 1 } });
    const queue = test.broker.queue('orders');
    let deliveries = 0;
    queue.consume({
      credit: 10,
      deliver: (entry) => {
        deliveries++;
        queueMicrotask(() => queue.release(entry, { failed: true }));
      },
    });
    await test.broker.publish({ kind: 'queue', name: 'orders' }, message({ text: 'poison' }));
    const dlq = test.broker.queue('ActiveMQ.DLQ');
    await expect.poll(() => dlq.readyCount).toBe(1);
    expect(deliveries).toBe(2);
    const [dead] = await dlq.browse(0, 10);
    expect(dead?.entry.dead).toMatchObject({ origin: 'queue://orders', reason: 'delivered 2 times without success' });
    expect(queue.inFlightCount).toBe(0);
  });

  it('holds a delayed message back until it is due', async () => {
    await using test = await testBroker();
    const queue = test.broker.queue('orders');
    await test.broker.publish({ kind: 'queue', name: 'orders' }, message({ text: 'later' }), { delayMs: 20 });
    expect([queue.readyCount, queue.delayedCount]).toEqual([0, 1]);
    const [late] = await queue.pull({ max: 1, leaseMs: 1000, waitMs: 10_000 });
    expect(late?.message.body.toString()).toBe('later');
    expect(queue.delayedCount).toBe(0);
  });

  it('dead-letters durable messages that expire, and never delivers them', async () => {
    await using test = await testBroker();
    const queue = test.broker.queue('orders');
    await test.broker.publish({ kind: 'queue', name: 'orders' }, message({ expiresAt: Date.now() - 1 }));
    const got: Entry[] = [];
    queue.consume({ credit: 1, deliver: (entry) => got.push(entry) });
    await expect.poll(() => test.broker.queue('ActiveMQ.DLQ').readyCount).toBe(1);
    expect(got).toEqual([]);
  });

  it('forgets everything on purge, and what was in flight does not come back', async () => {
    await using test = await testBroker({ window: smallWindow });
    const queue = test.broker.queue('orders');
    for (let i = 0; i < 20; i++) await test.broker.publish({ kind: 'queue', name: 'orders' }, message());
    const held: Entry[] = [];
    const consumer = queue.consume({ credit: 3, deliver: (entry) => held.push(entry) });
    expect(await queue.purge()).toBe(20);
    await test.broker.settle(held[0]!);
    consumer.close();
    expect([queue.readyCount, queue.inFlightCount]).toEqual([0, 0]);
    await test.broker.publish({ kind: 'queue', name: 'orders' }, message({ text: 'new' }));
    const [next] = await queue.pull({ max: 10, leaseMs: 1000, waitMs: 1000 });
    expect(next?.message.body.toString()).toBe('new');
  });
});
