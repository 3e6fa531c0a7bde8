// Retained messages that expire; what subscribers get of them is in the tests of each protocol.

import { describe, expect, it } from 'vitest';
import { Broker } from '../../broker/core/broker.ts';
import type { Message } from '../../broker/core/message.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { silent } from '../../broker/util/log.ts';
import { ManualClock } from '../support/manual-clock.ts';

const clock = new ManualClock();

async function brokerOver(store: MemoryStore): Promise<Broker> {
  const broker = new Broker({ store, clock, log: silent, memoryLimitBytes: 1024 * 1024 });
  await broker.start(() => undefined);
  return broker;
}

function message(expiresInMs?: number): Message {
  const now = clock.now();
  return {
    id: 'm',
    to: 'topic://a',
    body: Buffer.from('x'),
    bodyType: 'bytes',
    durable: true,
    priority: 4,
    timestamp: now,
    expiresAt: expiresInMs === undefined ? undefined : now + expiresInMs,
    properties: [],
  };
}

async function keep(broker: Broker, one: Message): Promise<void> {
  const transaction = broker.transaction();
  broker.retained.keep(transaction, 'a', one);
  await transaction.commit();
}

async function bodies(broker: Broker): Promise<string[]> {
  const found: string[] = [];
  for await (const read of broker.retained.read([...broker.retained.find('>')])) {
    for (const { message: one } of read) found.push(one.body.toString());
  }
  return found;
}

describe('a retained message that expires', () => {
  it('is there until then, and leaves nothing', async () => {
    const store = new MemoryStore();
    const broker = await brokerOver(store);
    await keep(broker, message(1000));
    clock.turn(999);
    expect(await bodies(broker)).toEqual(['x']);
    clock.turn(1);
    expect(broker.retained.count).toBe(0);
    expect(await bodies(broker)).toEqual([]);
    await store.write([]);
    expect(await store.readRecords('retained-message')).toEqual([]);
    broker.close();
  });

  it('expires after the engine was started again', async () => {
    const store = new MemoryStore();
    const first = await brokerOver(store);
    await keep(first, message(1000));
    first.close();
    const second = await brokerOver(store);
    expect(second.retained.count).toBe(1);
    clock.turn(1000);
    expect(second.retained.count).toBe(0);
    second.close();
  });

  it('that was replaced by one that stays, stays', async () => {
    const broker = await brokerOver(new MemoryStore());
    await keep(broker, message(1000));
    await keep(broker, message());
    clock.turn(2000);
    expect(await bodies(broker)).toEqual(['x']);
    broker.close();
  });

  it('that was replaced by one that lasts longer, lasts longer, behind one timer', async () => {
    const broker = await brokerOver(new MemoryStore());
    const timers = clock.pending;
    for (let i = 0; i < 10; i++) await keep(broker, message(1000 + i));
    expect(clock.pending).toBe(timers + 1);
    clock.turn(1008);
    expect(broker.retained.count).toBe(1);
    clock.turn(1);
    expect(broker.retained.count).toBe(0);
    broker.close();
  });
});
