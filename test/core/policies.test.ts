import { describe, expect, it } from 'vitest';
import { compareFilters, defaultPolicy, requireDistinct } from '../../broker/core/destination-policies.ts';
import type { PolicyEntry } from '../../broker/core/destination-policies.ts';
import { redeliveryDelay } from '../../broker/core/queue-policy.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import { subscribe } from './subscriber.ts';

const orders = { kind: 'queue', name: 'orders.eu' } as const;
const prices = { kind: 'topic', name: 'prices.a' } as const;

describe('policies by name', () => {
  it('hold by the most specific pattern, whatever their order', async () => {
    const policies: PolicyEntry[] = [
      { kind: 'queue', filter: '>', maxRedeliveries: 1 },
      { kind: 'queue', filter: 'orders.>', maxRedeliveries: 2 },
      { kind: 'queue', filter: 'orders.eu', maxRedeliveries: 3 },
      { kind: 'topic', filter: '>', maxRedeliveries: 4 },
    ];
    await using test = await testBroker({ policies });
    const of = (name: string) => test.broker.policies.of({ kind: 'queue', name }).maxRedeliveries;
    expect([of('other'), of('orders.us'), of('orders.eu')]).toEqual([1, 2, 3]);
    expect(test.broker.policies.of(prices).maxRedeliveries).toBe(4);
    expect(['a.>', '>', 'a.*', 'a.b', '*.b'].sort(compareFilters)).toEqual(['a.b', 'a.*', 'a.>', '*.b', '>']);
    expect(() => requireDistinct([...policies, policies[0]!])).toThrow('two policies for queue://>');
  });

  it('give each queue and topic dead letters of its own, or none', async () => {
    const individual = { ...defaultPolicy.deadLetter, strategy: 'individual' } as const;
    const discard = { ...defaultPolicy.deadLetter, strategy: 'discard' } as const;
    const policies: PolicyEntry[] = [
      { kind: 'queue', filter: 'orders.>', deadLetter: individual },
      { kind: 'topic', filter: '>', deadLetter: individual },
      { kind: 'queue', filter: 'scratch', deadLetter: discard },
    ];
    await using test = await testBroker({ policies });
    const subscription = { name: 's', durable: true, shared: false };
    const topic = subscribe(test.broker, prices, { publisher: { clientId: 'c' }, subscription });
    const queue = subscribe(test.broker, orders);
    const scratch = subscribe(test.broker, { kind: 'queue', name: 'scratch' });
    for (const to of [prices, orders, { kind: 'queue', name: 'scratch' } as const]) {
      await test.broker.publish(to, message());
    }
    for (const { entries } of [topic, queue, scratch]) await test.broker.deadLetter(entries[0]!, 'poison');
    const dead = [...test.broker.queues('mq')].filter(({ name }) => name.startsWith('ActiveMQ'));
    expect(dead.map(({ name, readyCount }) => [name, readyCount])).toEqual([
      ['ActiveMQ.DLQ.Topic.prices.a', 1],
      ['ActiveMQ.DLQ.Queue.orders.eu', 1],
    ]);
    const letter = subscribe(test.broker, { kind: 'queue', name: 'ActiveMQ.DLQ.Queue.orders.eu' });
    await expect.poll(() => letter.entries).toHaveLength(1);
    expect(letter.entries[0]?.dead).toMatchObject({ reason: 'poison', origin: 'queue://orders.eu' });
  });

  it('make every consumer an exclusive one', async () => {
    await using test = await testBroker({ policies: [{ kind: 'queue', filter: 'orders.>', exclusive: true }] });
    const first = subscribe(test.broker, orders);
    const second = subscribe(test.broker, orders);
    for (const text of ['1', '2']) await test.broker.publish(orders, message({ text }));
    expect([first.bodies, second.bodies]).toEqual([['1', '2'], []]);
  });

  it('drop the oldest of what waits for a slow subscriber, unless that is durable', async () => {
    await using test = await testBroker({ policies: [{ kind: 'topic', filter: '>', pendingLimit: 2 }] });
    const slow = subscribe(test.broker, prices, { credit: 0 });
    const subscription = { name: 's', durable: true, shared: false };
    const durable = subscribe(test.broker, prices, { publisher: { clientId: 'c' }, subscription, credit: 0 });
    for (const text of ['1', '2', '3', '4']) await test.broker.publish(prices, message({ text }));
    slow.subscriber.setCredit(10);
    durable.subscriber.setCredit(10);
    expect(slow.bodies).toEqual(['3', '4']);
    expect(durable.bodies).toEqual(['1', '2', '3', '4']);
  });

  it('keep the last messages of a topic for those who ask, or for all', async () => {
    const clock = new ManualClock();
    const policies: PolicyEntry[] = [
      { kind: 'topic', filter: 'prices.>', recovery: { messages: 2, ageMs: 1000 } },
      { kind: 'topic', filter: 'news', recovery: { messages: 1, always: true } },
    ];
    await using test = await testBroker({ clock, policies });
    for (const text of ['1', '2', '3']) await test.broker.publish(prices, message({ text, timestamp: clock.now() }));
    for (const text of ['n1', 'n2']) await test.broker.publish({ kind: 'topic', name: 'news' }, message({ text }));
    const got = subscribe(test.broker, { kind: 'topic', name: '>' }, { retroactive: true });
    await expect.poll(() => [...got.bodies].sort()).toEqual(['2', '3', 'n2']);
    const plain = subscribe(test.broker, { kind: 'topic', name: '>' });
    await expect.poll(() => plain.bodies).toEqual(['n2']);
    clock.turn(1001);
    const late = subscribe(test.broker, [prices, { kind: 'topic', name: 'news' }], { retroactive: true });
    await expect.poll(() => late.bodies).toEqual(['n2']);
  });
});

describe('a failed delivery', () => {
  it('waits before the next one, longer each time, while others go on', async () => {
    const clock = new ManualClock();
    const redelivery = { delayMs: 1000, multiplier: 2, maxDelayMs: 3000, collisionAvoidance: 0 };
    await using test = await testBroker({ clock, policies: [{ kind: 'queue', filter: '>', redelivery }] });
    const got = subscribe(test.broker, orders);
    await test.broker.publish(orders, message({ text: 'bad', timestamp: clock.now() }));
    for (const delay of [1000, 2000, 3000]) {
      const before = got.bodies.length;
      got.entries.at(-1)!.queue.release(got.entries.at(-1)!, { failed: true });
      clock.turn(delay - 1);
      expect(got.bodies).toHaveLength(before);
      clock.turn(1);
      await expect.poll(() => got.bodies).toHaveLength(before + 1);
    }
    await test.broker.publish(orders, message({ text: 'good', timestamp: clock.now() }));
    expect(got.bodies.at(-1)).toBe('good');
  });

  it.each([
    [0, 750],
    [0.5, 1000],
    [1, 1250],
  ])('does not come back at the same moment as others: %d', (random, delay) => {
    const redelivery = { delayMs: 1000, multiplier: 1, maxDelayMs: 60_000, collisionAvoidance: 0.25 };
    expect(redeliveryDelay(redelivery, 3, () => random)).toBe(delay);
  });
});

it('a message with ActiveMQ.Retain is what later subscribers of its topic get first, marked', async () => {
  await using test = await testBroker();
  const properties = [{ name: 'ActiveMQ.Retain', type: 'boolean', value: true } as const];
  await test.broker.publish(prices, message({ text: 'last', properties }));
  const got = subscribe(
    test.broker,
    { kind: 'topic', name: 'prices.>' },
    { selector: { text: '"ActiveMQ.Retained" = TRUE' } },
  );
  await expect.poll(() => got.bodies).toEqual(['last']);
  await test.broker.publish(prices, message({ text: '', properties }));
  const late = subscribe(test.broker, prices);
  await test.broker.publish(prices, message({ text: 'live' }));
  expect(late.bodies).toEqual(['live']);
});
