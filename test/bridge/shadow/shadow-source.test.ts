// That production does not suffer from its shadow: what waits too long goes, and everything when the store is nearly full.

import { expect, it } from 'vitest';
import { ShadowSource } from '../../../broker/bridge/shadow-source.ts';
import { mq } from '../../../broker/core/namespaces.ts';
import { testBroker } from '../../support/broker.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { message } from '../../support/messages.ts';

const orders = { kind: 'queue', name: 'orders' } as const;
const from = { namespace: mq, filter: 'orders', address: 'queue://orders' };

it('drops all copies while the store is nearly full, and copies again after that', async () => {
  const clock = new ManualClock();
  await using test = await testBroker({ clock, flow: { storeBytes: 1000 } });
  const { broker, store } = test;
  const copies: number[] = [];
  const options = { broker, clock, route: 's', from, most: 100, isCompared: false };
  const source = new ShadowSource({ ...options, onCopy: (_, copy) => copies.push(copy.id) });
  const taken: string[] = [];
  await source.start(
    ({ message: { body } }) => taken.push(body.toString()),
    () => undefined,
  );
  const queue = broker.queue('orders');
  for (const text of ['a', 'b', 'c']) await broker.publish(orders, message({ text }));
  expect([queue.readyCount, source.behind]).toEqual([3, 3]);

  store.usedBytes = 1000;
  clock.turn(500);
  await expect.poll(() => broker.flow.isClosed).toBe(true);
  clock.turn(500);
  expect([queue.copies, source.behind, source.dropped]).toEqual([[], 0, 3]);
  // What was taken is taken, and is not copied.
  await broker.publish(orders, message({ text: 'd' }));
  expect([queue.readyCount, source.behind, [...broker.queues('route')]]).toEqual([4, 0, []]);

  store.usedBytes = 0;
  clock.turn(500);
  await expect.poll(() => broker.flow.isClosed).toBe(false);
  clock.turn(500);
  await broker.publish(orders, message({ text: 'e' }));
  expect([queue.readyCount, source.behind]).toEqual([5, 1]);
  source.setCredit(10);
  expect(taken).toEqual(['e']);
  // What is compared begins anew with the new copy.
  expect(copies).toHaveLength(2);
  source.close();

  const again = new ShadowSource(options);
  await again.start(
    () => undefined,
    () => undefined,
  );
  expect(again.dropped).toBe(3);
  again.close();
  expect(() => clock.turn(5000)).not.toThrow();
});

it('copies a queue that is made later, or made anew, from its first message on', async () => {
  await using test = await testBroker();
  const { broker } = test;
  const source = new ShadowSource({ broker, clock: broker.clock, route: 's', from, most: 100, isCompared: false });
  const taken: string[] = [];
  await source.start(
    ({ message: { body } }) => taken.push(body.toString()),
    () => undefined,
  );
  expect(broker.find(mq, 'orders')).toBeUndefined();
  await broker.publish(orders, message({ text: 'first' }));
  await broker.delete(broker.queue('orders'));
  await broker.publish(orders, message({ text: 'second' }));
  source.setCredit(10);
  expect(taken).toEqual(['first', 'second']);
  source.close();
});
