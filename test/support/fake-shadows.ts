// Routes that copy without consuming, as the fake engine has them: one that compares, and a dry run.

import { BrokerError } from '../../broker/core/errors.ts';
import type { RouteComparison, RouteRow } from '../../broker/control/api-routes.ts';

export const shadowRoutes: readonly RouteRow[] = [
  {
    name: 'payments-shadow',
    from: 'queue://payments.captured',
    to: 'sqs://payments',
    state: 'running',
    mode: 'shadow',
    transferred: 20_418,
    deadLettered: 2,
    losses: [],
    behind: 14,
    droppedCopies: 0,
    compared: {
      left: 20_400,
      right: 20_371,
      arrived: 20_366,
      missing: 21,
      extra: 5,
      late: 148,
      reordered: 36,
      different: 3,
      unknown: 0,
      endedEarly: 0,
      leftFailed: 4,
      rightFailed: 9,
      unkeyed: 0,
    },
  },
  {
    name: 'labels-rehearsal',
    from: 'queue://shipping.labels',
    to: 'sqs://labels.fifo',
    state: 'running',
    mode: 'dry-run',
    transferred: 8_102,
    deadLettered: 317,
    losses: [
      { field: 'body', outcome: 'refused', reason: "larger than the target's limit of 1048576 bytes", count: 317 },
    ],
    behind: 0,
    droppedCopies: 0,
  },
];

/** `now`: milliseconds since the epoch. */
export function comparisonOf(route: RouteRow | undefined, now: number): RouteComparison {
  if (route === undefined) throw new BrokerError('not-found', 'no such route');
  const { name, mode, from, to, transferred: sent, deadLettered: refused, compared: counts } = route;
  if (mode === undefined) throw new BrokerError('unsupported', `route "${name}" moves`);
  const { behind = 0, droppedCopies: dropped = 0 } = route;
  const about = { name, mode, from, to, sent, refused, behind, dropped };
  if (counts === undefined) return about;
  const at = now - 42_000;
  return {
    ...about,
    compared: {
      left: from,
      right: to,
      by: 'the message itself',
      lateMs: 5000,
      windowMs: 60_000,
      counts,
      waiting: { left: 13, right: 0 },
      examples: [
        { state: 'missing', id: 'ID:shop-web-1-41000-1:1:88', at },
        { state: 'late', id: 'ID:shop-web-1-41000-1:1:91', at, byMs: 7312 },
        { state: 'reordered', id: 'ID:shop-web-2-41007-1:1:12', at },
        {
          state: 'different',
          id: 'ID:shop-web-1-41000-1:1:97',
          at,
          difference: { field: '$.customer.address.country', left: 'DE', right: '(absent)' },
        },
        {
          state: 'different',
          id: 'ID:shop-web-1-41000-1:1:99',
          at,
          difference: { field: '$.card.token', left: '(hidden)', right: '(hidden)' },
        },
      ],
    },
  };
}
