// Names found by filter, as retained messages are.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameTree } from '../../broker/core/name-tree.ts';
import { matches } from '../../broker/core/topics.ts';

const seed = 20_261_121;

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
