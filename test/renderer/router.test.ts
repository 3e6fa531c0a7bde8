import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { hrefOf, parseFragment } from '../../renderer/router.ts';
import { parseSort, sortParameter } from '../../renderer/sort-parameter.ts';

it('reads back every place it writes, whatever is in a name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }), (id, query) => {
      const { view, id: read, parameters } = parseFragment(hrefOf('destinations', id, { q: query }));
      expect([view, read, parameters.get('q')]).toEqual(['destinations', id, query]);
    }),
    { seed: 20_261_121 },
  );
});

it.each([
  ['', { view: '' }],
  ['#', { view: '' }],
  ['#/routes', { view: 'routes' }],
  ['#routes', { view: 'routes' }],
  ['#/destinations/', { view: 'destinations' }],
  ['#/destinations/mq%3Aa%2Fb', { view: 'destinations', id: 'mq:a/b' }],
  ['#/destinations/%zz', { view: 'destinations', id: '%zz' }],
])('%j is %j', (fragment, expected) => {
  expect(parseFragment(fragment)).toMatchObject(expected);
});

it('writes an order as it reads it', () => {
  expect(parseSort(null, 'name')).toEqual({ column: 'name', descending: false });
  expect(parseSort('-ready', 'name')).toEqual({ column: 'ready', descending: true });
  for (const text of ['ready', '-ready']) expect(sortParameter(parseSort(text, 'name'))).toBe(text);
});
