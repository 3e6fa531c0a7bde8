// Where a key leads from a cell of a grid [APG, Grid pattern: keyboard interaction].

/** Stands for the row of headers where rows are known by their ids; ids of rows are never empty. */
export const headerRow = '';

export interface Position {
  /** -1: the headers. */
  readonly row: number;
  readonly column: number;
}

interface Extent {
  readonly rows: number;
  readonly columns: number;
  /** Rows in sight. */
  readonly pageRows: number;
}

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** Undefined where the key is none of the grid's. */
export function step({ key, ctrlKey, metaKey }: Key, from: Position, extent: Extent): Position | undefined {
  const { row, column } = from;
  const lastRow = extent.rows - 1;
  const lastColumn = extent.columns - 1;
  const far = ctrlKey || metaKey;
  const target = ((): Position | undefined => {
    switch (key) {
      case 'ArrowUp':
        return { row: row - 1, column };
      case 'ArrowDown':
        return { row: row + 1, column };
      case 'ArrowLeft':
        return { row, column: column - 1 };
      case 'ArrowRight':
        return { row, column: column + 1 };
      case 'PageUp':
        return { row: Math.max(0, row - extent.pageRows), column };
      case 'PageDown':
        return { row: row + extent.pageRows, column };
      case 'Home':
        return far ? { row: 0, column: 0 } : { row, column: 0 };
      case 'End':
        return far ? { row: lastRow, column: lastColumn } : { row, column: lastColumn };
      default:
        return undefined;
    }
  })();
  return target && { row: within(target.row, -1, lastRow), column: within(target.column, 0, lastColumn) };
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
