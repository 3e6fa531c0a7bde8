// Groups that are handled in order, under whatever receivers do: seeded sequences of sends, receives, settlements,
// releases, extensions and time, over windows so small that most of a queue is on disk.

import { describe, expect, it } from 'vitest';
import type { Broker } from '../../broker/core/broker.ts';
import type { Entry } from '../../broker/core/entry.ts';
import type { Queue } from '../../broker/core/queue.ts';
import { Random } from '../crash/random.ts';
import { testBroker } from '../support/broker.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';

const to = { kind: 'queue', name: 'q' } as const;
const leaseMs = 10_000;
const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

/** What a receiver knows: what each group was sent and is not settled, in order, and until when it is in flight. */
class Model {
  readonly #unsettled = new Map<string, number[]>();
  readonly #until = new Map<number, number>();

  sent(group: string, number: number): void {
    this.#unsettled.set(group, [...(this.#unsettled.get(group) ?? []), number]);
  }

  /** What is wrong with a receive, if anything. */
  received(numbers: readonly { readonly group: string; readonly number: number }[], now: number): string | undefined {
    for (const [group, given] of Map.groupBy(numbers, (one) => one.group)) {
      const expected = (this.#unsettled.get(group) ?? []).slice(0, given.length);
      const found = given.map(({ number }) => number);
      if (expected.join() !== found.join()) return `group ${group}: got ${found.join()}, not ${expected.join()}`;
      const early = found.find((number) => (this.#until.get(number) ?? 0) > now);
      if (early !== undefined) return `${early} of group ${group} is in flight`;
      for (const number of found) this.#until.set(number, now + leaseMs);
    }
    return undefined;
  }

  hidden(number: number, until: number): void {
    this.#until.set(number, until);
  }

  settled(group: string, number: number): void {
    this.#unsettled.set(
      group,
      (this.#unsettled.get(group) ?? []).filter((one) => one !== number),
    );
  }

  get isEmpty(): boolean {
    return [...this.#unsettled.values()].every((numbers) => numbers.length === 0);
  }
}

interface Held {
  readonly entry: Entry;
  readonly group: string;
  readonly number: number;
}

async function pull(queue: Queue, max: number): Promise<readonly Held[]> {
  const pulled = await queue.pull({ max, leaseMs, waitMs: 0 });
  return pulled.map(({ entry, message: { groupId = '', body } }) => ({ entry, group: groupId, number: Number(body) }));
}

async function send(broker: Broker, group: string, number: number): Promise<void> {
  await broker.publish(to, message({ text: String(number), groupId: group, timestamp: broker.clock.now() }));
}

describe('in order', () => {
  it.each(seeds)('whatever is done, seed %i', async (seed) => {
    const clock = new ManualClock();
    const window = { entries: 8, bytes: 4000, minimumEntries: 2, reload: 4 };
    await using test = await testBroker({ clock, window });
    const queue = test.broker.declare({ namespace: 'mq', name: 'q', policy: { groups: 'locked' } });
    const model = new Model();
    const random = new Random(seed);
    const upTo = (limit: number): number => Math.floor(random.next() * limit);
    let held: Held[] = [];
    let number = 0;
    for (let step = 0; step < 400; step++) {
      const one = held[upTo(held.length)];
      const action = upTo(10);
      if (action < 4) {
        const group = 'abcdef'[upTo(6)]!;
        model.sent(group, number);
        await send(test.broker, group, number++);
      } else if (action < 6) {
        const given = await pull(queue, 1 + upTo(5));
        expect(model.received(given, clock.now())).toBeUndefined();
        held = [...held.filter(({ entry }) => !given.some((other) => other.entry.seq === entry.seq)), ...given];
      } else if (action === 6) {
        clock.turn(upTo(4000));
      } else if (one?.entry.state !== 'leased') {
        continue;
      } else if (action === 7) {
        model.hidden(one.number, 0);
        queue.release(one.entry);
      } else if (action === 8) {
        model.hidden(one.number, clock.now() + 5000);
        queue.extend(one.entry, 5000);
      } else {
        model.settled(one.group, one.number);
        await test.broker.settle(one.entry);
      }
    }
    clock.turn(2 * leaseMs);
    while (!model.isEmpty) {
      const given = await pull(queue, 10);
      expect(given.length).toBeGreaterThan(0);
      expect(model.received(given, clock.now())).toBeUndefined();
      for (const { entry, group, number: settled } of given) {
        model.settled(group, settled);
        await test.broker.settle(entry);
      }
    }
    expect([queue.readyCount, queue.inFlightCount]).toEqual([0, 0]);
  });
});
