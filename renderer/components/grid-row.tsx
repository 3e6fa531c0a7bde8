// One row of a grid. Rendered anew only when something of it changed.

/* oxlint-disable jsx-a11y/prefer-tag-over-role -- see data-grid.tsx */
/* oxlint-disable jsx-a11y/click-events-have-key-events -- keys are the grid's, which has the focus */

import type { ReactNode } from 'react';
import { memo } from 'react';
import type { Column } from './grid-types.ts';

export interface GridRowProps<Item> {
  readonly gridId: string;
  readonly id: string;
  readonly index: number;
  /** Pixels below the head of the list. */
  readonly top: number;
  readonly item: Item;
  readonly columns: readonly Column<Item>[];
  /** -1: none. */
  readonly activeColumn: number;
  /** Undefined where rows are not selected. */
  readonly selected: boolean | undefined;
  readonly onActivate: (cell: { readonly row: string; readonly column: number }) => void;
  readonly onOpen: ((id: string) => void) | undefined;
}

export function cellId(gridId: string, row: string, column: number): string {
  return `${gridId}${row}:${column}`;
}

/** Generic components lose their type in `memo`; this gives it back. */
const memoised: <Props extends object>(component: (props: Props) => ReactNode) => (props: Props) => ReactNode = memo;

function Row<Item>(props: GridRowProps<Item>) {
  const { gridId, id, index, top, item, columns, activeColumn, selected, onActivate, onOpen } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className="grid-row"
      data-active={activeColumn !== -1}
      data-opens={onOpen !== undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={({ target }) => {
        // Links and buttons do their own; a text that is being selected is not a click.
        if (target instanceof Element && target.closest('a, button') !== null) return;
        if (getSelection()?.isCollapsed === false) return;
        onActivate({ row: id, column: Math.max(0, activeColumn) });
        onOpen?.(id);
      }}
    >
      {columns.map((column, columnIndex) => (
        <div
          key={column.id}
          id={cellId(gridId, id, columnIndex)}
          role="gridcell"
          className="grid-cell"
          data-numeric={column.numeric}
          data-active={activeColumn === columnIndex}
        >
          {column.cell(item)}
        </div>
      ))}
    </div>
  );
}

export const GridRow: <Item>(props: GridRowProps<Item>) => ReactNode = memoised(Row);
