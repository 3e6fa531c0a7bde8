// Groups that share a queue fairly: one with much in flight does not keep the others waiting.

import { expect, it } from 'vitest';
import type { Broker } from '../../broker/core/broker.ts';
import type { Pulled } from '../../broker/core/pull.ts';
import { testBroker } from '../support/broker.ts';
import { message } from '../support/messages.ts';

const to = { kind: 'queue', name: 'q' } as const;

/** Bodies begin with the name of their group; `-` is none. */
async function publish(broker: Broker, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await broker.publish(to, message({ text, groupId: text.startsWith('-') ? undefined : text[0] }));
  }
}

function numbered(group: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${group}${index}`);
}

async function pull(broker: Broker, max = 10): Promise<readonly Pulled[]> {
  return broker.queue('q').pull({ max, leaseMs: 60_000, waitMs: 0 });
}

const bodies = (pulled: readonly Pulled[]): readonly string[] => pulled.map((one) => one.message.body.toString());

function declare(broker: Broker): void {
  broker.declare({ namespace: 'mq', name: 'q', policy: { groups: 'fair' } });
}

it('keeps the order in which they came while nobody has more than a share', async () => {
  await using test = await testBroker();
  declare(test.broker);
  await publish(test.broker, ['a1', 'a2', 'b1', '-1', 'a3']);
  expect(bodies(await pull(test.broker))).toEqual(['a1', 'a2', 'b1', '-1', 'a3']);
});

it('gives what others sent first, once a group has thirty in flight', async () => {
  await using test = await testBroker();
  declare(test.broker);
  await publish(test.broker, numbered('a', 60));
  await pull(test.broker, 29);
  await publish(test.broker, ['b1', '-1', 'c1']);
  // The thirtieth is taken yet.
  expect(bodies(await pull(test.broker, 5))).toEqual(['a29', 'b1', '-1', 'c1', 'a30']);
});

it('serves noisy groups evenly, and a group as before when it has less in flight again', async () => {
  await using test = await testBroker();
  declare(test.broker);
  await publish(test.broker, numbered('a', 50));
  const held = await pull(test.broker, 40);
  await publish(test.broker, numbered('b', 50));
  expect(bodies(await pull(test.broker, 30)).every((body) => body.startsWith('b'))).toBe(true);
  expect(bodies(await pull(test.broker, 4))).toEqual(['b30', 'b31', 'b32', 'b33']);
  for (const { entry } of held.slice(0, 35)) await test.broker.settle(entry);
  expect(bodies(await pull(test.broker, 3))).toEqual(['a40', 'a41', 'a42']);
});

it('gives everything, whoever sent it', async () => {
  const window = { entries: 10, bytes: 10_000, minimumEntries: 2, reload: 5 };
  await using test = await testBroker({ window });
  declare(test.broker);
  await publish(test.broker, [...numbered('a', 100), ...numbered('b', 20)]);
  const all: string[] = [];
  for (let given = await pull(test.broker); given.length > 0; given = await pull(test.broker)) {
    all.push(...bodies(given));
  }
  expect(all.toSorted()).toEqual([...numbered('a', 100), ...numbered('b', 20)].toSorted());
});
