// What a grid is made of.

import type { ReactNode } from 'react';

export interface Column<Item> {
  readonly id: string;
  readonly header: string;
  /** What the column means, where its header is too short to say. */
  readonly hint?: string;
  /** In rem; the least where it grows. */
  readonly width: number;
  readonly grows?: boolean;
  readonly numeric?: boolean;
  /** Left out where there is no room, as what can be spared or is said elsewhere. */
  readonly spare?: boolean;
  /** Absent: the column cannot be sorted by. */
  readonly sortValue?: (item: Item) => string | number;
  readonly cell: (item: Item) => ReactNode;
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

/** A row as it was when rows last found their places. */
export interface Held<Item> {
  readonly id: string;
  readonly item: Item;
}
