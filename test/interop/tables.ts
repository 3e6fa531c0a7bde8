// The tables of docs/compatibility.md, made of the data that the tests of this folder hold.

import { inConfiguration, overAmqp, overStomp } from './absences.ts';
import { destinations } from './destinations.ts';
import { differences, plainly } from './differences.ts';
import { happenings } from './earlier-deliveries.ts';
import type { Happening } from './earlier-deliveries.ts';
import { fromAmqp } from './from-amqp.ts';
import { fromMqtt } from './from-mqtt.ts';
import { fromMqtt5 } from './from-mqtt5.ts';
import { fromSqs } from './from-sqs.ts';
import { fromStomp } from './from-stomp.ts';
import { table } from './markdown.ts';
import { asSent, cellOf, dialectNames, isRefused, sentPlaces } from './row.ts';
import type { Cell, Table } from './row.ts';
import type { Pattern } from './view.ts';

/** By the name in the document's markers. */
export const tables: Readonly<Record<string, () => string>> = {
  destinations: () =>
    table(
      ['', 'AMQP 1.0, and routes', 'MQTT', 'STOMP'],
      destinations.map(({ what, amqp, mqtt, stomp }) => [
        what,
        amqp.map(code).join(' or '),
        mqtt === undefined ? 'cannot be reached' : code(mqtt),
        code(stomp),
      ]),
    ),
  'from AMQP 1.0': () => crossing(fromAmqp),
  'from MQTT': () => crossing(fromMqtt),
  'from MQTT 5': () => crossing(fromMqtt5),
  'from STOMP': () => crossing(fromStomp),
  SQS: () => crossing(fromSqs),
  'earlier deliveries': () =>
    table(
      ['what happened', 'AMQP 1.0', 'MQTT', 'STOMP', 'SQS'],
      Object.values<Happening>(happenings).map(({ what, amqp, mqtt, stomp, sqs }) => [
        what,
        ...[amqp, mqtt, stomp, sqs].map(cellText),
      ]),
    ),
  differences: () => list(Object.values(differences)),
  absences: () =>
    table(
      ['', 'over', 'asked by', 'answered'],
      [
        ...absences('AMQP 1.0', overAmqp),
        ...absences('STOMP', overStomp),
        ...absences('configuration', inConfiguration),
      ],
    ),
  plainly: () => list(Object.values(plainly)),
};

function crossing<Sent>(source: Table<Sent>): string {
  const [base] = source.rows;
  return table(
    ['', 'sent', ...source.to.map((to) => `received: ${dialectNames[to]}`)],
    source.rows.map((row) => {
      const sent = sentPlaces(source, row);
      const arrived = source.to.map((to) => {
        const cell = cellOf(row, to);
        return cellText('body' in sent ? withBody(cell, cellOf(base, to)) : cell);
      });
      return [row.field, placesText(sent), ...arrived];
    }),
  );
}

/** Of another body that arrives as the first row's does, the cell says so. */
function withBody(cell: Cell | undefined, base: Cell | undefined): Cell | undefined {
  if (cell === asSent || base === asSent || isRefused(cell) || isRefused(base)) return cell;
  return { ...cell, body: cell?.['body'] ?? base?.['body'] };
}

function absences(
  over: string,
  rows: readonly { readonly what: string; readonly asked: string; readonly answer: string }[],
): string[][] {
  return rows.map(({ what, asked, answer }) => [what, over, asked, answer]);
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined || cell === asSent) return cell ?? '—';
  return isRefused(cell) ? `refused: *${cell.refused}*` : placesText(cell);
}

function placesText(places: Readonly<Record<string, string | Pattern | undefined>>): string {
  const lines = Object.entries(places).map(([place, value]) => {
    if (typeof value === 'object') return `${code(place)}: ${value.says}`;
    return code(`${place}: ${value}`);
  });
  return lines.length === 0 ? '—' : lines.join('<br>');
}

function code(text: string): string {
  return `\`${text}\``;
}

function list(items: readonly string[]): string {
  return `${items.map((item) => `- ${item}`).join('\n')}\n`;
}
