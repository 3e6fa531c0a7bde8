import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches, Topics } from '../../broker/core/topics.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';

/** MQTT 3.1.1 section 4.7 and ActiveMQ's wildcards, in the engine's naming. */
const table: readonly (readonly [filter: string, name: string, matched: boolean])[] = [
  ['a.b', 'a.b', true],
  ['a.b', 'a.c', false],
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['a.>', 'a', true],
  ['a.>', 'a.b.c', true],
  ['a.>', 'ab', false],
  ['>', 'a.b.c', true],
  ['*', 'a', true],
  ['*', 'a.b', false],
  ['*.b', 'a.b', true],
  ['*.*', '.b', true],
  ['a..b', 'a..b', true],
  ['a.*.b', 'a..b', true],
  ['>', '$SYS.uptime', false],
  ['*.uptime', '$SYS.uptime', false],
  ['$SYS.>', '$SYS.uptime', true],
  ['$SYS.*', '$SYS.uptime', true],
];

describe('a topic filter', () => {
  it.each(table)('%s and %s: %s', async (filter, name, matched) => {
    await using test = await testBroker();
    const topics = new Topics();
    topics.subscribe({ filter, queue: test.broker.queue('q') });
    expect(topics.match(name)).toHaveLength(matched ? 1 : 0);
    expect(matches(filter, name)).toBe(matched);
  });

  it('matches the same in the trie as alone, for any filters and names', async () => {
    await using test = await testBroker();
    const queue = test.broker.queue('q');
    const level = fc.constantFrom('a', 'b', '', '$x', '*');
    const filters = fc
      .array(level, { minLength: 1, maxLength: 4 })
      .chain((levels) => fc.boolean().map((rest) => (rest ? [...levels, '>'] : levels).join('.')));
    const name = fc.array(fc.constantFrom('a', 'b', '', '$x', 'c'), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(filters, { maxLength: 8 }), name, (subscribed, levels) => {
        const topics = new Topics();
        for (const filter of subscribed) topics.subscribe({ filter, queue });
        const found = topics.match(levels.join('.')).map(({ filter }) => filter);
        expect(found.sort()).toEqual(subscribed.filter((filter) => matches(filter, levels.join('.'))).sort());
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});

describe('topics', () => {
  it('give a queue each message once, however many of its subscriptions match', async () => {
    await using test = await testBroker();
    const queue = test.broker.queue('q');
    test.broker.topics.subscribe({ filter: 'a.*', queue });
    test.broker.topics.subscribe({ filter: 'a.>', queue });
    await test.broker.publish({ kind: 'topic', name: 'a.b' }, message());
    expect(queue.readyCount).toBe(1);
  });

  it('forget a subscription, and what was remembered of it', async () => {
    await using test = await testBroker();
    const subscription = { filter: 'a.*', queue: test.broker.queue('q') };
    test.broker.topics.subscribe(subscription);
    expect(test.broker.topics.match('a.b')).toHaveLength(1);
    expect(test.broker.topics.unsubscribe(subscription)).toBe(true);
    expect(test.broker.topics.unsubscribe(subscription)).toBe(false);
    expect(test.broker.topics.match('a.b')).toHaveLength(0);
    expect(test.broker.topics.subscriptionCount).toBe(0);
  });

  it('let a subscription refuse messages by who sent them', async () => {
    await using test = await testBroker();
    const queue = test.broker.queue('q');
    const self = { clientId: undefined };
    test.broker.topics.subscribe({ filter: 'a', queue, accepts: (_, publisher) => publisher !== self });
    await test.broker.publish({ kind: 'topic', name: 'a' }, message(), { publisher: self });
    await test.broker.publish({ kind: 'topic', name: 'a' }, message(), { publisher: { clientId: undefined } });
    expect(queue.readyCount).toBe(1);
  });
});
