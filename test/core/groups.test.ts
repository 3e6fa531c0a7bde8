import { describe, expect, it } from 'vitest';
import type { Broker } from '../../broker/core/broker.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import { waitUntil } from '../support/wait.ts';
import { subscribe } from './subscriber.ts';

const to = { kind: 'queue', name: 'q' } as const;
const smallWindow = { entries: 4, bytes: 1024 * 1024, minimumEntries: 2, reload: 2 };

/** Bodies begin with the name of their group; `-` is none. */
async function publish(broker: Broker, texts: readonly string[], groupSequence?: number): Promise<void> {
  const timestamp = broker.clock.now();
  for (const text of texts) {
    const groupId = text.startsWith('-') ? undefined : text[0];
    await broker.publish(to, message({ text, groupId, groupSequence, timestamp }));
  }
}

describe('a group with an owner', () => {
  it('goes to one consumer, in order, whatever the credit of others', async () => {
    await using test = await testBroker();
    const one = subscribe(test.broker, to, { credit: 1 });
    const two = subscribe(test.broker, to, { credit: 3 });
    await publish(test.broker, ['a1', 'a2', 'b1', 'a3', 'b2', '-1']);
    const [a, b] = one.bodies[0] === 'a1' ? [one, two] : [two, one];
    b.subscriber.setCredit(10);
    a.subscriber.setCredit(10);
    await expect.poll(() => a.bodies.filter((body) => body.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    await expect.poll(() => b.bodies.filter((body) => body.startsWith('b'))).toEqual(['b1', 'b2']);
    expect([...a.bodies, ...b.bodies]).toContain('-1');
  });

  it('does not hold up what stands behind its messages, nor costs them their order', async () => {
    await using test = await testBroker({ window: smallWindow });
    const owner = subscribe(test.broker, to, { credit: 1 });
    await publish(test.broker, ['a1']);
    const other = subscribe(test.broker, to, { credit: 100 });
    await publish(test.broker, ['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'b1', '-1', 'a8']);
    await expect.poll(() => other.bodies).toEqual(['b1', '-1']);
    expect(test.broker.queue('q').readyCount).toBe(7);
    owner.subscriber.setCredit(3);
    await expect.poll(() => owner.bodies).toEqual(['a1', 'a2', 'a3', 'a4']);
    owner.subscriber.setCredit(100);
    await expect.poll(() => owner.bodies).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8']);
    expect(test.broker.queue('q').readyCount).toBe(0);
  });

  it('passes to another with all that waits, when its owner goes', async () => {
    await using test = await testBroker();
    const first = subscribe(test.broker, to, { credit: 1 });
    await publish(test.broker, ['a1', 'a2', 'a3']);
    const second = subscribe(test.broker, to);
    expect(second.bodies).toEqual([]);
    first.subscriber.close();
    await expect.poll(() => second.bodies).toEqual(['a1', 'a2', 'a3']);
    expect(second.entries.map(({ isFirstOfGroup }) => isFirstOfGroup)).toEqual([true, false, false]);
  });

  it('is closed by a negative sequence, and begins anew with 1', async () => {
    await using test = await testBroker();
    const one = subscribe(test.broker, to);
    await publish(test.broker, ['a1']);
    const two = subscribe(test.broker, to);
    await publish(test.broker, ['a2'], -1);
    await publish(test.broker, ['a3']);
    expect([one.bodies, two.bodies]).toEqual([['a1', 'a2'], ['a3']]);
    await publish(test.broker, ['a4'], 1);
    expect(one.bodies).toEqual(['a1', 'a2', 'a4']);
  });

  it('is respected by consumers that select', async () => {
    await using test = await testBroker();
    const selector = { text: 'JMSPriority = 4' };
    const one = subscribe(test.broker, to, { selector });
    await publish(test.broker, ['a1']);
    const two = subscribe(test.broker, to, { selector });
    await publish(test.broker, ['a2', 'b1', 'a3']);
    expect([one.bodies, two.bodies]).toEqual([['a1', 'a2', 'a3'], ['b1']]);
  });

  it('leaves a purge nothing to find', async () => {
    await using test = await testBroker();
    const owner = subscribe(test.broker, to, { credit: 1 });
    await publish(test.broker, ['a1', 'a2', 'a3']);
    const queue = test.broker.queue('q');
    expect(await queue.browse(0, 10)).toHaveLength(3);
    expect(await queue.purge()).toBe(3);
    owner.subscriber.setCredit(10);
    expect(owner.bodies).toEqual(['a1']);
    expect([queue.readyCount, queue.inFlightCount]).toEqual([0, 0]);
  });
});

describe('a locked group', () => {
  function declare(broker: Broker) {
    return broker.declare({ namespace: 'mq', name: 'q', policy: { groups: 'locked' } });
  }

  async function pull(broker: Broker, max = 10) {
    const pulled = await broker.queue('q').pull({ max, leaseMs: 60_000, waitMs: 0 });
    return { entries: pulled.map(({ entry }) => entry), bodies: pulled.map((one) => one.message.body.toString()) };
  }

  it('gives nothing while some of it is in flight, and one receive may have many of it', async () => {
    await using test = await testBroker();
    declare(test.broker);
    await publish(test.broker, ['a1', 'a2', 'a3', 'b1', 'a4', 'c1']);
    const first = await pull(test.broker, 2);
    expect(first.bodies).toEqual(['a1', 'a2']);
    const second = await pull(test.broker);
    expect(second.bodies).toEqual(['b1', 'c1']);
    await test.broker.settle(first.entries[0]!);
    expect((await pull(test.broker)).bodies).toEqual([]);
    await test.broker.settle(first.entries[1]!);
    expect((await pull(test.broker)).bodies).toEqual(['a3', 'a4']);
  });

  it('begins again where it was, when a message comes back', async () => {
    await using test = await testBroker();
    const queue = declare(test.broker);
    await publish(test.broker, ['a1', 'a2']);
    const first = await pull(test.broker, 1);
    expect((await pull(test.broker)).bodies).toEqual([]);
    queue.release(first.entries[0]!);
    expect((await pull(test.broker)).bodies).toEqual(['a1', 'a2']);
  });

  it('gives a group as a whole, then the next, and those served before come last', async () => {
    await using test = await testBroker();
    const queue = declare(test.broker);
    await publish(test.broker, ['a1', 'b1', 'b2', 'c1', 'a2']);
    const first = await pull(test.broker, 3);
    expect(first.bodies).toEqual(['a1', 'a2', 'b1']);
    for (const entry of first.entries) queue.release(entry);
    expect((await pull(test.broker)).bodies).toEqual(['c1', 'a1', 'a2', 'b1', 'b2']);
  });

  it('gives what is ahead of the first that is in flight', async () => {
    await using test = await testBroker();
    const queue = declare(test.broker);
    await publish(test.broker, ['a1', 'a2', 'a3']);
    const { entries } = await pull(test.broker, 3);
    queue.release(entries[2]!);
    expect((await pull(test.broker)).bodies).toEqual([]);
    queue.release(entries[0]!);
    expect((await pull(test.broker)).bodies).toEqual(['a1']);
  });

  it('is found behind many messages of another that is in flight', async () => {
    const window = { entries: 10, bytes: 10_000, minimumEntries: 2, reload: 5 };
    await using test = await testBroker({ window });
    declare(test.broker);
    await publish(test.broker, [...Array.from({ length: 50 }, (_, index) => `a${index}`), 'b1', 'b2']);
    expect((await pull(test.broker, 1)).bodies).toEqual(['a0']);
    expect((await pull(test.broker)).bodies).toEqual(['b1', 'b2']);
    expect(test.broker.queue('q').readyCount).toBe(49);
  });

  it('is left by those that are too old', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    const queue = test.broker.declare({
      namespace: 'mq',
      name: 'q',
      policy: { groups: 'locked', retentionMs: 60_000 },
    });
    await publish(test.broker, ['a1', 'a2']);
    await pull(test.broker, 1);
    clock.turn(100_000);
    queue.sweepRetention();
    await waitUntil(() => queue.expired === 2);
    await publish(test.broker, ['a3']);
    expect((await pull(test.broker)).bodies).toEqual(['a3']);
  });

  it('wakes who waits for it', async () => {
    await using test = await testBroker();
    const queue = declare(test.broker);
    await publish(test.broker, ['a1', 'a2']);
    const first = await pull(test.broker, 1);
    const waiting = queue.pull({ max: 10, leaseMs: 60_000, waitMs: 10_000 });
    await test.broker.settle(first.entries[0]!);
    expect((await waiting).map(({ message: { body } }) => body.toString())).toEqual(['a2']);
  });
});
