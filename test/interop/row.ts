// The form of the tables: what is sent with one field set, and what a receiver of each dialect sees of it.

import type { Expected, View } from './view.ts';

export const dialectNames = {
  amqp: 'AMQP 1.0',
  mqtt: 'MQTT 3.1.1',
  mqtt5: 'MQTT 5',
  stomp: 'STOMP',
  sqs: 'SQS',
} as const;

export type DialectName = keyof typeof dialectNames;

/** It arrives at the places from which it was sent. */
export const asSent = 'as sent';

/** The route does not take the message: it becomes a dead letter of the broker, for this reason. */
export interface Refused {
  readonly refused: string;
}

/** What is not named arrives as in the table's first row; `undefined` is a place of that row that is not there now. */
export type Cell = Readonly<Record<string, Expected[string] | undefined>> | typeof asSent | Refused;

/** A cell that is left out: nothing of the field arrives. */
export interface Row<Sent> extends Readonly<Partial<Record<DialectName, Cell>>> {
  readonly field: string;
  readonly send: Sent;
}

/** A table: its first row is the least that can be sent, and says everything that arrives. */
export interface Table<Sent> {
  readonly from: DialectName;
  readonly to: readonly DialectName[];
  /** Where messages are sent to, as the sender says it. */
  readonly address: View;
  readonly rows: readonly [Row<Sent>, ...Row<Sent>[]];
  readonly viewOfSent: (sent: Sent) => View;
}

/** The places in which a row differs from the first. */
export function sentPlaces<Sent>({ rows: [base], address, viewOfSent }: Table<Sent>, row: Row<Sent>): View {
  if (row === base) return { ...address, ...viewOfSent(base.send) };
  const usual = viewOfSent(base.send);
  return Object.fromEntries(Object.entries(viewOfSent(row.send)).filter(([place, value]) => usual[place] !== value));
}

/** What a row says of a receiver; where it does not speak of MQTT 5, that is as MQTT 3.1.1. */
export function cellOf<Sent>(row: Row<Sent>, to: DialectName): Cell | undefined {
  return to === 'mqtt5' ? (row.mqtt5 ?? row.mqtt) : row[to];
}

export function isRefused(cell: Cell | undefined): cell is Refused {
  return typeof cell === 'object' && typeof cell['refused'] === 'string';
}

/** All that a receiver is to see. */
export function expectedView<Sent>(table: Table<Sent>, row: Row<Sent>, to: DialectName): Expected {
  const view: Record<string, Expected[string]> = {};
  for (const cell of [cellOf(table.rows[0], to), cellOf(row, to)]) {
    if (cell === undefined || isRefused(cell)) continue;
    const places = cell === asSent ? sentPlaces(table, row) : cell;
    for (const [place, value] of Object.entries(places)) {
      if (value === undefined) delete view[place];
      else view[place] = value;
    }
  }
  return view;
}
