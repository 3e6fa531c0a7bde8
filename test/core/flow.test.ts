import { expect, it } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import { subscribe } from './subscriber.ts';

const queue = { kind: 'queue', name: 'q' } as const;
const other = { kind: 'queue', name: 'other' } as const;

it('a queue at its bound holds its senders back until a tenth of it is free', async () => {
  await using test = await testBroker({ policies: [{ kind: 'queue', filter: 'q', maxMessages: 10 }] });
  for (let i = 0; i < 9; i++) await test.broker.publish(queue, message());
  expect(test.broker.heldBack(queue)).toBeUndefined();
  await test.broker.publish(queue, message());
  const room = test.broker.heldBack([other, queue]);
  expect(room).toBeInstanceOf(Promise);
  expect(test.broker.heldBack(other)).toBeUndefined();
  const got = subscribe(test.broker, queue, { credit: 2 });
  await test.broker.settle(got.entries[0]!);
  expect(test.broker.heldBack(queue)).toBe(room);
  await test.broker.settle(got.entries[1]!);
  await room;
  expect(test.broker.heldBack(queue)).toBeUndefined();
});

it('a queue at its bound lets its senders go on when it is purged or deleted', async () => {
  await using test = await testBroker({ policies: [{ kind: 'queue', filter: 'q', maxMessages: 1 }] });
  await test.broker.publish(queue, message());
  const untilPurged = test.broker.heldBack(queue);
  await test.broker.queue('q').purge();
  await untilPurged;
  await test.broker.publish(queue, message());
  const untilDeleted = test.broker.heldBack(queue);
  await test.broker.delete(test.broker.queue('q'));
  await untilDeleted;
  expect(test.broker.heldBack(queue)).toBeUndefined();
});

it('a store that is nearly full holds all senders back', async () => {
  const clock = new ManualClock();
  await using test = await testBroker({ clock, flow: { storeBytes: 1000 } });
  const look = async (usedBytes: number): Promise<void> => {
    test.store.usedBytes = usedBytes;
    clock.turn(500);
    await new Promise((resolve) => setImmediate(resolve));
  };
  await look(999);
  expect(test.broker.heldBack(queue)).toBeUndefined();
  await look(1000);
  const room = test.broker.heldBack({ kind: 'topic', name: 't' });
  expect(room).toBeInstanceOf(Promise);
  await look(950);
  expect(test.broker.heldBack(queue)).toBe(room);
  await look(899);
  await room;
  expect(test.broker.heldBack(queue)).toBeUndefined();
});
