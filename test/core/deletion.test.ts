import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../broker/core/errors.ts';
import { mq } from '../../broker/core/namespaces.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';

const orders = { kind: 'queue', name: 'orders' } as const;
const page = { entries: 100, bytes: 1 << 20 };

async function stored({ store }: TestBroker, queueId: number): Promise<string[]> {
  const delayed = await store.readDelayed(queueId, Infinity, page);
  const ready = await store.readPage(queueId, 0, page);
  return [...ready, ...delayed].map(({ message: { body } }) => body.toString());
}

describe('a queue that is deleted', () => {
  it('takes with it what was put while its end was being stored', async () => {
    await using test = await testBroker();
    await test.broker.publish(orders, message({ text: 'before' }));
    const queue = test.broker.queue('orders');
    test.store.hold();
    const deleted = test.broker.delete(queue);
    const puts = [
      test.broker.publish(orders, message({ text: 'meanwhile' })),
      test.broker.publish(orders, message({ text: 'later' }), { delayMs: 1000 }),
    ];
    test.store.resume();
    await Promise.all([deleted, ...puts]);
    await test.store.write([]);
    expect(await stored(test, queue.id)).toEqual([]);
    expect(test.broker.find(mq, 'orders')).toBeUndefined();
    expect((await test.store.readQueues()).map(({ name }) => name)).toEqual([]);
  });

  it('takes nothing from transactions that began before and are committed after', async () => {
    await using test = await testBroker();
    await test.broker.publish(orders, message({ text: 'before' }));
    const queue = test.broker.queue('orders');
    const transaction = test.broker.transaction();
    test.broker.send(transaction, [orders, { kind: 'queue', name: 'copies' }], message({ text: 'held' }));
    await test.broker.delete(queue);
    await transaction.commit();
    expect(await stored(test, queue.id)).toEqual([]);
    expect(await stored(test, test.broker.queue('copies').id)).toEqual(['held']);
    expect((await test.store.readQueues()).map(({ name }) => name)).toEqual(['copies']);
    // The name is free for another.
    await test.broker.publish(orders, message({ text: 'new' }));
    expect(test.broker.queue('orders').readyCount).toBe(1);
  });

  it('lets go of dead letters that were on their way to it', async () => {
    await using test = await testBroker();
    await test.broker.publish(orders, message({ text: 'bad' }));
    const [entry] = (await test.broker.queue('orders').browse(0, 1)).map((browsed) => browsed.entry);
    const transaction = test.broker.transaction();
    test.broker.addDeadLetter(transaction, entry!, 'refused');
    const dead = test.broker.queue('ActiveMQ.DLQ');
    await test.broker.delete(dead);
    await transaction.commit();
    expect([await stored(test, dead.id), await stored(test, test.broker.queue('orders').id)]).toEqual([[], []]);
    expect(test.broker.queue('orders').readyCount).toBe(0);
  });

  it('is there as before, with what was put meanwhile, if its end could not be stored', async () => {
    await using test = await testBroker();
    await test.broker.publish(orders, message({ text: 'before' }));
    const queue = test.broker.queue('orders');
    test.store.fail(new BrokerError('store-failed', 'broken'));
    await expect(test.broker.delete(queue)).rejects.toMatchObject({ code: 'store-failed' });
    test.store.fail(undefined);
    await test.broker.publish(orders, message({ text: 'after' }));
    expect(test.broker.find(mq, 'orders')).toBe(queue);
    expect(await stored(test, queue.id)).toEqual(['before', 'after']);
    await test.broker.delete(queue);
    expect(await stored(test, queue.id)).toEqual([]);
  });
});
