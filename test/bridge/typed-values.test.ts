// Typed values of AMQP through SQS and back, with a client of AMQP on both sides, and what the ledger says of their types.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import rhea from 'rhea';
import type { Connection, EventContext, Message } from 'rhea';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Methods } from '../../broker/control/api.ts';
import { valueOfJson } from '../../broker/protocols/amqp/message/from-json.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { within } from '../support/within.ts';

const token = 'a-token-of-this-test';
const { types } = rhea;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
let connection: Connection;
let control: number;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const config = join(directory.path, 'causeway.yml');
  await writeFile(
    config,
    `
cloud: { queues: [{ name: between }] }
routes:
  - { name: there, from: queue://in, to: sqs://between }
  - { name: back, from: sqs://between, to: queue://out }
`,
  );
  engine = new EngineProcess({ dataDirectory: join(directory.path, 'data'), config, set: [`console.token=${token}`] });
  const { listeners } = await engine.seen('ready');
  control = listeners['console']!.port;
  const { port } = listeners['amqp']!;
  connection = rhea.create_container().connect({ host: '127.0.0.1', port, reconnect: false });
  // The engine is killed before it is closed.
  connection.on('disconnected', () => undefined);
  await once(connection, 'connection_open');
});
afterAll(async () => {
  connection.close();
  await engine[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** What arrives at the other side, one after the other. */
async function crossed(messages: readonly Message[]): Promise<readonly Message[]> {
  const sender = connection.open_sender('in');
  const receiver = connection.open_receiver({ source: 'out', credit_window: 100 });
  const found: Message[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.on('message', ({ message }: EventContext) => {
    if (message !== undefined) found.push(message);
    if (found.length === messages.length) resolve();
  });
  await once(sender, 'sendable');
  for (const message of messages) sender.send(message);
  await within(promise, 20_000, () => `${messages.length} messages to cross, of which ${found.length} are there`);
  sender.close();
  receiver.close();
  return found;
}

const annotated = (message: Message): unknown => message.message_annotations?.['x-opt-jms-msg-type'];

it('come back as what they were, and as the kinds of messages that JMS has for them', async () => {
  const map = { name: 'desk', count: 3, price: 9.5, sold: false, none: null, sizes: [1, 2], inner: { far: 2 ** 40 } };
  const bodies = [map, ['a', 1, true, null], [[1], { a: 2 }], 42, true, 1.5, types.wrap_long(2 ** 50)];
  const found = await crossed(bodies.map((body) => ({ body })));
  expect(found.map(({ body }) => body as unknown)).toEqual([...bodies.slice(0, -1), 2 ** 50]);
  expect(found.map(annotated)).toEqual([2, 4, 1, 1, 1, 1, 1]);
});

it('are in the ledger where AMQP alone has their type', async () => {
  await crossed([
    {
      body: { at: types.wrap_timestamp(5), plain: 'x' },
      message_id: 7,
      correlation_id: Buffer.alloc(16, 1),
      application_properties: {
        sign: types.wrap_char(0x41),
        little: types.wrap_ubyte(200),
        when: types.wrap_timestamp(5),
      },
    },
  ]);
  const response = await fetch(`http://127.0.0.1:${control}/api/routeLedger`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'there' }),
  });
  const ledger = (await response.json()) as Methods['routeLedger']['response'];
  const rows = 'rows' in ledger ? ledger.rows : [];
  const ofTypes = rows.filter(({ field }) => field.startsWith('type'));
  expect(Object.fromEntries(ofTypes.map(({ field, reason }) => [field, reason]))).toEqual({
    'type of id': 'only AMQP has ulong',
    'type of correlationId': 'only AMQP has uuid',
    'type of sign': 'only AMQP has char',
    'type of little': 'only AMQP has ubyte',
    'types of the body': 'AMQP types written as JSON',
  });
  expect(new Set(ofTypes.map(({ outcome }) => outcome))).toEqual(new Set(['changed']));
});

it.each([
  ['-0', { type: 'double', value: -0 }],
  ['2147483648', { type: 'long', value: 2n ** 31n }],
  ['-9223372036854775808', { type: 'long', value: -(2n ** 63n) }],
  ['9223372036854775808', { type: 'string', value: '9223372036854775808' }],
  ['1e+300', { type: 'double', value: 1e300 }],
  ['no JSON', undefined],
  [`${'['.repeat(70)}${']'.repeat(70)}`, undefined],
  ['['.repeat(1_000_000), undefined],
])('are read from JSON as AMQP has them: %.20s', (json, value) => {
  expect(valueOfJson(json)).toEqual(value);
});
