// Every cell of the tables in docs/compatibility.md: a real client of each dialect sends, one of each receives.

import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { AmqpEnd } from './ends/amqp.ts';
import type { AmqpSubscription } from './ends/amqp.ts';
import { MqttEnd } from './ends/mqtt.ts';
import { SqsEnd } from './ends/sqs.ts';
import { StompEnd } from './ends/stomp.ts';
import type { StompSubscription } from './ends/stomp.ts';
import { fromAmqp } from './from-amqp.ts';
import { fromMqtt, mqttTopic } from './from-mqtt.ts';
import { fromMqtt5 } from './from-mqtt5.ts';
import { fromSqs } from './from-sqs.ts';
import { fromStomp } from './from-stomp.ts';
import { dialectNames, expectedView, isRefused } from './row.ts';
import type { DialectName, Row, Table } from './row.ts';
import { recognised, spoken } from './view.ts';
import type { View } from './view.ts';

const configuration = `
cloud: { queues: [{ name: orders }] }
routes: [{ name: orders, from: 'topic://shop.>', to: 'sqs://orders' }]
`;

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

let amqp: AmqpEnd;
let mqtt: MqttEnd;
let mqtt5: MqttEnd;
let stomp: StompEnd;
let sqs: SqsEnd;
let overAmqp: AmqpSubscription;
let overStomp: StompSubscription;
let deadLetters: AmqpSubscription;

beforeAll(async () => {
  const { path } = stack.use(await temporaryDirectory());
  const config = join(path, 'causeway.yml');
  await writeFile(config, configuration);
  const engine = stack.use(new EngineProcess({ dataDirectory: path, config }));
  const { listeners } = await engine.seen('ready');
  const port = (name: string): number => listeners[name]!.port;
  amqp = stack.use(await AmqpEnd.connect(port('amqp')));
  mqtt = stack.use(await MqttEnd.connect(port('mqtt')));
  mqtt5 = stack.use(await MqttEnd.connect(port('mqtt'), { protocolVersion: 5 }));
  stomp = stack.use(await StompEnd.connect(port('stomp')));
  sqs = stack.use(new SqsEnd(port('cloud')));
  overAmqp = await amqp.receive('topic://shop.>');
  overStomp = await stomp.receive('/topic/shop.>');
  await mqtt.receive('shop/#');
  await mqtt5.receive('shop/#');
  deadLetters = await amqp.receive('queue://ActiveMQ.DLQ');
});

/** What came of one message, by dialect. */
type Arrived = Readonly<Partial<Record<DialectName, View>>>;

async function arrivals(row: Row<unknown>): Promise<Arrived> {
  const come = await overAmqp.inbox.next('a message over AMQP');
  come.delivery.accept();
  return {
    amqp: come.view,
    mqtt: await mqtt.inbox.next('a message over MQTT'),
    mqtt5: await mqtt5.inbox.next('a message over MQTT 5'),
    stomp: (await overStomp.inbox.next('a message over STOMP')).view,
    sqs: isRefused(row.sqs) ? await reasonOfDeath() : await sqs.take('orders'),
  };
}

async function reasonOfDeath(): Promise<View> {
  const { view, delivery } = await deadLetters.inbox.next('a dead letter');
  delivery.accept();
  const reason = view['delivery annotation x-opt-dead-letter-reason'] ?? '';
  return { refused: reason.replace(/^"route orders: body: (.*)"$/, '$1') };
}

/** `cross` sends what is in the row, and gathers what arrives. */
function holds<Sent>(table: Table<Sent>, cross: (row: Row<Sent>) => Promise<Arrived>): void {
  describe(`from ${dialectNames[table.from]}`, () => {
    describe.each(table.rows.map((row) => [row.field, row] as const))('%s', (_, row) => {
      let sentAt = 0;
      let arrived: Promise<Arrived>;

      beforeAll(() => {
        sentAt = Date.now();
        arrived = cross(row);
        return arrived;
      });

      it.each(table.to)('to %s', async (to) => {
        const view = (await arrived)[to]!;
        const cell = row[to];
        if (isRefused(cell)) {
          expect(view).toEqual(cell);
          return;
        }
        const expected = expectedView(table, row, to);
        expect(recognised(view, expected, sentAt)).toEqual(spoken(expected));
      });
    });
  });
}

holds(fromAmqp, async (row) => {
  await amqp.send('topic://shop.orders', row.send);
  return arrivals(row);
});

holds(fromMqtt, async (row) => {
  await mqtt.send(mqttTopic, row.send);
  return arrivals(row);
});

holds(fromMqtt5, async (row) => {
  await mqtt5.send(mqttTopic, row.send);
  return arrivals(row);
});

holds(fromStomp, async (row) => {
  await stomp.send('/topic/shop.orders', row.send);
  return arrivals(row);
});

holds(fromSqs, async ({ send }) => {
  await sqs.send('orders', send);
  return { sqs: await sqs.take('orders') };
});
