// A table of any number of rows, of which only those in sight are in the document. An ARIA grid [APG, Grid pattern]:
// one stop of the Tab key, arrow keys from cell to cell, Enter for what the cell or its row does. Rows are sorted and
// filtered by settled values and drawn with the latest, so that figures move and rows stay.

/* oxlint-disable jsx-a11y/prefer-tag-over-role -- rows are placed one by one, which a table's own layout does not do */

import type { ColumnDef } from '@tanstack/react-table';
import { createSortedRowModel, rowSortingFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { KeyboardEvent, ReactNode } from 'react';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { cellId, GridRow } from './grid-row.tsx';
import type { Column, Held, Sort } from './grid-types.ts';
import { headerRow, step } from './grid-steps.ts';
import { useColumnsInSight } from './columns-in-sight.ts';
import { useRowHeight } from './row-height.ts';
import './data-grid.css';

const overscan = 6;

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

interface DataGridProps<Item> {
  readonly label: string;
  readonly columns: readonly Column<Item>[];
  /** What is sorted, already filtered: the same list for as long as rows are to stay where they are. */
  readonly rows: readonly Held<Item>[];
  /** The newest of a row; absent where rows never change. */
  readonly latest?: ((id: string) => Item | undefined) | undefined;
  readonly sort?: Sort | undefined;
  readonly onSort?: ((sort: Sort) => void) | undefined;
  /** Enter, or a click, on a row. */
  readonly onOpen?: ((id: string) => void) | undefined;
  readonly selected?: string | undefined;
  /** Shown in place of rows. */
  readonly empty: ReactNode;
}

interface ActiveCell {
  /** A row's id, or `headerRow`. */
  readonly row: string;
  readonly column: number;
}

export function DataGrid<Item>(props: DataGridProps<Item>) {
  const { label, rows: held, latest, sort, onSort, onOpen, selected, empty } = props;
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<ActiveCell>();
  const rowHeight = useRowHeight();
  const columns = useColumnsInSight(props.columns);

  const definitions = useMemo(() => columns.map((column) => definitionOf(column)), [columns]);
  const sorting = useMemo(() => (sort === undefined ? [] : [{ id: sort.column, desc: sort.descending }]), [sort]);
  const table = useTable({
    features,
    columns: definitions,
    data: held,
    getRowId: ({ id }) => id,
    state: { sorting },
  });
  const { rows } = table.getRowModel();
  const indexOf = useCallback((id: string) => rows.findIndex((row) => row.id === id), [rows]);
  const activeIndex = active === undefined || active.row === headerRow ? -1 : indexOf(active.row);

  // oxlint-disable-next-line react/incompatible-library -- its values stay in this component
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.id ?? index,
    // The header is sticky and scrolls with the rows.
    scrollMargin: rowHeight,
    overscan,
    useFlushSync: false,
    // The active cell stays in the document wherever one has scrolled to: it is what the grid's focus points at.
    rangeExtractor: (range) => {
      const indexes = defaultRangeExtractor(range);
      return activeIndex === -1 || indexes.includes(activeIndex) ? indexes : [...indexes, activeIndex];
    },
  });
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);

  const activeRow = active?.row === headerRow ? headerRow : activeIndex === -1 ? undefined : active?.row;
  const activeCellId = activeRow === undefined ? undefined : cellId(gridId, activeRow, active?.column ?? 0);
  useEffect(() => {
    if (active === undefined) return;
    document.getElementById(cellId(gridId, active.row, active.column))?.scrollIntoView({
      block: 'nearest',
      inline: 'nearest',
    });
  }, [active, gridId]);

  const toggleSort = (column: Column<Item>) => {
    if (column.sortValue === undefined || onSort === undefined) return;
    const descending = sort?.column === column.id ? !sort.descending : column.numeric === true;
    onSort({ column: column.id, descending });
  };

  const activate = () => {
    const column = columns[active?.column ?? 0];
    if (activeRow === headerRow && column !== undefined) return toggleSort(column);
    if (activeCellId === undefined || activeRow === undefined) return;
    const control = document.getElementById(activeCellId)?.querySelector<HTMLElement>('a, button');
    if (control === null || control === undefined) onOpen?.(activeRow);
    else control.click();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      return activate();
    }
    const position = { row: activeRow === headerRow ? -1 : activeIndex, column: active?.column ?? 0 };
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const next = step(event, position, { rows: rows.length, columns: columns.length, pageRows });
    if (next === undefined) return;
    event.preventDefault();
    setActive({ row: rows[next.row]?.id ?? headerRow, column: next.column });
  };

  const template = columns.map(({ width, grows }) => (grows === true ? `minmax(${width}rem, 1fr)` : `${width}rem`));
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const style = {
    '--grid-columns': template.join(' '),
    '--grid-width': `${width}rem`,
    '--grid-first': `${columns[0]?.width ?? 0}rem`,
  };
  return (
    <div
      ref={scroller}
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={activeCellId}
      tabIndex={0}
      style={style}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target === event.currentTarget && activeCellId === undefined) {
          setActive({ row: rows[0]?.id ?? headerRow, column: 0 });
        }
      }}
    >
      <div role="rowgroup">
        <div className="grid-header" role="row" aria-rowindex={1}>
          {columns.map((column, index) => (
            <GridHeader
              key={column.id}
              id={cellId(gridId, headerRow, index)}
              column={column}
              sort={sort?.column === column.id ? sort : undefined}
              active={activeRow === headerRow && active?.column === index}
              onClick={() => toggleSort(column)}
            />
          ))}
        </div>
      </div>
      {rows.length === 0 && (
        <div role="rowgroup" className="grid-empty">
          <div role="row">
            <div role="gridcell" aria-colspan={columns.length}>
              {empty}
            </div>
          </div>
        </div>
      )}
      <div role="rowgroup" className="grid-body" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const { id, item } = row.original;
          return (
            <GridRow
              key={id}
              gridId={gridId}
              id={id}
              index={index}
              top={start - rowHeight}
              item={latest?.(id) ?? item}
              columns={columns}
              activeColumn={activeRow === id ? (active?.column ?? 0) : -1}
              selected={selected === undefined ? undefined : selected === id}
              onActivate={setActive}
              onOpen={onOpen}
            />
          );
        })}
      </div>
    </div>
  );
}

interface GridHeaderProps<Item> {
  readonly id: string;
  readonly column: Column<Item>;
  readonly sort: Sort | undefined;
  readonly active: boolean;
  readonly onClick: () => void;
}

function GridHeader<Item>({ id, column, sort, active, onClick }: GridHeaderProps<Item>) {
  const direction = sort === undefined ? 'none' : sort.descending ? 'descending' : 'ascending';
  const sortable = column.sortValue !== undefined;
  return (
    <div
      id={id}
      role="columnheader"
      className="grid-cell"
      data-numeric={column.numeric}
      data-active={active}
      title={column.hint}
      {...(sortable ? { 'aria-sort': direction, onClick, 'data-sortable': true } : {})}
    >
      <span>{column.header}</span>
      {sortable && <span className="grid-sort" aria-hidden="true" data-direction={direction} />}
    </div>
  );
}

function definitionOf<Item>(column: Column<Item>): ColumnDef<typeof features, Held<Item>> {
  return {
    id: column.id,
    accessorFn: ({ item }) => column.sortValue?.(item),
    sortFn: (left, right, id) => compare(left.getValue(id), right.getValue(id)),
  };
}

const names = new Intl.Collator('en', { numeric: true });

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return names.compare(String(left), String(right));
}
