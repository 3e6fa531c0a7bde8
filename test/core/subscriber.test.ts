import { describe, expect, it } from 'vitest';
import type { Broker } from '../../broker/core/broker.ts';
import type { Destination } from '../../broker/core/address.ts';
import { mq, subscriptions } from '../../broker/core/namespaces.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import { someone, subscribe } from './subscriber.ts';

const queue = (name: string): Destination => ({ kind: 'queue', name });
const topic = (name: string): Destination => ({ kind: 'topic', name });

async function publish(broker: Broker, to: Destination | readonly Destination[], ...texts: string[]): Promise<void> {
  for (const text of texts) await broker.publish(to, message({ text }));
}

describe('a subscriber', () => {
  it('receives from several queues and topics within one credit', async () => {
    await using test = await testBroker();
    const got = subscribe(test.broker, [queue('a'), queue('b'), topic('c')], { credit: 3 });
    await publish(test.broker, queue('a'), 'a1', 'a2');
    await publish(test.broker, queue('b'), 'b1', 'b2');
    await publish(test.broker, topic('c'), 'c1');
    expect(got.bodies).toEqual(['a1', 'a2', 'b1']);
    expect(got.subscriber.credit).toBe(0);
    expect(got.subscriber.mayHaveMore).toBe(true);
    got.subscriber.grant(5);
    expect([...got.bodies].sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1']);
    expect(got.subscriber.mayHaveMore).toBe(false);
  });

  it('does not let one queue starve another while credit comes in small pieces', async () => {
    await using test = await testBroker();
    const got = subscribe(test.broker, [queue('a'), queue('b')], { credit: 0 });
    await publish(test.broker, queue('a'), 'a1', 'a2', 'a3', 'a4');
    await publish(test.broker, queue('b'), 'b1', 'b2', 'b3', 'b4');
    for (let i = 0; i < 4; i++) got.subscriber.grant(1);
    expect(got.bodies.filter((body) => body.startsWith('a'))).toHaveLength(2);
  });

  it('of a wildcard receives from queues that are there, and that come later, and not from others', async () => {
    await using test = await testBroker();
    await publish(test.broker, queue('price.a'), '1');
    const got = subscribe(test.broker, queue('price.>'));
    await publish(test.broker, queue('price.b'), '2');
    await publish(test.broker, queue('other'), '3');
    expect(got.bodies).toEqual(['1', '2']);
    expect(test.broker.find(mq, 'price.>')).toBeUndefined();
    await test.broker.delete(test.broker.queue('price.a'));
    expect(got.deleted).toEqual([]);
    got.subscriber.close();
    await publish(test.broker, queue('price.c'), '4');
    expect(test.broker.queue('price.c').consumerCount).toBe(0);
  });

  it('gives back what it holds, and leaves nothing of its topics', async () => {
    await using test = await testBroker();
    const got = subscribe(test.broker, [queue('a'), topic('t.>')]);
    await publish(test.broker, queue('a'), '1');
    await publish(test.broker, topic('t.x'), '2');
    got.subscriber.close();
    got.subscriber.close();
    expect(test.broker.queue('a').readyCount).toBe(1);
    expect(test.broker.topics.subscriptionCount).toBe(0);
    await expect.poll(() => [...test.broker.queues(subscriptions)]).toEqual([]);
  });

  it('is told when its queue is deleted', async () => {
    await using test = await testBroker();
    const got = subscribe(test.broker, queue('a'));
    await test.broker.delete(test.broker.queue('a'));
    expect(got.deleted).toEqual(['deleted']);
  });

  it('takes what its selector selects, of a queue and of a topic, and not what it sent if it asks for that', async () => {
    await using test = await testBroker();
    const selector = { text: 'JMSPriority > 4' };
    const got = subscribe(test.broker, [queue('a'), topic('t')], { selector, noLocal: true });
    await test.broker.publish([queue('a'), topic('t')], message({ text: 'low', priority: 1 }));
    await test.broker.publish([queue('a'), topic('t')], message({ text: 'high', priority: 9 }));
    await test.broker.publish(topic('t'), message({ text: 'own', priority: 9 }), { publisher: someone });
    expect(got.bodies).toEqual(['high', 'high']);
    expect(() => subscribe(test.broker, queue('a'), { selector: { text: 'a =' } })).toThrow(/selector/);
    expect(test.broker.queue('a').consumerCount).toBe(1);
  });
});

describe('a message to a composite', () => {
  it('goes to each destination once, whatever leads there', async () => {
    await using test = await testBroker();
    const a = subscribe(test.broker, queue('a'));
    const t = subscribe(test.broker, topic('t.>'));
    await publish(test.broker, [queue('a'), queue('b'), topic('t.1'), topic('t.2')], 'x');
    expect(a.bodies).toEqual(['x']);
    expect(t.bodies).toEqual(['x']);
    expect(test.broker.queue('b').readyCount).toBe(1);
  });
});

describe('an exclusive consumer', () => {
  it('gets everything while it is there, and then the next one does', async () => {
    await using test = await testBroker();
    const plain = subscribe(test.broker, queue('a'));
    const first = subscribe(test.broker, queue('a'), { exclusive: true, credit: 2 });
    const second = subscribe(test.broker, queue('a'), { exclusive: true });
    await publish(test.broker, queue('a'), '1', '2', '3');
    expect([plain.bodies, first.bodies, second.bodies]).toEqual([[], ['1', '2'], []]);
    first.subscriber.close();
    await expect.poll(() => second.bodies).toEqual(['1', '2', '3']);
    second.subscriber.close();
    await expect.poll(() => plain.bodies).toEqual(['1', '2', '3']);
  });
});

it('a consumer that others keep everything from is not told that there may be more for it', async () => {
  await using test = await testBroker();
  subscribe(test.broker, queue('a'), { exclusive: true, credit: 1 });
  const second = subscribe(test.broker, queue('a'));
  await publish(test.broker, queue('a'), '1', '2');
  expect(test.broker.queue('a').readyCount).toBe(1);
  expect(second.subscriber.mayHaveMore).toBe(false);
});

describe('consumers of different priorities', () => {
  it('are served the highest first, within their credit, equals in turn', async () => {
    await using test = await testBroker();
    const low = subscribe(test.broker, queue('a'));
    const high = subscribe(test.broker, queue('a'), { priority: 7, credit: 2 });
    const twin = subscribe(test.broker, queue('a'), { priority: 7, credit: 1 });
    await publish(test.broker, queue('a'), '1', '2', '3', '4');
    expect([high.bodies.length, twin.bodies.length, low.bodies]).toEqual([2, 1, ['4']]);
    high.subscriber.close();
    await expect.poll(() => low.bodies).toHaveLength(3);
  });
});
