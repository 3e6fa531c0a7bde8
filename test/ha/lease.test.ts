// The active engine's lease, by a clock that is turned and a store that answers when it is told to.

import { expect, it } from 'vitest';
import { Lease } from '../../broker/ha/lease.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { ManualClock } from '../support/manual-clock.ts';

const leaseMs = 900;

/** What was asked of the store, and how to answer it. */
class HeldUpStore extends MemoryStore {
  readonly renewals: (() => void)[] = [];

  override write(): Promise<void> {
    return new Promise((resolve) => void this.renewals.push(resolve));
  }
}

async function begun(onLost?: () => void) {
  const clock = new ManualClock();
  const store = new HeldUpStore();
  const lease = new Lease(store, { leaseMs, clock, ...(onLost && { onLost }) });
  lease.start();
  const renewed = async (): Promise<void> => {
    for (const resolve of store.renewals.splice(0)) resolve();
    // Its answer is taken up.
    await Promise.resolve();
    await Promise.resolve();
  };
  return { clock, store, lease, renewed };
}

it('is held for as long as it is renewed', async () => {
  let lost = 0;
  const { clock, lease, renewed } = await begun(() => lost++);
  for (let i = 0; i < 10; i++) {
    clock.turn(leaseMs / 3);
    await renewed();
  }
  expect(lost).toBe(0);
  lease.close();
  expect(clock.pending).toBe(0);
});

it('is lost once, when its time is over without a renewal', async () => {
  let lost = 0;
  const { clock, renewed } = await begun(() => lost++);
  clock.turn(leaseMs / 3);
  await renewed();
  clock.turn(leaseMs - 1);
  expect(lost).toBe(0);
  clock.turn(1);
  await renewed();
  clock.turn(10 * leaseMs);
  expect(lost).toBe(1);
});

it('is renewed on and on by an engine that is not one of a pair, however long that was held up', async () => {
  const { clock, store, lease, renewed } = await begun();
  clock.turn(20 * leaseMs);
  await renewed();
  clock.turn(leaseMs / 3);
  expect(store.renewals).toHaveLength(1);
  lease.close();
  expect(clock.pending).toBe(0);
});
