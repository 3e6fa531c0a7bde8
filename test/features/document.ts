// The tables of docs/features.md, made of the data that features.test.ts holds.

import { table } from '../interop/markdown.ts';
import { overAmqp10 } from './amqp.ts';
import { overMqtt } from './mqtt.ts';
import { isThere } from './row.ts';
import type { Feature, Own, TestName } from './row.ts';
import { semantics } from './semantics.ts';
import { spoken } from './spoken.ts';
import { overStomp } from './stomp.ts';

/** By the name in the document's markers. */
export const features: Readonly<Record<string, readonly Feature[]>> = {
  spoken,
  'AMQP 1.0': overAmqp10,
  MQTT: overMqtt,
  STOMP: overStomp,
  semantics,
};

export const tables: Readonly<Record<string, () => string>> = Object.fromEntries(
  Object.entries(features).map(([name, rows]) => [
    name,
    () =>
      table(
        ['', 'ActiveMQ Classic', 'RabbitMQ', 'mosquitto', 'Causeway'],
        rows.map(({ what, activemq, rabbitmq, mosquitto, causeway }) => [
          what,
          activemq,
          rabbitmq,
          mosquitto,
          ownCell(causeway),
        ]),
      ),
  ]),
);

/** Its file, from the project's directory, and its title. */
export function placeOf(name: TestName): { readonly file: string; readonly title: string } {
  const end = name.indexOf(': ');
  return { file: `test/${name.slice(0, end)}.test.ts`, title: name.slice(end + 2) };
}

/** What it says, as a link to the first test; the further ones have a number each. */
function ownCell(own: Own): string {
  if (!isThere(own)) return 'tests' in own.by ? links(own.says, own.by.tests) : `[${own.says}](${absences})`;
  return links(own.says, own.tests);
}

const absences = 'compatibility.md#not-there-yet';

function links(says: string, tests: readonly TestName[]): string {
  return tests
    .map((name, i) => {
      const { file, title } = placeOf(name);
      // A vertical line would end the cell, and a quotation mark the title.
      const shown = title.replaceAll('|', String.raw`\|`).replaceAll('"', '&quot;');
      return `[${i === 0 ? says : i + 1}](../${file} "${shown}")`;
    })
    .join(' ');
}
