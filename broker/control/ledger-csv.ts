// A route's ledger as CSV: a line for each field, outcome and reason.

import type { LedgerRow } from './api-routes.ts';
import { csv } from './csv.ts';

const columns = ['field', 'outcome', 'reason', 'count', 'first', 'last', 'example1', 'example2', 'example3'];
const mostExamples = 3;

export function ledgerCsv(rows: readonly LedgerRow[]): string {
  const lines = rows.map(({ field, outcome, reason, count, firstAt, lastAt, examples }) => {
    const shown = Array.from({ length: mostExamples }, (_, index) => examples[index] ?? '');
    return [field, outcome, reason, String(count), time(firstAt), time(lastAt), ...shown];
  });
  return csv(columns, lines);
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
