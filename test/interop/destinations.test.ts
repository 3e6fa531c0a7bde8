// That each dialect's name of a destination leads to the same one, as docs/compatibility.md has it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { destinations } from './destinations.ts';
import type { Names } from './destinations.ts';
import { AmqpEnd } from './ends/amqp.ts';
import { MqttEnd } from './ends/mqtt.ts';
import { StompEnd } from './ends/stomp.ts';

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

let port: (listener: string) => number;
let amqp: AmqpEnd;
let stomp: StompEnd;

beforeAll(async () => {
  const { path } = stack.use(await temporaryDirectory());
  const { listeners } = await stack.use(new EngineProcess({ dataDirectory: path })).seen('ready');
  port = (listener) => listeners[listener]!.port;
  amqp = stack.use(await AmqpEnd.connect(port('amqp')));
  stomp = stack.use(await StompEnd.connect(port('stomp')));
});

/** By each name, something is sent to what is no filter. */
async function sendByEachName({ amqp: addresses, mqtt, stomp: destination, matches }: Names): Promise<string[]> {
  const mqttTopic = matches ?? mqtt;
  const sent: string[] = [];
  if (matches === undefined) {
    for (const address of addresses) {
      await amqp.send(address, { body: address });
      sent.push(address);
    }
    await stomp.send(destination, { body: destination });
    sent.push(destination);
  }
  if (mqttTopic !== undefined) {
    await using end = await MqttEnd.connect(port('mqtt'));
    await end.send(mqttTopic, { payload: mqttTopic, qos: 1 });
    sent.push(mqttTopic);
  }
  return sent;
}

describe.each(destinations.map((names) => [names.what, names] as const))('%s', (_, names) => {
  it.each(names.amqp)('received from %s over AMQP', async (address) => {
    const { inbox, close } = await amqp.receive(address);
    for (const body of await sendByEachName(names)) {
      const { view, delivery } = await inbox.next(body);
      delivery.accept();
      expect(view['body']?.replace(/^(value|data) /, '')).toBe(`"${body}"`);
    }
    await close();
  });

  it('received over STOMP', async () => {
    const { inbox, close } = await stomp.receive(names.stomp);
    for (const body of await sendByEachName(names)) {
      const { view } = await inbox.next(body);
      expect(view['body']).toBe(`"${body}"`);
      if (names.matches === undefined) expect(view['destination']).toBe(names.stomp);
    }
    await close();
  });

  // Queues cannot be reached over MQTT.
  it.each(names.mqtt === undefined ? [] : [names.mqtt])('received from %s over MQTT', async (filter) => {
    await using end = await MqttEnd.connect(port('mqtt'));
    await end.receive(filter);
    for (const body of await sendByEachName(names)) {
      const view = await end.inbox.next(body);
      expect(view).toMatchObject({ body: `"${body}"`, topic: names.matches ?? filter });
    }
  });
});
