import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../broker/core/address.ts';
import type { Broker } from '../../broker/core/broker.ts';
import type { Destination } from '../../broker/core/address.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import { subscribe } from './subscriber.ts';

const at = (address: string): Destination => parseAddress(address);

async function publish(broker: Broker, to: string, text: string, priority = 4): Promise<void> {
  await broker.publish(at(to), message({ text, priority }));
}

describe('a virtual topic', () => {
  it('feeds the queues of its consumers, which share it, and those who subscribe to it as a topic', async () => {
    await using test = await testBroker();
    const a = subscribe(test.broker, at('queue://Consumer.A.VirtualTopic.Orders'), { credit: 1 });
    const twin = subscribe(test.broker, at('queue://Consumer.A.VirtualTopic.Orders'), { credit: 1 });
    const plain = subscribe(test.broker, at('topic://VirtualTopic.>'));
    test.broker.queue('Consumer.B.VirtualTopic.Orders');
    test.broker.queue('Consumer.B.VirtualTopic.Other');
    await publish(test.broker, 'topic://VirtualTopic.Orders', '1');
    await publish(test.broker, 'topic://VirtualTopic.Orders', '2');
    expect([...a.bodies, ...twin.bodies].sort()).toEqual(['1', '2']);
    expect(plain.bodies).toEqual(['1', '2']);
    expect(test.broker.queue('Consumer.B.VirtualTopic.Orders').readyCount).toBe(2);
    expect(test.broker.queue('Consumer.B.VirtualTopic.Other').readyCount).toBe(0);
  });

  it('feeds them after a restart, and not after they were deleted', async () => {
    const store = new MemoryStore();
    await using first = await testBroker({ store });
    await first.broker.save(first.broker.queue('Consumer.A.VirtualTopic.Orders'));
    await using second = await testBroker({ store });
    await publish(second.broker, 'topic://VirtualTopic.Orders', '1');
    expect(second.broker.queue('Consumer.A.VirtualTopic.Orders').readyCount).toBe(1);
    await second.broker.delete(second.broker.queue('Consumer.A.VirtualTopic.Orders'));
    expect(second.broker.topics.subscriptionCount).toBe(0);
  });
});

describe('a virtual topic that heeds selectors', () => {
  const routing = {
    virtualTopics: [{ filter: 'VirtualTopic.>', prefix: 'Consumer.*', selectorAware: true }],
    composites: [],
  };
  const orders = at('queue://Consumer.A.VirtualTopic.Orders');
  const high = { selector: { text: 'JMSPriority > 5' } };
  const low = { selector: { text: 'JMSPriority < 3' } };

  async function all(broker: Broker): Promise<void> {
    for (const priority of [1, 4, 9]) await publish(broker, 'topic://VirtualTopic.Orders', String(priority), priority);
  }

  it('feeds a queue with what one of its consumers selects, and nothing else', async () => {
    await using test = await testBroker({ routing });
    const [some, others] = [subscribe(test.broker, orders, high), subscribe(test.broker, orders, low)];
    await all(test.broker);
    expect([some.bodies, others.bodies]).toEqual([['9'], ['1']]);
    expect(test.broker.queue('Consumer.A.VirtualTopic.Orders').readyCount).toBe(0);
    const everything = subscribe(test.broker, at('queue://Consumer.B.VirtualTopic.Orders'));
    await all(test.broker);
    expect(everything.bodies).toEqual(['1', '4', '9']);
    // What is sent to the queue itself is its own.
    await publish(test.broker, 'queue://Consumer.A.VirtualTopic.Orders', 'direct', 4);
    expect(test.broker.queue('Consumer.A.VirtualTopic.Orders').readyCount).toBe(1);
  });

  it('keeps for those who are away what they selected, through a restart', async () => {
    const store = new MemoryStore();
    await using first = await testBroker({ store, routing });
    first.broker.queue('Consumer.B.VirtualTopic.Orders');
    subscribe(first.broker, orders, high).subscriber.close();
    await all(first.broker);
    await store.write([]);
    await using second = await testBroker({ store, routing });
    await all(second.broker);
    expect(second.broker.queue('Consumer.A.VirtualTopic.Orders').readyCount).toBe(2);
    const other = subscribe(second.broker, orders, low);
    await all(second.broker);
    expect(other.bodies).toEqual(['1']);
    const back = subscribe(second.broker, orders, high);
    await expect.poll(() => back.bodies).toEqual(['9', '9', '9']);
    // Of a queue that never had a consumer, nobody wants anything.
    expect(first.broker.queue('Consumer.B.VirtualTopic.Orders').readyCount).toBe(0);
  });

  it('forgets selectors that nobody has come with for long, for new ones', async () => {
    await using test = await testBroker({ routing });
    for (let i = 0; i < 101; i++) {
      subscribe(test.broker, orders, { selector: { text: `JMSPriority = 1 AND ${i} = ${i}` } }).subscriber.close();
    }
    expect(test.broker.queue('Consumer.A.VirtualTopic.Orders').attributes['selectors']).toHaveLength(100);
    await all(test.broker);
    expect(test.broker.queue('Consumer.A.VirtualTopic.Orders').readyCount).toBe(1);
  });
});

describe('a composite destination of the configuration', () => {
  const composites = [
    {
      from: at('queue://in'),
      to: [
        { destination: at('queue://a') },
        { destination: at('topic://b') },
        { destination: at('queue://urgent'), selector: 'JMSPriority > 7' },
      ],
      forwardOnly: true,
    },
    { from: at('topic://b'), to: [{ destination: at('queue://archive') }], forwardOnly: false },
  ];

  it('passes on to others what they select, through further ones', async () => {
    await using test = await testBroker({ routing: { virtualTopics: [], composites } });
    const b = subscribe(test.broker, at('topic://b'));
    await publish(test.broker, 'queue://in', 'plain');
    await publish(test.broker, 'queue://in', 'urgent', 9);
    const counts = ['in', 'a', 'archive', 'urgent'].map((name) => test.broker.queue(name).readyCount);
    expect(counts).toEqual([0, 2, 2, 1]);
    expect(b.bodies).toEqual(['plain', 'urgent']);
  });

  it('in a circle is refused, with the circle', async () => {
    const circle = [
      ...composites,
      { from: at('queue://archive'), to: [{ destination: at('queue://in') }], forwardOnly: true },
    ];
    await expect(testBroker({ routing: { virtualTopics: [], composites: circle } })).rejects.toThrow(
      'queue://in -> topic://b -> queue://archive -> queue://in',
    );
  });
});

it('a mirror publishes what is sent to a queue', async () => {
  await using test = await testBroker({ routing: { virtualTopics: [], composites: [], mirrorPrefix: 'mirror.' } });
  const mirror = subscribe(test.broker, at('topic://mirror.orders'));
  await publish(test.broker, 'queue://orders', '1');
  expect(mirror.bodies).toEqual(['1']);
  expect(test.broker.queue('orders').readyCount).toBe(1);
});
