import { expect, it } from 'vitest';
import type { DestinationRow } from '../../broker/control/api.ts';
import { parseFilter } from '../../renderer/views/destinations/filter-expression.ts';

const base = { ready: 0, inFlight: 0, delayed: 0, dead: 0, expired: 0, consumers: 1, enqueued: 0, dequeued: 0 };
const rows: readonly DestinationRow[] = [
  { id: '1', world: 'mq', kind: 'queue', name: 'orders', ...base, ready: 150 },
  { id: '2', world: 'mq', kind: 'queue', name: 'Orders.priority', ...base, ready: 100, dead: 2 },
  { id: '3', world: 'mq', kind: 'topic', name: 'telemetry.>', ...base, consumers: 0 },
  { id: '4', world: 'aws', kind: 'queue', name: 'ready-steady', scope: '000000000000/eu-west-1', ...base, inFlight: 3 },
];

function found(expression: string): string[] {
  const matches = parseFilter(expression);
  return rows.filter((row) => matches({ row, inRate: Number(row.id), outRate: 0 })).map(({ id }) => id);
}

it.each([
  ['', ['1', '2', '3', '4']],
  ['   ', ['1', '2', '3', '4']],
  ['orders', ['1', '2']],
  ['ORDERS priority', ['2']],
  ['ready>100', ['1']],
  ['ready>=100', ['1', '2']],
  ['ready=100', ['2']],
  ['orders ready<150', ['2']],
  ['dead>0', ['2']],
  ['inflight<=3 inflight>0', ['4']],
  ['consumers=0', ['3']],
  ['in>2.5', ['3', '4']],
  ['topic', ['3']],
  ['eu-west-1', ['4']],
  ['ready', ['4']],
  ['telemetry.>', ['3']],
  ['size>3', []],
])('%j finds %j', (expression, expected) => {
  expect(found(expression)).toEqual(expected);
});
