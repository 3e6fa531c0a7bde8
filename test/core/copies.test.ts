// Copies of queues, and observers of how entries end.

import { describe, expect, it } from 'vitest';
import { Broker } from '../../broker/core/broker.ts';
import { copyQueue, withCopies } from '../../broker/core/copies.ts';
import { BrokerError } from '../../broker/core/errors.ts';
import { observe } from '../../broker/core/observation.ts';
import type { Observer } from '../../broker/core/observation.ts';
import type { Queue } from '../../broker/core/queue.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { testBroker } from '../support/broker.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';

const toSource = { kind: 'queue', name: 'source' } as const;

function copied(broker: Broker, most = 1000, name = 'source'): { readonly source: Queue; readonly copy: Queue } {
  const source = broker.queue(name);
  return { source, copy: copyQueue(broker, source, { namespace: 'route', name: `r~${name}`, most }) };
}

async function texts(queue: Queue): Promise<readonly string[]> {
  return (await queue.browse(0, 10_000)).map(({ message: { body } }) => body.toString());
}

async function ids(queue: Queue): Promise<readonly number[]> {
  return (await queue.browse(0, 10_000)).map(({ entry }) => entry.messageId);
}

describe('a copy of a queue', () => {
  it('gets what is put into the queue, in order, and the queue is as it was', async () => {
    await using test = await testBroker();
    const { source, copy } = copied(test.broker);
    for (let i = 0; i < 5; i++) await test.broker.publish(toSource, message({ text: String(i) }));
    expect(await texts(copy)).toEqual(['0', '1', '2', '3', '4']);
    expect(await texts(source)).toEqual(['0', '1', '2', '3', '4']);
    expect([source.readyCount, source.enqueued]).toEqual([5, 5]);
    expect(await ids(copy)).toEqual(await ids(source));
  });

  it.each([true, false])('knows its message by the same identifier, durable: %s', async (durable) => {
    await using test = await testBroker({ window: { entries: 4, bytes: 1e6, minimumEntries: 1, reload: 4 } });
    const { source, copy } = copied(test.broker);
    // The copy is far behind: what is not durable is spilled there, and held in memory here.
    for (let i = 0; i < 12; i++) {
      await test.broker.publish(toSource, message({ text: String(i), durable }));
      if (i < 8) await test.broker.settle((await source.browse(0, 1))[0]!.entry);
    }
    expect(await texts(copy)).toEqual(Array.from({ length: 12 }, (_, i) => String(i)));
    expect((await ids(copy)).slice(8)).toEqual(await ids(source));
  });

  it('is left alone by what happens to the entry', async () => {
    await using test = await testBroker();
    const { source, copy } = copied(test.broker);
    await test.broker.publish(toSource, message({ text: 'a' }));
    await test.broker.settle((await source.browse(0, 1))[0]!.entry);
    expect([source.readyCount, copy.readyCount]).toEqual([0, 1]);
    expect(await texts(copy)).toEqual(['a']);
  });

  it('gets a delayed message once, when the queue does', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    const { source, copy } = copied(test.broker);
    await test.broker.publish(toSource, message({ text: 'later' }), { delayMs: 1000 });
    expect([source.delayedCount, copy.delayedCount, copy.readyCount]).toEqual([1, 1, 0]);
    clock.turn(1001);
    await expect.poll(() => [source.readyCount, copy.readyCount, copy.delayedCount]).toEqual([1, 1, 0]);
  });

  it('is one for each queue, where a message is put into two', async () => {
    await using test = await testBroker();
    const [a, b] = [copied(test.broker, 1000, 'a'), copied(test.broker, 1000, 'b')];
    const both = [
      { kind: 'queue', name: 'a' },
      { kind: 'queue', name: 'b' },
    ] as const;
    await test.broker.publish(both, message({ text: 'x' }));
    expect([a.copy.readyCount, b.copy.readyCount]).toEqual([1, 1]);
    expect(await ids(a.copy)).toEqual(await ids(b.source));
  });

  it('gets nothing of what is moved to the queue as a dead letter', async () => {
    await using test = await testBroker();
    const { source, copy } = copied(test.broker, 1000, 'ActiveMQ.DLQ');
    await test.broker.publish(toSource, message());
    await test.broker.deadLetter((await test.broker.queue('source').browse(0, 1))[0]!.entry, 'poison');
    expect([source.readyCount, copy.readyCount]).toEqual([1, 0]);
  });

  it('gets nothing of a transaction that fails', async () => {
    await using test = await testBroker();
    const { source, copy } = copied(test.broker);
    test.store.fail(new BrokerError('store-full', 'full'));
    await expect(test.broker.publish(toSource, message())).rejects.toThrow('full');
    expect([source.readyCount, copy.readyCount]).toEqual([0, 0]);
  });

  it('goes on after a restart, before anything else is started', async () => {
    await using test = await testBroker();
    copied(test.broker);
    await test.broker.publish(toSource, message({ text: 'before' }));
    const { store } = test;
    const again = new Broker({ store, clock: systemClock, log: silent, memoryLimitBytes: 1e7 });
    await again.start(() => undefined);
    await again.publish(toSource, message({ text: 'after' }));
    expect(await texts(again.find('route', 'r~source')!)).toEqual(['before', 'after']);
    again.close();
  });

  it('ends with its deletion', async () => {
    await using test = await testBroker();
    const { source, copy } = copied(test.broker);
    await test.broker.publish(toSource, message());
    await test.broker.delete(copy);
    await test.broker.publish(toSource, message());
    expect([source.copies, source.readyCount]).toEqual([[], 2]);
  });

  it('drops its oldest beyond its bound, on disk too, and the queue loses nothing', async () => {
    await using test = await testBroker({ window: { entries: 10, bytes: 1e6, minimumEntries: 1, reload: 10 } });
    const { source, copy } = copied(test.broker, 25);
    for (let i = 0; i < 100; i++) {
      await test.broker.publish(toSource, message({ text: String(i) }));
      // What is on disk is read before it is dropped.
      await expect.poll(() => copy.readyCount).toBeLessThanOrEqual(26);
    }
    await test.broker.publish(toSource, message({ text: '100' }));
    expect(copy.discarded).toBe(76);
    await expect.poll(() => texts(copy)).toEqual(Array.from({ length: 25 }, (_, i) => String(76 + i)));
    expect(source.readyCount).toBe(101);
  });

  it('costs a queue that has none no list of its own', async () => {
    await using test = await testBroker();
    const queues = [test.broker.queue('a'), test.broker.queue('b')];
    expect(withCopies(queues)).toBe(queues);
  });
});

describe('an observer', () => {
  it('is told how each entry ends, and has seen its message', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    const { broker } = test;
    const queue = broker.queue('source');
    const seen = new Map<number, string>();
    const ends: string[] = [];
    const observer: Observer = {
      leased: ({ seq, message: leased }) => void seen.set(seq, leased!.body.toString()),
      ended: ({ seq, consumer }, ending) => ends.push(`${seen.get(seq)} ${ending}${consumer ? ' by a consumer' : ''}`),
    };
    const stop = observe(queue, observer);
    const consumer = queue.consume({
      credit: 1,
      deliver: (entry, { body }) => {
        const text = body.toString();
        if (text === 'good') broker.background(broker.settle(entry), text);
        else if (text === 'bad') broker.background(broker.deadLetter(entry, 'bad'), text);
      },
    });
    await broker.publish(toSource, message({ text: 'good' }));
    await expect.poll(() => ends).toEqual(['good settled by a consumer']);
    consumer.setCredit(1);
    await broker.publish(toSource, message({ text: 'bad' }));
    await expect.poll(() => ends[1]).toBe('bad dead by a consumer');
    consumer.close();

    await broker.publish(toSource, message({ text: 'pulled', expiresAt: clock.now() + 60_000 }));
    const [pulled] = await queue.pull({ max: 1, leaseMs: 1000, waitMs: 0 });
    await broker.settle(pulled!.entry);
    expect(ends[2]).toBe('pulled settled');
    await broker.publish(toSource, message({ text: 'never', durable: false, expiresAt: clock.now() + 1000 }));
    clock.turn(2000);
    expect(await queue.pull({ max: 1, leaseMs: 1000, waitMs: 0 })).toEqual([]);
    expect(ends[3]).toBe('undefined expired');
    stop();
    await broker.publish(toSource, message({ text: 'good' }));
    await broker.settle((await queue.browse(0, 1))[0]!.entry);
    expect(ends).toHaveLength(4);
  });
});
