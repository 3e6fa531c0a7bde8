// Leases that end before their deadline do not stay in memory until then.

import { describe, expect, it } from 'vitest';
import { Entry } from '../../broker/core/entry.ts';
import { Leases } from '../../broker/core/leases.ts';
import { testBroker } from '../support/broker.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { message } from '../support/messages.ts';

const hourMs = 3_600_000;

describe('leases', () => {
  it('forget the deadlines of what was settled, and keep those of the rest', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    const queue = test.broker.queue('work');
    const ended: number[] = [];
    const leases = new Leases(clock, ({ seq }) => ended.push(seq));
    for (let seq = 1; seq <= 10_000; seq++) {
      const entry = new Entry(queue, { seq, messageId: seq, sole: true, residence: 'durable' }, message());
      entry.state = 'leased';
      // The longer they wait the sooner they end, as an order that does not survive would show.
      entry.until = clock.now() + hourMs - seq;
      leases.hold(entry);
      if (seq % 1000 === 0) continue;
      entry.state = 'gone';
      leases.drop(entry);
    }
    expect(leases.watched).toBeLessThan(2000);
    clock.turn(hourMs);
    expect(ended).toEqual([10_000, 9000, 8000, 7000, 6000, 5000, 4000, 3000, 2000, 1000]);
  });

  it('keep the deadline of what is being settled, which may fail', async () => {
    const clock = new ManualClock();
    await using test = await testBroker({ clock });
    const queue = test.broker.queue('work');
    const ended: number[] = [];
    const leases = new Leases(clock, ({ seq }) => ended.push(seq));
    const lease = (seq: number): Entry => {
      const entry = new Entry(queue, { seq, messageId: seq, sole: true, residence: 'durable' }, message());
      entry.state = 'leased';
      entry.until = clock.now() + hourMs;
      leases.hold(entry);
      return entry;
    };
    const kept = lease(1);
    queue.reserve(kept);
    for (let seq = 2; seq <= 5000; seq++) {
      const entry = lease(seq);
      entry.state = 'gone';
      leases.drop(entry);
    }
    kept.state = kept.heldAs;
    clock.turn(hourMs);
    expect(ended).toEqual([1]);
  });
});
