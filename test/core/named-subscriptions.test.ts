import { describe, expect, it } from 'vitest';
import type { Broker } from '../../broker/core/broker.ts';
import type { Destination } from '../../broker/core/address.ts';
import { subscriptions } from '../../broker/core/namespaces.ts';
import { BrokerError } from '../../broker/core/errors.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import { subscribe } from './subscriber.ts';

const prices: Destination = { kind: 'topic', name: 'prices.>' };
const client = { clientId: 'office' };
const durable = { name: 's', durable: true, shared: false };

async function publish(broker: Broker, ...texts: string[]): Promise<void> {
  for (const text of texts) await broker.publish({ kind: 'topic', name: 'prices.a' }, message({ text }));
}

describe('a durable subscription', () => {
  it('keeps messages while its subscriber is away, and through a restart', async () => {
    const store = new MemoryStore();
    await using first = await testBroker({ store });
    const { subscriber } = subscribe(first.broker, prices, { publisher: client, subscription: durable });
    await subscriber.saved;
    subscriber.close();
    await publish(first.broker, '1', '2');
    await using second = await testBroker({ store });
    await publish(second.broker, '3');
    const back = subscribe(second.broker, prices, { publisher: { clientId: 'office' }, subscription: durable });
    await expect.poll(() => back.bodies).toEqual(['1', '2', '3']);
  });

  it('has one subscriber at a time', async () => {
    await using test = await testBroker();
    subscribe(test.broker, prices, { publisher: client, subscription: durable });
    expect(() => subscribe(test.broker, prices, { publisher: client, subscription: durable })).toThrow(/is in use/);
    const shared = { ...durable, shared: true };
    expect(() => subscribe(test.broker, prices, { publisher: client, subscription: shared })).toThrow(/is in use/);
    const other = { publisher: { clientId: 'home' }, subscription: durable };
    expect(() => subscribe(test.broker, prices, other)).not.toThrow();
  });

  it.each([
    { from: { kind: 'topic', name: 'other' } as const },
    { selector: { text: 'JMSPriority = 4' } },
    { noLocal: true },
  ])('begins anew with other terms: %o', async (changed) => {
    await using test = await testBroker();
    const { subscriber } = subscribe(test.broker, prices, { publisher: client, subscription: durable });
    await subscriber.saved;
    subscriber.close();
    await publish(test.broker, 'old');
    const { from = prices, ...options } = changed;
    const again = subscribe(test.broker, from, { publisher: client, subscription: durable, ...options });
    await again.subscriber.saved;
    expect(again.bodies).toEqual([]);
    expect([...test.broker.queues(subscriptions)]).toHaveLength(1);
    expect(await test.store.readQueues()).toHaveLength(1);
  });

  it('does not take what its own client publishes, if it asks for that', async () => {
    await using test = await testBroker();
    const options = { publisher: client, subscription: durable, noLocal: true };
    const { subscriber } = subscribe(test.broker, prices, options);
    subscriber.close();
    const topic = { kind: 'topic', name: 'prices.a' } as const;
    await test.broker.publish(topic, message({ text: 'own' }), { publisher: { clientId: 'office' } });
    await test.broker.publish(topic, message({ text: 'other' }), { publisher: { clientId: 'home' } });
    expect(subscribe(test.broker, prices, options).bodies).toEqual(['other']);
  });

  it('ends by unsubscribing, which nobody can while it is in use', async () => {
    await using test = await testBroker();
    const { subscriber } = subscribe(test.broker, prices, { publisher: client, subscription: durable });
    const known = test.broker.subscriptions;
    expect(known.find('office', 's')).toMatchObject({ filters: ['prices.>'], active: true });
    await expect(known.unsubscribe('office', 's')).rejects.toMatchObject({ code: 'not-allowed' });
    subscriber.close();
    expect(known.find('office', 's')).toMatchObject({ active: false });
    await known.unsubscribe('office', 's');
    await expect(known.unsubscribe('office', 's')).rejects.toMatchObject({ code: 'not-found' });
    expect(test.broker.topics.subscriptionCount).toBe(0);
    expect(await test.store.readQueues()).toEqual([]);
  });

  it('that the store refuses is not there', async () => {
    await using test = await testBroker();
    test.store.fail(new BrokerError('store-full', 'disk full'));
    const { subscriber, deleted } = subscribe(test.broker, prices, { publisher: client, subscription: durable });
    await expect(subscriber.saved).rejects.toMatchObject({ code: 'store-full' });
    expect(test.broker.subscriptions.find('office', 's')).toBeUndefined();
    expect(deleted).toEqual(['deleted']);
  });

  it('needs a client identifier', async () => {
    await using test = await testBroker();
    expect(() => subscribe(test.broker, prices, { subscription: durable })).toThrow(/without an identifier/);
  });
});

describe('a shared subscription', () => {
  it('is taken from by several, and goes with the last of them unless it is durable', async () => {
    await using test = await testBroker();
    const subscription = { name: 's', durable: false, shared: true };
    const one = subscribe(test.broker, prices, { publisher: client, subscription, credit: 2 });
    const two = subscribe(test.broker, prices, { publisher: client, subscription, credit: 2 });
    await publish(test.broker, '1', '2', '3');
    expect(one.bodies.length + two.bodies.length).toBe(3);
    one.subscriber.close();
    two.subscriber.close();
    await expect.poll(() => [...test.broker.queues(subscriptions)]).toEqual([]);
    expect(test.broker.topics.subscriptionCount).toBe(0);
  });

  it('may have the name of a durable one, and is refused to who asks for other terms', async () => {
    await using test = await testBroker();
    const shared = { publisher: client, subscription: { name: 's', durable: false, shared: true } };
    subscribe(test.broker, prices, { publisher: client, subscription: durable });
    subscribe(test.broker, prices, shared);
    const other = { ...shared, selector: { text: 'JMSPriority = 1' } };
    expect(() => subscribe(test.broker, prices, other)).toThrow(/has other terms/);
  });

  it("is every client's, if its name is global", async () => {
    await using test = await testBroker();
    const subscription = { name: 's', durable: true, shared: true, global: true };
    const one = subscribe(test.broker, prices, { publisher: client, subscription, credit: 1 });
    const two = subscribe(test.broker, prices, { publisher: { clientId: 'home' }, subscription, credit: 1 });
    await publish(test.broker, '1', '2');
    expect([one.bodies.length, two.bodies.length]).toEqual([1, 1]);
    expect(test.broker.subscriptions.find(undefined, 's')).toMatchObject({ shared: true, durable: true });
  });
});
