import { expect, it } from 'vitest';
import { message } from '../support/messages.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { testBroker } from '../support/broker.ts';

it('finds all that has expired where nobody looks, behind much that is in flight', async () => {
  const clock = new ManualClock();
  await using test = await testBroker({ clock });
  const { broker } = test;
  const expiresAt = clock.now() + 1000;
  const transaction = broker.transaction();
  for (let i = 0; i < 1500; i++) {
    broker.send(transaction, { kind: 'queue', name: 'taken' }, message({ expiresAt, timestamp: clock.now() }));
  }
  await transaction.commit();
  const taken = broker.queue('taken');
  taken.consume({ credit: 1500, deliver: () => undefined });
  await expect.poll(() => taken.inFlightCount).toBe(1500);
  const more = broker.transaction();
  for (let i = 0; i < 2500; i++) {
    broker.send(more, { kind: 'queue', name: 'alone' }, message({ expiresAt: expiresAt + 1, timestamp: clock.now() }));
  }
  await more.commit();
  clock.turn(29_999);
  expect(broker.queue('alone').readyCount).toBe(2500);
  clock.turn(1);
  await expect.poll(() => broker.queue('ActiveMQ.DLQ').readyCount).toBe(2500);
  expect([broker.queue('alone').readyCount, taken.inFlightCount]).toEqual([0, 1500]);
  // And again, the next time.
  await broker.publish(
    { kind: 'queue', name: 'alone' },
    message({ expiresAt: clock.now() + 1, timestamp: clock.now() }),
  );
  await expect.poll(() => clock.pending).toBeGreaterThan(0);
  clock.turn(30_000);
  await expect.poll(() => broker.queue('ActiveMQ.DLQ').readyCount).toBe(2501);
});
