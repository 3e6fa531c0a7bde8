import { describe, expect, it } from 'vitest';
import type { SendOptions } from '../../broker/core/broker.ts';
import type { Destination } from '../../broker/core/address.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { subscribe } from './subscriber.ts';

const queue: Destination = { kind: 'queue', name: 'q' };
const topic: Destination = { kind: 'topic', name: 't' };

async function send(test: TestBroker, to: Destination, text: string, options: SendOptions): Promise<void> {
  await test.broker.publish(to, message({ text, id: `id-${text}` }), options);
}

/** Lets what is due be sent, and put back. */
async function settled(clock: ManualClock, count: () => number, expected: number): Promise<void> {
  await expect.poll(count).toBe(expected);
  // The commit that sent it has also armed the next time.
  await new Promise((resolve) => setImmediate(resolve));
  expect(clock.pending).toBeGreaterThan(0);
}

describe('a schedule', () => {
  it('delays a message to a topic until then: who subscribes in the meantime gets it', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    await send(test, topic, 'x', { delayMs: 5000 });
    const got = subscribe(test.broker, topic);
    clock.turn(4999);
    expect(got.bodies).toEqual([]);
    clock.turn(1);
    await expect.poll(() => got.bodies).toEqual(['x']);
  });

  it('sends again after each period, as often as it says, each with an id of its own', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    const ids: string[] = [];
    const got = subscribe(test.broker, queue, { deliver: (_, { id }) => ids.push(id) });
    await send(test, queue, 'x', { delayMs: 1000, schedule: { periodMs: 500, repeat: 2 } });
    expect(test.broker.queue('q').delayedCount).toBe(0);
    clock.turn(1000);
    await settled(clock, () => ids.length, 1);
    for (const sent of [2, 3]) {
      clock.turn(499);
      expect(ids).toHaveLength(sent - 1);
      clock.turn(1);
      await settled(clock, () => ids.length, sent);
    }
    expect(ids[0]).toBe('id-x');
    expect(new Set(ids).size).toBe(3);
    expect(await test.broker.scheduler.list()).toEqual([]);
    expect(got.deleted).toEqual([]);
  });

  it('goes on after a restart, at the times of a cron expression', async () => {
    const clock = new ManualClock();
    const store = new MemoryStore();
    {
      await using first = await testBroker({ clock, store });
      await send(first, queue, 'x', { schedule: { cron: '0 * * * *' } });
      first.broker.close();
      await using second = await testBroker({ clock, store });
      const got = subscribe(second.broker, queue);
      for (const sent of [1, 2]) {
        clock.turn(60 * 60 * 1000);
        await settled(clock, () => got.bodies.length, sent);
      }
      expect(await second.broker.scheduler.list()).toHaveLength(1);
    }
  });

  it.each([{ cron: '61 * * * *' }, { repeat: -2 }, { periodMs: -1 }])(
    'that is none is refused: %o',
    async (schedule) => {
      await using test = await testBroker();
      expect(() => test.broker.publish(queue, message(), { schedule })).toThrow(/cron|repeat|period/);
    },
  );

  it('leaves out a temporary destination that is gone', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    const owner = { clientId: undefined };
    const reply = test.broker.temporary.create('temp-queue', owner);
    await send(test, reply, 'x', { schedule: { periodMs: 1000 }, delayMs: 1000 });
    test.broker.temporary.leave(owner);
    clock.turn(1000);
    await expect.poll(() => test.broker.scheduler.list()).toEqual([]);
  });
});

describe('what is scheduled', () => {
  it('can be listed and cancelled, whichever way it waits', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    await send(test, queue, 'later', { delayMs: 9000 });
    await send(test, topic, 'first', { delayMs: 1000 });
    const list = await test.broker.scheduler.list();
    expect(list.map(({ id, to, dueAt }) => [id, to, dueAt - clock.now()])).toEqual([
      ['id-first', 'topic://t', 1000],
      ['id-later', 'queue://q', 9000],
    ]);
    expect(list[0]?.message.properties).toEqual([]);
    expect(await test.broker.scheduler.cancel('id-later')).toBe(1);
    expect(await test.broker.scheduler.cancel('id-later')).toBe(0);
    expect(test.broker.queue('q').delayedCount).toBe(0);
    expect(await test.broker.scheduler.cancel(undefined)).toBe(1);
    expect(await test.broker.scheduler.list()).toEqual([]);
  });

  it('is managed by messages, as ActiveMQ has it', async () => {
    await using test = await testBroker();
    await send(test, queue, 'a', { delayMs: 60_000 });
    await send(test, queue, 'b', { delayMs: 60_000 });
    const management: Destination = { kind: 'topic', name: 'ActiveMQ.Scheduler.Management' };
    const ask = (properties: Readonly<Record<string, string>>, replyTo?: string) =>
      test.broker.publish(
        management,
        message({
          replyTo,
          properties: Object.entries(properties).map(([name, value]) => ({ name, type: 'string' as const, value })),
        }),
      );
    const answers = subscribe(test.broker, { kind: 'queue', name: 'answers' });
    await ask({ AMQ_SCHEDULER_ACTION: 'BROWSE' }, 'queue://answers');
    await expect.poll(() => [...answers.bodies].sort()).toEqual(['a', 'b']);
    await ask({ AMQ_SCHEDULER_ACTION: 'REMOVE', scheduledJobId: 'id-a' });
    await expect.poll(() => test.broker.queue('q').delayedCount).toBe(1);
    await ask({ AMQ_SCHEDULER_ACTION: 'REMOVEALL' });
    await expect.poll(() => test.broker.queue('q').delayedCount).toBe(0);
  });
});
