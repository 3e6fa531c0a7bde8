// A table's order in the address: `ready` is ascending, `-ready` descending.

import type { Sort } from './components/grid-types.ts';

export function parseSort(parameter: string | null, byDefault: string): Sort {
  const text = parameter === null || parameter === '' ? byDefault : parameter;
  return text.startsWith('-') ? { column: text.slice(1), descending: true } : { column: text, descending: false };
}

export function sortParameter({ column, descending }: Sort): string {
  return `${descending ? '-' : ''}${column}`;
}
