// What waits to be sent, in order.

import { describe, expect, it } from 'vitest';
import { Lanes } from '../../broker/bridge/lanes.ts';
import { random } from './remote/far-aws.ts';

interface Item {
  readonly n: number;
  readonly lane: string | undefined;
  readonly bytes: number;
}

const item = (n: number, lane?: string, bytes = 1): Item => ({ n, lane, bytes });
const numbers = (items: readonly Item[]): number[] => items.map(({ n }) => n);
const plenty = { messages: 100, bytes: 1000 };

describe('lanes', () => {
  it('give what has no lane in order, by count and by bytes', () => {
    const lanes = new Lanes<Item>();
    for (let n = 0; n < 6; n++) lanes.add(item(n, undefined, 10));
    expect(numbers(lanes.take({ messages: 2, bytes: 100 }))).toEqual([0, 1]);
    expect(numbers(lanes.take({ messages: 9, bytes: 25 }))).toEqual([2, 3]);
    expect([lanes.readyCount, lanes.readyBytes]).toEqual([2, 20]);
    // One that is too large alone goes alone.
    expect(numbers(lanes.take({ messages: 9, bytes: 1 }))).toEqual([4]);
  });

  it('give one of a lane at a time', () => {
    const lanes = new Lanes<Item>();
    const all = [item(0, 'a'), item(1, 'a'), item(2, 'b'), item(3, 'a')];
    for (const one of all) lanes.add(one);
    expect(numbers(lanes.take(plenty))).toEqual([0, 2]);
    expect(lanes.take(plenty)).toEqual([]);
    lanes.end(all[0]!);
    expect(numbers(lanes.take(plenty))).toEqual([1]);
    lanes.again(all[1]!);
    expect(numbers(lanes.take(plenty))).toEqual([1]);
    lanes.end(all[1]!);
    expect(numbers(lanes.take(plenty))).toEqual([3]);
  });

  it('give what is to go again before what came later, in its order', () => {
    const lanes = new Lanes<Item>();
    const all = Array.from({ length: 6 }, (_, n) => item(n));
    for (const one of all) lanes.add(one);
    lanes.take({ messages: 4, bytes: 100 });
    for (const n of [3, 0, 2]) lanes.again(all[n]!);
    expect(numbers(lanes.take(plenty))).toEqual([0, 2, 3, 4, 5]);
  });

  it('keep the place of what is under way when all else is taken back', () => {
    const lanes = new Lanes<Item>();
    const [first, second, other] = [item(0, 'a'), item(1, 'a'), item(2)];
    for (const one of [first, second, other]) lanes.add(one);
    lanes.take({ messages: 1, bytes: 100 });
    expect(numbers(lanes.clear())).toEqual([1, 2]);
    expect([lanes.readyCount, lanes.readyBytes]).toEqual([0, 0]);
    lanes.add(second);
    expect(lanes.take(plenty)).toEqual([]);
    lanes.end(first);
    expect(numbers(lanes.take(plenty))).toEqual([1]);
  });

  it('keep the order of each lane, whatever happens (seeds 1 to 30)', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = random(seed);
      const lanes = new Lanes<Item>();
      const under: Item[] = [];
      const ended: Item[] = [];
      let added = 0;
      while (ended.length < 300) {
        const dice = next();
        const lane = next() < 0.2 ? undefined : `l${Math.floor(next() * 8)}`;
        if (dice < 0.4 && added < 300) lanes.add(item(added++, lane));
        else if (dice < 0.6) under.push(...lanes.take({ messages: 1 + Math.floor(next() * 10), bytes: 5 }));
        else if (under.length > 0) {
          const [one] = under.splice(Math.floor(next() * under.length), 1);
          if (next() < 0.3) lanes.again(one!);
          else {
            lanes.end(one!);
            ended.push(one!);
          }
        }
      }
      expect(new Set(ended).size).toBe(300);
      expect([lanes.readyCount, lanes.readyBytes, lanes.clear().length]).toEqual([0, 0, 0]);
      for (let lane = 0; lane < 8; lane++) {
        const ofLane = numbers(ended.filter((one) => one.lane === `l${lane}`));
        expect(ofLane, `seed ${seed}`).toEqual(ofLane.toSorted((a, b) => a - b));
      }
    }
  });
});
