// Consumers that take only some of a queue's messages.

import { describe, expect, it } from 'vitest';
import type { Broker } from '../../broker/core/broker.ts';
import type { Consumer } from '../../broker/core/consumer.ts';
import type { Entry } from '../../broker/core/entry.ts';
import type { Message } from '../../broker/core/message.ts';
import { compileSelector } from '../../broker/core/selector.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';

const smallWindow = { entries: 4, bytes: 1024 * 1024, minimumEntries: 2, reload: 2 };
const to = { kind: 'queue', name: 'q' } as const;

async function publish(broker: Broker, ...bodies: readonly string[]): Promise<void> {
  for (const text of bodies) {
    await broker.publish(to, message({ text, properties: [{ name: 'kind', type: 'string', value: text[0]! }] }));
  }
}

interface Received {
  readonly consumer: Consumer;
  readonly bodies: string[];
  readonly entries: Entry[];
}

function receive(broker: Broker, selector: string | undefined, credit: number): Received {
  const bodies: string[] = [];
  const entries: Entry[] = [];
  const consumer = broker.queue('q').consume({
    credit,
    ...(selector === undefined ? {} : { accepts: compileSelector(selector) }),
    deliver: (entry, { body }: Message) => {
      entries.push(entry);
      bodies.push(body.toString());
    },
  });
  return { consumer, bodies, entries };
}

describe('a selective consumer', () => {
  it('gets what it selects, and leaves the rest in order', async () => {
    await using test = await testBroker();
    await publish(test.broker, 'a1', 'b1', 'a2', 'b2');
    const b = receive(test.broker, "kind = 'b'", 10);
    expect(b.bodies).toEqual(['b1', 'b2']);
    await publish(test.broker, 'b3', 'a3');
    expect(b.bodies).toEqual(['b1', 'b2', 'b3']);
    expect(receive(test.broker, undefined, 10).bodies).toEqual(['a1', 'a2', 'a3']);
  });

  it('finds what it selects however deep the backlog, and within its credit', async () => {
    await using test = await testBroker({ window: smallWindow });
    await publish(test.broker, ...Array.from({ length: 40 }, (_, i) => `a${i}`), 'b1', 'a40', 'b2', 'a41', 'b3');
    const b = receive(test.broker, "kind = 'b'", 2);
    await expect.poll(() => b.bodies).toEqual(['b1', 'b2']);
    b.consumer.grant(5);
    await expect.poll(() => b.bodies).toEqual(['b1', 'b2', 'b3']);
    await publish(test.broker, 'b4');
    await expect.poll(() => b.bodies).toEqual(['b1', 'b2', 'b3', 'b4']);
    for (const entry of b.entries) await test.broker.settle(entry);
    expect([test.broker.queue('q').readyCount, test.broker.queue('q').inFlightCount]).toEqual([42, 0]);
    const rest = receive(test.broker, undefined, 100);
    await expect.poll(() => rest.bodies).toEqual(Array.from({ length: 42 }, (_, i) => `a${i}`));
  });

  it('gives back what it took from deep in the backlog to its place', async () => {
    await using test = await testBroker({ window: smallWindow });
    await publish(test.broker, ...Array.from({ length: 10 }, (_, i) => `a${i}`), 'b1', 'a10', 'b2');
    const b = receive(test.broker, "kind = 'b'", 10);
    await expect.poll(() => b.bodies).toEqual(['b1', 'b2']);
    b.consumer.close();
    const rest = receive(test.broker, undefined, 100);
    const expected = [...Array.from({ length: 10 }, (_, i) => `a${i}`), 'b1', 'a10', 'b2'];
    await expect.poll(() => rest.bodies).toEqual(expected);
    expect(test.broker.queue('q').inFlightCount).toBe(13);
  });

  it('gets again what another gave back', async () => {
    await using test = await testBroker();
    await publish(test.broker, 'b1', 'a1');
    const all = receive(test.broker, undefined, 1);
    const b = receive(test.broker, "kind = 'b'", 10);
    expect([all.bodies, b.bodies]).toEqual([['b1'], []]);
    all.consumer.close();
    await expect.poll(() => b.bodies).toEqual(['b1']);
  });

  it('shares with others in turn', async () => {
    await using test = await testBroker();
    const a = receive(test.broker, "kind = 'a'", 100);
    const any = receive(test.broker, undefined, 100);
    await publish(test.broker, 'a1', 'b1', 'a2', 'b2', 'a3', 'b3');
    expect(a.bodies.length + any.bodies.length).toBe(6);
    expect(a.bodies.every((body) => body.startsWith('a'))).toBe(true);
    expect(a.bodies.length).toBeGreaterThan(0);
    expect(any.bodies).toContain('b1');
  });
});
