import { describe, expect, it } from 'vitest';
import type { Entry } from '../../broker/core/entry.ts';
import { BrokerError } from '../../broker/core/errors.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';

async function leased(test: TestBroker, count: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) await test.broker.publish({ kind: 'queue', name: 'in' }, message());
  test.broker.queue('in').consume({ credit: count, deliver: (entry) => entries.push(entry) });
  await expect.poll(() => entries.length).toBe(count);
  return entries;
}

describe('a transaction', () => {
  it('does everything, or nothing', async () => {
    await using test = await testBroker();
    const [entry] = await leased(test, 1);
    const move = (): Promise<void> => {
      const transaction = test.broker.transaction();
      transaction.settle(entry!);
      test.broker.send(transaction, { kind: 'queue', name: 'out' }, message());
      transaction.record('t', 'k', Buffer.from('v'));
      return transaction.commit();
    };
    test.store.fail(new BrokerError('store-full', 'full'));
    await expect(move()).rejects.toMatchObject({ code: 'store-full' });
    expect([test.broker.queue('in').inFlightCount, test.broker.queue('out').readyCount]).toEqual([1, 0]);
    expect(await test.store.readRecord('t', 'k')).toBeUndefined();
    test.store.fail(undefined);
    await move();
    expect([test.broker.queue('in').inFlightCount, test.broker.queue('out').readyCount]).toEqual([0, 1]);
    expect((await test.store.readRecord('t', 'k'))?.toString()).toBe('v');
  });

  it('gives back what it was to settle when it is aborted', async () => {
    await using test = await testBroker();
    const [entry] = await leased(test, 1);
    const transaction = test.broker.transaction();
    expect(transaction.settle(entry!)).toBe(true);
    transaction.abort();
    expect(entry!.state).toBe('leased');
    await test.broker.settle(entry!);
    expect(test.broker.queue('in').inFlightCount).toBe(0);
  });

  it('settles an entry once: a second settlement does nothing', async () => {
    await using test = await testBroker();
    const [entry] = await leased(test, 1);
    const first = test.broker.transaction();
    const second = test.broker.transaction();
    expect(first.settle(entry!)).toBe(true);
    expect(second.settle(entry!)).toBe(false);
    await Promise.all([first.commit(), second.commit()]);
    expect(test.broker.queue('in').dequeued).toBe(1);
  });

  it('returns an entry to its queue when its consumer closes while a settlement fails', async () => {
    await using test = await testBroker();
    const [entry] = await leased(test, 1);
    test.store.hold();
    test.store.fail(new BrokerError('store-full', 'full'));
    const settled = test.broker.settle(entry!);
    entry!.consumer!.close();
    expect(test.broker.queue('in').readyCount).toBe(0);
    test.store.resume();
    await expect(settled).rejects.toMatchObject({ code: 'store-full' });
    expect([test.broker.queue('in').readyCount, test.broker.queue('in').inFlightCount]).toEqual([1, 0]);
    expect(entry!.redelivered).toBe(true);
  });

  it('stores a message once for all queues of a topic', async () => {
    await using test = await testBroker();
    for (const name of ['a', 'b', 'c']) {
      test.broker.topics.subscribe({ filter: 'news', queue: test.broker.queue(name) });
    }
    await test.broker.publish({ kind: 'topic', name: 'news' }, message({ text: 'x' }));
    const ids = new Set<number>();
    for (const name of ['a', 'b', 'c']) {
      const queue = test.broker.queue(name);
      expect(queue.readyCount).toBe(1);
      const [found] = await queue.browse(0, 1);
      ids.add(found!.entry.messageId);
    }
    expect(ids.size).toBe(1);
  });
});
