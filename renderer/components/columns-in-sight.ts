// The columns for which there is room: on a narrow screen, all but those that can be spared.

import { useMemo, useSyncExternalStore } from 'react';
import type { Column } from './grid-types.ts';

/** The same width at which the style sheets change to one column. */
const narrow = matchMedia('(max-width: 46rem)');

export function useColumnsInSight<Item>(columns: readonly Column<Item>[]): readonly Column<Item>[] {
  const isNarrow = useSyncExternalStore(subscribe, () => narrow.matches);
  return useMemo(() => (isNarrow ? columns.filter(({ spare }) => spare !== true) : columns), [columns, isNarrow]);
}

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}
