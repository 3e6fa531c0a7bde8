// A route's ledger as CSV [RFC 4180]: a line for each field, outcome and reason.

import type { LedgerRow } from './api.ts';

const columns = ['field', 'outcome', 'reason', 'count', 'first', 'last', 'example1', 'example2', 'example3'];
const mostExamples = 3;

export function ledgerCsv(rows: readonly LedgerRow[]): string {
  const lines = rows.map(({ field, outcome, reason, count, firstAt, lastAt, examples }) => {
    const shown = Array.from({ length: mostExamples }, (_, index) => examples[index] ?? '');
    return [field, outcome, reason, String(count), time(firstAt), time(lastAt), ...shown].map(cell).join(',');
  });
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function cell(text: string): string {
  // Values come from messages: a spreadsheet is not to take one for a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
