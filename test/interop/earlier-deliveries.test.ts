// What receivers are told of what happened to a message before, as docs/compatibility.md has it.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { happenings, ofEarlierDeliveries } from './earlier-deliveries.ts';
import type { Happening, HappeningName } from './earlier-deliveries.ts';
import { AmqpEnd } from './ends/amqp.ts';
import type { AmqpReceived } from './ends/amqp.ts';
import { MqttEnd } from './ends/mqtt.ts';
import { SqsEnd, sqsView } from './ends/sqs.ts';
import { StompEnd } from './ends/stomp.ts';
import type { DialectName } from './row.ts';
import { recognised, spoken } from './view.ts';
import type { Expected, View } from './view.ts';

const configuration = `
cloud: { queues: [{ name: dead }, { name: orders }] }
routes:
  - { name: dead, from: 'queue://ActiveMQ.DLQ', to: 'sqs://dead' }
  - { name: orders, from: 'topic://orders', to: 'sqs://orders' }
`;

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

/** Without routes, and with a route that takes the dead letters. */
let plain: EngineProcess;
let routed: EngineProcess;

beforeAll(async () => {
  const { path } = stack.use(await temporaryDirectory());
  const config = join(path, 'causeway.yml');
  await writeFile(config, configuration);
  plain = stack.use(new EngineProcess({ dataDirectory: join(path, 'plain') }));
  routed = stack.use(new EngineProcess({ dataDirectory: join(path, 'routed'), config }));
  await Promise.all([plain.seen('ready'), routed.seen('ready')]);
});

async function port(engine: EngineProcess, listener: string): Promise<number> {
  return (await engine.seen('ready')).listeners[listener]!.port;
}

/** An AMQP receiver of queue `orders` takes the message, does something about it, and leaves. */
async function receives(engine: EngineProcess, act: (received: AmqpReceived, end: AmqpEnd) => void): Promise<void> {
  await using end = await AmqpEnd.connect(await port(engine, 'amqp'));
  const { inbox } = await end.receive('orders', { credit: 1 });
  act(await inbox.next('the message'), end);
}

/** Acts with the name of what happens, upon the one message in queue `orders`. */
const acts: Readonly<Partial<Record<HappeningName, (engine: EngineProcess) => Promise<void>>>> = {
  nothing: async () => {},
  lost: (engine) => receives(engine, (_, end) => end.drop()),
  released: (engine) => receives(engine, ({ delivery }) => delivery.release()),
  failed: (engine) => receives(engine, ({ delivery }) => delivery.modified({ delivery_failed: true })),
  failedForGood: async (engine) => {
    for (let i = 0; i < 7; i++) await acts.failed!(engine);
  },
  rejected: (engine) =>
    receives(engine, ({ delivery }) => delivery.reject({ condition: 'shop:no-stock', description: 'sold out' })),
  undeliverable: (engine) => receives(engine, ({ delivery }) => delivery.modified({ undeliverable_here: true })),
  nacked: async (engine) => {
    await using end = await StompEnd.connect(await port(engine, 'stomp'));
    const { inbox } = await end.receive('/queue/orders', { ack: 'client-individual' });
    await end.nack((await inbox.next('the message')).message);
  },
  // Whoever looks into the queue finds that it has expired.
  expired: async (engine) => {
    await using end = await AmqpEnd.connect(await port(engine, 'amqp'));
    await end.receive('orders', { credit: 1 });
  },
};

const observers: Readonly<Partial<Record<DialectName, (engine: EngineProcess, queue: string) => Promise<View>>>> = {
  amqp: async (engine, queue) => {
    await using end = await AmqpEnd.connect(await port(engine, 'amqp'));
    const { inbox } = await end.receive(queue);
    const { view, delivery } = await inbox.next('the message over AMQP');
    delivery.accept();
    return view;
  },
  stomp: async (engine, queue) => {
    await using end = await StompEnd.connect(await port(engine, 'stomp'));
    const { inbox } = await end.receive(`/queue/${queue}`);
    return (await inbox.next('the message over STOMP')).view;
  },
  sqs: async (engine) => {
    using end = new SqsEnd(await port(engine, 'cloud'));
    return await end.take('dead');
  },
};

function expectPlaces(view: View, expected: Expected, now: number): void {
  expect(recognised(ofEarlierDeliveries(view), expected, now)).toEqual(spoken(expected));
}

const cells = Object.entries(acts).flatMap(([name, act]) => {
  const happening: Happening = happenings[name as HappeningName];
  return Object.entries(observers)
    .filter(([dialect]) => dialect !== 'sqs' || happening.dead === true)
    .map(([dialect, observe]) => ({
      title: `${happening.what}, seen over ${dialect}`,
      expected: happening[dialect as DialectName] ?? {},
      engine: () => (dialect === 'sqs' ? routed : plain),
      queue: happening.dead === true ? 'ActiveMQ.DLQ' : 'orders',
      isExpired: name === 'expired',
      act,
      observe,
    }));
});

describe('in a queue of the broker', () => {
  it.each(cells)('$title', async ({ expected, engine, queue, isExpired, act, observe }) => {
    const now = Date.now();
    await using sender = await AmqpEnd.connect(await port(engine(), 'amqp'));
    const expiry = isExpired ? { absolute_expiry_time: new Date(1) } : {};
    await sender.send('orders', { body: 'hello', durable: true, ...expiry });
    await act(engine());
    expectPlaces(await observe(engine(), queue), expected, now);
  });
});

describe('in an MQTT session', () => {
  const session = { clientId: 'till', clean: false };

  it.each(['nothing', 'lost'] as const)('%s', async (name) => {
    const mqttPort = await port(plain, 'mqtt');
    await using first = await MqttEnd.connect(mqttPort, session);
    if (name === 'lost') first.client.handleMessage = () => {}; // It never says that it has it.
    await first.receive('orders');
    await using sender = await AmqpEnd.connect(await port(plain, 'amqp'));
    await sender.send('topic://orders', { body: 'hello', durable: true });
    let view = await first.inbox.next('the message over MQTT');
    if (name === 'lost') {
      first.client.stream.destroy();
      await using second = await MqttEnd.connect(mqttPort, session);
      view = await second.inbox.next('the message once more');
    }
    const happening: Happening = happenings[name];
    expectPlaces(view, happening.mqtt ?? {}, 0);
  });
});

describe('in SQS', () => {
  it('nothing', async () => {
    using sqs = new SqsEnd(await port(routed, 'cloud'));
    await using sender = await AmqpEnd.connect(await port(routed, 'amqp'));
    await sender.send('topic://orders', { body: 'hello' });
    expectPlaces(await sqs.take('orders'), happenings.nothing.sqs, 0);
  });

  it('received, and not deleted; then moved by the redrive policy', async () => {
    using sqs = new SqsEnd(await port(plain, 'cloud'));
    await sqs.create('work-dead');
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:work-dead';
    await sqs.create('work', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }) });
    await sqs.send('work', { MessageBody: 'hello' });
    await sqs.receive('work', { VisibilityTimeout: 0 });
    expectPlaces(sqsView(await sqs.receive('work', { VisibilityTimeout: 0 })), happenings.received.sqs, 0);
    // The third receive moves it, and finds nothing.
    await expect(sqs.receive('work', { WaitTimeSeconds: 0 })).rejects.toThrow('in vain');
    expectPlaces(await sqs.take('work-dead'), happenings.redriven.sqs, 0);
  });
});
