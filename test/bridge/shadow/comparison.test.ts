// The comparison of two places against one that remembers everything and looks at all of it.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Comparison } from '../../../broker/bridge/comparison.ts';
import type { Settlement } from '../../../broker/bridge/comparison.ts';
import { digestOf } from '../../../broker/bridge/comparison-facts.ts';
import { Progress } from '../../../broker/bridge/comparison-progress.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const lateMs = 100;
const windowMs = 1000;

interface Event {
  readonly side: 'left' | 'right';
  readonly key: string;
  readonly group: string;
  readonly body: string;
  readonly at: number;
}

function settlement(key: string, group = '', body = '', more: Partial<Settlement> = {}): Settlement {
  const facts = { key, id: `id-${key}`, group, compared: [{ name: 'body', digest: digestOf(body), value: body }] };
  return { facts, isOld: false, ...more };
}

/** Everything, by definition: the first half that waits is matched, and what is longest in the same order stays. */
function oracle(events: readonly Event[]): Record<string, number> {
  const counts = { left: 0, right: 0, arrived: 0, missing: 0, extra: 0, late: 0, reordered: 0, different: 0 };
  const pairs: { readonly left: number; readonly right: number; readonly group: string }[] = [];
  const matched = new Set<number>();
  for (const [index, event] of events.entries()) {
    counts[event.side]++;
    const other = events.findIndex(
      ({ side, key, at }, i) =>
        i < index && side !== event.side && key === event.key && !matched.has(i) && event.at - at <= windowMs,
    );
    if (other < 0) continue;
    matched.add(index).add(other);
    const [left, right] = event.side === 'left' ? [index, other] : [other, index];
    counts.arrived++;
    if (events[right]!.at - events[left]!.at > lateMs) counts.late++;
    if (events[left]!.body !== events[right]!.body) counts.different++;
    pairs.push({ left, right, group: events[left]!.group });
  }
  for (const [index, { side }] of events.entries()) {
    if (!matched.has(index)) counts[side === 'left' ? 'missing' : 'extra']++;
  }
  for (const group of new Set(pairs.map((pair) => pair.group))) {
    const order = pairs.filter((pair) => pair.group === group).sort((a, b) => a.left - b.left);
    counts.reordered += order.length - longestRun(order.map(({ right }) => right));
  }
  return counts;
}

function longestRun(values: readonly number[]): number {
  const best: number[] = [];
  for (const [i, value] of values.entries()) {
    best.push(1 + Math.max(0, ...best.filter((_, j) => j < i && values[j]! < value)));
  }
  return Math.max(0, ...best);
}

const traffic = fc
  .array(
    fc.record({
      key: fc.integer({ min: 0, max: 12 }).map(String),
      group: fc.constantFrom('', 'a', 'b'),
      leftAt: fc.integer({ min: 0, max: 5000 }),
      // Lost, at once, late, before, and too late.
      delay: fc.option(fc.oneof(fc.integer({ min: -50, max: 300 }), fc.integer({ min: -1500, max: 2500 }))),
      changed: fc.boolean(),
      only: fc.constantFrom('both', 'both', 'both', 'both', 'right'),
    }),
    { maxLength: 60 },
  )
  .map((messages) => {
    const events = messages.flatMap(({ key, group, leftAt, delay, changed, only }): Event[] => {
      const left = { side: 'left', key, group, body: 'x', at: leftAt } as const;
      const right = { side: 'right', key, group, body: changed ? 'y' : 'x', at: leftAt + (delay ?? 0) } as const;
      return [...(only === 'right' ? [] : [left]), ...(delay === null ? [] : [right])];
    });
    return events.sort((a, b) => a.at - b.at);
  });

function play(events: readonly Event[], comparison: Comparison, clock: ManualClock): void {
  const start = clock.now();
  for (const { side, key, group, body, at } of events) {
    clock.turn(Math.max(0, start + at + 2000 - clock.now()));
    comparison[side](settlement(key, group, body));
  }
}

describe('a comparison', () => {
  it('counts what one that forgets nothing counts', () => {
    fc.assert(
      fc.property(traffic, (events) => {
        const clock = new ManualClock();
        const comparison = new Comparison({ clock, lateMs, windowMs, most: 1000 });
        play(events, comparison, clock);
        clock.turn(3 * windowMs);
        expect(comparison.counts).toMatchObject({ ...oracle(events), unknown: 0, endedEarly: 0 });
        expect(comparison.waiting).toEqual({ left: 0, right: 0 });
        comparison.close();
        expect(clock.pending).toBe(0);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('ends what is oldest when too many wait, and accounts for each', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: 10 }), (events, most) => {
        const clock = new ManualClock();
        const comparison = new Comparison({ clock, lateMs, windowMs, most });
        play(events, comparison, clock);
        expect(comparison.waiting.left + comparison.waiting.right).toBeLessThanOrEqual(most);
        clock.turn(3 * windowMs);
        const { left, right, arrived, missing, extra } = comparison.counts;
        expect([left, right]).toEqual([arrived + missing, arrived + extra]);
        comparison.close();
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('needs no more memory than what waits, however long it runs', () => {
    const clock = new ManualClock();
    const comparison = new Comparison({ clock, lateMs, windowMs, most: 500 });
    // One is stuck all the time, and the rest goes by in two groups, one of them backwards in pairs.
    for (let i = 0; i < 20_000; i++) {
      if (i % 1000 === 0) comparison.right(settlement(`stuck-${i}`));
      const pair = [`${i}-a`, `${i}-b`] as const;
      for (const key of pair) comparison.left(settlement(key, i % 2 === 0 ? 'even' : 'odd'));
      for (const key of i % 2 === 0 ? pair : [...pair].reverse()) comparison.right(settlement(key));
      clock.turn(1);
    }
    expect(comparison.size).toBeLessThan(5000);
    expect(comparison.counts).toMatchObject({ arrived: 40_000, reordered: 10_000, missing: 0 });
    comparison.close();
  });

  it('shows the first of each state, and hides what is secret', () => {
    const clock = new ManualClock();
    const comparison = new Comparison({ clock, lateMs, windowMs, most: 10 });
    const [one, other] = ['{"password":"a","total":1}', '{"password":"b","total":2}'];
    for (let i = 0; i < 5; i++) {
      comparison.left(settlement(`${i}`, '', one));
      comparison.right(settlement(`${i}`, '', i === 0 ? other : '{"total":3,"password":"a"}'));
    }
    comparison.left(settlement('late'));
    clock.turn(250);
    comparison.right(settlement('late'));
    expect(comparison.examples.map(({ state, id, byMs, difference }) => [state, id, byMs ?? difference])).toEqual([
      ['different', 'id-0', { field: '$.password', left: '(hidden)', right: '(hidden)' }],
      ['different', 'id-1', { field: '$.total', left: '1', right: '3' }],
      ['different', 'id-2', { field: '$.total', left: '1', right: '3' }],
      ['late', 'id-late', 250],
    ]);
    comparison.close();
  });

  it('calls nothing missing that has not been sent, and gives what was sent the whole time', () => {
    const clock = new ManualClock();
    const comparison = new Comparison({ clock, lateMs, windowMs, most: 3 });
    const progress = new Progress(windowMs);
    const of = (position: number) => settlement(`${position}`, '', '', { position, progress });
    for (const position of [1, 2, 3]) comparison.left(of(position));
    clock.turn(10 * windowMs);
    expect(comparison.counts).toMatchObject({ missing: 0 });
    progress.reached(1, clock.now());
    comparison.right(of(1));
    progress.reached(2, clock.now());
    clock.turn(windowMs - 10);
    expect(comparison.counts).toMatchObject({ arrived: 1, missing: 0 });
    clock.turn(windowMs);
    expect(comparison.counts).toMatchObject({ arrived: 1, missing: 1 });
    for (const position of [4, 5, 6]) comparison.left(of(position));
    expect(comparison.counts).toMatchObject({ missing: 1, unknown: 1, endedEarly: 1 });
    comparison.close();
  });

  it('goes on after a restart: what waited is unknown, and counted once', () => {
    const clock = new ManualClock();
    const kept = { counts: { left: 7, right: 6, arrived: 5 }, examples: [], waiting: { left: 2, right: 1 } };
    const comparison = new Comparison({ clock, lateMs, windowMs, most: 10 }, kept);
    expect(comparison.counts).toMatchObject({ arrived: 5, unknown: 3 });
    // The other halves of two that waited, one of which nobody knew of, and one that is whole.
    comparison.right(settlement('a', '', '', { isOld: true }));
    comparison.left(settlement('b', '', '', { isOld: true }));
    comparison.left(settlement('c', '', '', { isOld: true }));
    comparison.left(settlement('d', '', '', { isOld: true }));
    comparison.right(settlement('d', '', '', { isOld: true }));
    clock.turn(3 * windowMs);
    expect(comparison.counts).toMatchObject({ arrived: 6, unknown: 4, missing: 0, extra: 0 });
    comparison.close();
  });
});
