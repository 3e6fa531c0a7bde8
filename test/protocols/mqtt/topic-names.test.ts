// Names of topics in MQTT and in the engine.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches } from '../../../broker/core/topics.ts';
import { NameTree } from '../../../broker/protocols/mqtt/name-tree.ts';
import { swapNames } from '../../../broker/protocols/mqtt/topic-names.ts';

const seed = 20_261_121;

describe('the mapping to the engine', () => {
  it('loses nothing in either direction', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('/', '.', '+', '*', '#', '>', 'a', 'é') }), (name) => {
        expect(swapNames(swapNames(name))).toBe(name);
      }),
      { seed },
    );
  });

  it.each([
    ['sensors/1/temperature', 'sensors.1.temperature'],
    ['a.b/c', 'a/b.c'],
    ['+/b/#', '*.b.>'],
    ['*/>', '+.#'],
  ])('of %j is %j', (mqtt, engine) => {
    expect(swapNames(mqtt)).toBe(engine);
    expect(swapNames(engine)).toBe(mqtt);
  });
});

describe('retained names', () => {
  const level = fc.constantFrom('a', 'b', '', '$s', 'c');
  const name = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('.'));
  const filter = fc
    .tuple(fc.array(fc.oneof(level, fc.constant('*')), { minLength: 0, maxLength: 4 }), fc.boolean())
    .map(([levels, rest]) => [...levels, ...(rest || levels.length === 0 ? ['>'] : [])].join('.'));

  it('are found by the same filters that live messages are routed by', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 40 }), fc.array(filter, { maxLength: 10 }), (names, filters) => {
        const tree = new NameTree<number>();
        for (const [i, one] of names.entries()) tree.set(one, i);
        expect(tree.size).toBe(names.length);
        for (const one of filters) {
          const found = [...tree.matching(one)].map(([foundName]) => foundName);
          expect(found.toSorted()).toEqual(names.filter((candidate) => matches(one, candidate)).toSorted());
        }
      }),
      { seed, numRuns: 1000 },
    );
  });

  it('that are removed leave nothing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 40 }), (names) => {
        const tree = new NameTree<true>();
        for (const one of names) tree.set(one, true);
        const [kept, ...removed] = names;
        for (const one of removed) tree.delete(one);
        expect([...tree.matching('>'), ...tree.matching('$s.>')].map(([found]) => found)).toEqual([kept]);
        expect(tree.size).toBe(1);
      }),
      { seed },
    );
  });
});
