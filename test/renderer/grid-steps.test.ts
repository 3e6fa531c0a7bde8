import { expect, it } from 'vitest';
import { step } from '../../renderer/components/grid-steps.ts';

const extent = { rows: 100, columns: 5, pageRows: 20 };
const from = { row: 10, column: 2 };
const plain = { ctrlKey: false, metaKey: false };

it.each([
  ['ArrowUp', from, { row: 9, column: 2 }],
  ['ArrowUp', { row: 0, column: 2 }, { row: -1, column: 2 }],
  ['ArrowUp', { row: -1, column: 2 }, { row: -1, column: 2 }],
  ['ArrowDown', { row: 99, column: 2 }, { row: 99, column: 2 }],
  ['ArrowLeft', { row: 3, column: 0 }, { row: 3, column: 0 }],
  ['ArrowRight', from, { row: 10, column: 3 }],
  ['ArrowRight', { row: 3, column: 4 }, { row: 3, column: 4 }],
  ['PageDown', from, { row: 30, column: 2 }],
  ['PageDown', { row: 95, column: 2 }, { row: 99, column: 2 }],
  ['PageUp', from, { row: 0, column: 2 }],
  ['Home', from, { row: 10, column: 0 }],
  ['End', from, { row: 10, column: 4 }],
  ['a', from, undefined],
  ['Enter', from, undefined],
])('%s from %j leads to %j', (key, position, expected) => {
  expect(step({ key, ...plain }, position, extent)).toEqual(expected);
});

it('goes to the ends of the table with Ctrl or Cmd', () => {
  expect(step({ key: 'Home', ctrlKey: true, metaKey: false }, from, extent)).toEqual({ row: 0, column: 0 });
  expect(step({ key: 'End', ctrlKey: false, metaKey: true }, from, extent)).toEqual({ row: 99, column: 4 });
});

it('stays at the headers of a table without rows', () => {
  const empty = { ...extent, rows: 0 };
  for (const key of ['ArrowDown', 'PageDown', 'PageUp', 'End']) {
    expect(step({ key, ...plain }, { row: -1, column: 0 }, empty)?.row).toBe(-1);
  }
});
