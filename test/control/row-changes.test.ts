import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowChanges } from '../../broker/control/row-changes.ts';

interface Row {
  readonly id: string;
  readonly count: number;
  readonly note?: string;
  readonly losses: readonly string[];
}

const tables = fc.array(
  fc.uniqueArray(
    fc.record(
      {
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        count: fc.nat(2),
        note: fc.constantFrom('x', 'y'),
        losses: fc.array(fc.constantFrom('p', 'q'), { maxLength: 2 }),
      },
      { requiredKeys: ['id', 'count', 'losses'] },
    ),
    { selector: ({ id }) => id },
  ),
  { minLength: 1, maxLength: 12 },
);

describe('row changes', () => {
  it('bring whoever has the table of any earlier tick to that of the newest', () => {
    fc.assert(
      fc.property(tables, (history) => {
        const changes = new RowChanges<Row>(({ id }) => id);
        for (const [tick, rows] of history.entries()) changes.update(rows, tick + 1);
        const newest = new Map(history.at(-1)?.map((row) => [row.id, row]));
        for (const [tick, rows] of history.entries()) {
          const held = new Map<string, Row>(rows.map((row) => [row.id, row]));
          const since = changes.since(tick + 1);
          for (const id of since?.removed ?? []) held.delete(id);
          for (const row of since?.changed ?? []) held.set(row.id, row);
          expect(held).toEqual(newest);
        }
      }),
      { seed: 20_261_121, numRuns: 300 },
    );
  });

  it('are empty for rows that are the same, field by field', () => {
    const changes = new RowChanges<Row>(({ id }) => id);
    changes.update([{ id: 'a', count: 1, losses: ['p'] }], 1);
    expect(changes.update([{ id: 'a', count: 1, losses: ['p'] }], 2)).toEqual({ changed: [], removed: [] });
    expect(changes.update([{ id: 'a', count: 1, losses: ['p', 'q'] }], 3).changed).toHaveLength(1);
    expect(changes.update([{ id: 'a', count: 1, losses: ['p', 'q'], note: 'x' }], 4).changed).toHaveLength(1);
    expect(changes.update([{ id: 'a', count: 1, losses: ['p', 'q'] }], 5).changed).toHaveLength(1);
  });
});
