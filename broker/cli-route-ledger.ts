// The ledger of a route for a person to read: of each field, what became of it.

import { table } from './cli-table.ts';
import type { LedgerRow } from './control/api-routes.ts';

const heads = ['FIELD', 'OUTCOME', 'COUNT', 'WHY', 'SUCH AS'];

export function ledgerText(rows: readonly LedgerRow[]): string {
  return table([
    heads,
    ...rows.map(({ field, outcome, count, reason, examples }) => [
      field,
      outcome,
      String(count),
      reason,
      examples.join(', '),
    ]),
  ]);
}
