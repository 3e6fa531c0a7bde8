// The filter of the table of destinations: words that must all be in the name, and comparisons of its figures, as in
// `orders ready>100 consumers=0`. What is not a comparison is a word, so that nothing typed is an error.

import type { DestinationRow } from '../../../broker/control/api.ts';
import type { Rated } from '../../client/rated-table.ts';
import { kindOf } from './kind.ts';

type Destination = Rated<DestinationRow>;
type Predicate = (destination: Destination) => boolean;

/** Figures by the words for them, in lower case. */
const figures: Readonly<Record<string, (destination: Destination) => number>> = {
  ready: ({ row }) => row.ready,
  inflight: ({ row }) => row.inFlight,
  delayed: ({ row }) => row.delayed,
  dead: ({ row }) => row.dead,
  expired: ({ row }) => row.expired,
  consumers: ({ row }) => row.consumers,
  in: ({ inRate }) => inRate,
  out: ({ outRate }) => outRate,
};

export const figureNames = Object.keys(figures);

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
  '=': (left, right) => left === right,
};

export function parseFilter(expression: string): Predicate {
  const terms = expression.trim().toLowerCase().split(/\s+/).filter(Boolean).map(parseTerm);
  return (destination) => terms.every((matches) => matches(destination));
}

function parseTerm(term: string): Predicate {
  const [, name = '', operator = '', number = ''] = /^([a-z]+)(>=|<=|>|<|=)(\d+(?:\.\d+)?)$/.exec(term) ?? [];
  const figure = figures[name];
  const compare = comparisons[operator];
  if (figure === undefined || compare === undefined) return ({ row }) => textOf(row).includes(term);
  return (destination) => compare(figure(destination), Number(number));
}

function textOf(row: DestinationRow): string {
  const { name, scope = '', clientId = '', topics = '' } = row;
  return `${name} ${kindOf(row)} ${row.kind} ${scope} ${clientId} ${topics}`.toLowerCase();
}
