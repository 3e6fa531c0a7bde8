// What is kept in the store of a comparison: its counts, a few examples, and how much waited. Small, and written at most once
// a second; what it says is at most as old when the engine ends without saying so.

import type { Store } from '../core/store.ts';
import type { Counts, Example, Kept } from './comparison.ts';
import { states } from './comparison.ts';
import type { Difference } from './comparison-difference.ts';

const type = 'route-comparison';

export const comparisonRecords = {
  async read(store: Store, route: string): Promise<Kept | undefined> {
    const kept = await store.readRecord(type, route);
    return kept === undefined ? undefined : parse(kept);
  },

  write(store: Store, route: string, kept: Kept): Promise<void> {
    return store.write([{ kind: 'record', type, key: route, value: Buffer.from(JSON.stringify(kept)) }]);
  },

  /** Those of other routes are forgotten: a route that comes back begins anew. */
  async forgetOthers(store: Store, routes: ReadonlySet<string>): Promise<void> {
    const others = (await store.readRecords(type)).filter(({ key }) => !routes.has(key));
    if (others.length === 0) return;
    await store.write(others.map(({ key }) => ({ kind: 'record', type, key, value: undefined })));
  },
};

function parse(kept: Buffer): Kept {
  const read: unknown = JSON.parse(kept.toString());
  const counts: Record<string, number> = {};
  const entries = Object.entries(memberOf(read, 'counts') ?? {});
  for (const [name, count] of entries) if (typeof count === 'number') counts[name] = count;
  const waiting = memberOf(read, 'waiting');
  const examples = memberOf(read, 'examples');
  return {
    counts: counts satisfies Partial<Counts>,
    examples: Array.isArray(examples) ? examples.flatMap(exampleOf) : [],
    waiting: { left: numberIn(waiting, 'left'), right: numberIn(waiting, 'right') },
  };
}

function exampleOf(read: unknown): readonly Example[] {
  const state = states.find((candidate) => candidate === memberOf(read, 'state'));
  if (state === undefined || state === 'arrived') return [];
  const difference = memberOf(read, 'difference');
  const byMs = memberOf(read, 'byMs');
  return [
    {
      state,
      id: textIn(read, 'id'),
      at: numberIn(read, 'at'),
      ...(typeof byMs === 'number' ? { byMs } : {}),
      ...(difference === undefined ? {} : { difference: differenceIn(difference) }),
    },
  ];
}

function differenceIn(read: unknown): Difference {
  return { field: textIn(read, 'field'), left: textIn(read, 'left'), right: textIn(read, 'right') };
}

function memberOf(read: unknown, name: string): unknown {
  return typeof read === 'object' && read !== null && Object.hasOwn(read, name) ? Reflect.get(read, name) : undefined;
}

function numberIn(read: unknown, name: string): number {
  const value = memberOf(read, name);
  return typeof value === 'number' ? value : 0;
}

function textIn(read: unknown, name: string): string {
  const value = memberOf(read, name);
  return typeof value === 'string' ? value : '';
}
