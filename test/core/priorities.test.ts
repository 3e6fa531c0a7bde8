import { expect, it } from 'vitest';
import type { PolicyEntry } from '../../broker/core/destination-policies.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { subscribe } from './subscriber.ts';

const to = { kind: 'queue', name: 'q' } as const;
const policies: readonly PolicyEntry[] = [{ kind: 'queue', filter: '>', prioritized: true }];
const smallWindow = { entries: 4, bytes: 1024 * 1024, minimumEntries: 2, reload: 2 };

/** Bodies are a priority and a letter. */
async function publish(test: TestBroker, texts: readonly string[], durable = true): Promise<void> {
  for (const text of texts) await test.broker.publish(to, message({ text, priority: Number(text[0]), durable }));
}

const mixed = ['4a', '0a', '9a', '4b', '9b', '0b', '5a', '4c', '9c', '4d', '4e', '4f', '0c', '9d', '9e', '9f', '9g'];
const inOrder = [...mixed].sort((a, b) => Number(b[0]) - Number(a[0]) || a.localeCompare(b));

it.each([true, false])(
  'the highest priority goes first, equals in order, however much waits (durable: %s)',
  async (durable) => {
    await using test = await testBroker({ policies, window: smallWindow });
    await publish(test, mixed, durable);
    expect(test.broker.queue('q').readyCount).toBe(mixed.length);
    const got = subscribe(test.broker, to, { credit: 0 });
    for (let i = 1; i <= mixed.length; i++) {
      got.subscriber.setCredit(1);
      await expect.poll(() => got.bodies).toHaveLength(i);
    }
    expect(got.bodies).toEqual(inOrder);
  },
);

it('what comes later overtakes what waits, and what comes back keeps its place', async () => {
  await using test = await testBroker({ policies, window: smallWindow });
  await publish(test, ['4a', '4b', '4c', '4d', '4e', '4f']);
  const got = subscribe(test.broker, to, { credit: 1 });
  await publish(test, ['9a', '2a']);
  got.entries[0]!.queue.release(got.entries[0]!);
  got.subscriber.setCredit(3);
  await expect.poll(() => got.bodies).toEqual(['4a', '9a', '4a', '4b']);
});

it('holds after a restart, and for what is delayed', async () => {
  const store = new MemoryStore();
  const clock = new ManualClock();
  {
    await using first = await testBroker({ policies, store, clock });
    await publish(first, mixed);
    await first.broker.publish(to, message({ text: '9z', priority: 9 }), { delayMs: 1000 });
    first.broker.close();
    // Whatever the policy says by then: what is stored in order of priority is given in it.
    await using second = await testBroker({ store, clock, window: smallWindow });
    expect(second.broker.queue('q').readyCount).toBe(mixed.length);
    clock.turn(1000);
    await expect.poll(() => second.broker.queue('q').readyCount).toBe(mixed.length + 1);
    const got = subscribe(second.broker, to, { credit: 1000 });
    const expected = [...inOrder.slice(0, 7), '9z', ...inOrder.slice(7)];
    await expect.poll(() => got.bodies).toHaveLength(expected.length);
    expect(got.bodies).toEqual(expected);
  }
});

it('what is settled, dead, purged or deleted is gone from the store, whatever its priority', async () => {
  await using test = await testBroker({ policies, window: smallWindow });
  await publish(test, mixed);
  const got = subscribe(test.broker, to, { credit: 2 });
  await test.broker.settle(got.entries[0]!);
  await test.broker.deadLetter(got.entries[1]!, 'poison');
  const queue = test.broker.queue('q');
  expect(await queue.browse(0, 100)).toHaveLength(mixed.length - 2);
  expect(await queue.purge()).toBe(mixed.length - 2);
  await publish(test, ['0x', '9x']);
  const dead = subscribe(test.broker, { kind: 'queue', name: 'ActiveMQ.DLQ' });
  await expect.poll(() => dead.bodies).toEqual(['9b']);
  await test.broker.delete(queue);
  const stored = await test.store.readQueues();
  expect(stored.filter(({ attributes }) => attributes['of'] === queue.id)).toEqual([]);
});

it('consumers that select see all of it', async () => {
  await using test = await testBroker({ policies, window: smallWindow });
  await publish(test, mixed);
  const got = subscribe(test.broker, to, { selector: { text: 'JMSPriority <> 4' } });
  await expect.poll(() => [...got.bodies].sort()).toEqual(mixed.filter((text) => !text.startsWith('4')).sort());
});
