// With mqtt.js: what its users do.

import { connectAsync } from 'mqtt';
import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { mqttServer } from './mqtt-server.ts';

interface Received {
  readonly topic: string;
  readonly text: string;
  readonly packet: IPublishPacket;
}

interface Client extends AsyncDisposable {
  readonly mqtt: MqttClient;
  readonly received: Received[];
}

async function open(port: number, options: IClientOptions = {}): Promise<Client> {
  const received: Received[] = [];
  const mqtt = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options }, false);
  mqtt.on('message', (topic, payload, packet) => received.push({ topic, text: payload.toString(), packet }));
  return { mqtt, received, [Symbol.asyncDispose]: async () => mqtt.endAsync(true) };
}

describe('mqtt.js', () => {
  it.each([0, 1, 2] as const)('publishes and subscribes at QoS %i, in order', async (qos) => {
    await using server = await mqttServer();
    await using subscriber = await open(server.port);
    await using publisher = await open(server.port);
    await subscriber.mqtt.subscribeAsync('orders/#', { qos });
    const texts = Array.from({ length: 500 }, (_, i) => String(i));
    await Promise.all(texts.map((text) => publisher.mqtt.publishAsync('orders/eu', text, { qos })));
    await expect.poll(() => subscriber.received.length).toBe(500);
    expect(subscriber.received.map(({ text }) => text)).toEqual(texts);
    expect(subscriber.received.every(({ packet }) => packet.qos === qos && !packet.dup)).toBe(true);
  });

  it('speaks MQTT 3.1', async () => {
    await using server = await mqttServer();
    await using client = await open(server.port, { protocolId: 'MQIsdp', protocolVersion: 3, clientId: 'old' });
    await client.mqtt.subscribeAsync('a', { qos: 1 });
    await client.mqtt.publishAsync('a', 'x', { qos: 1 });
    await expect.poll(() => client.received).toMatchObject([{ text: 'x' }]);
    await client.mqtt.unsubscribeAsync('a');
  });

  it('speaks MQTT 5: properties, identifiers, aliases, reasons', async () => {
    await using server = await mqttServer();
    const five = { protocolVersion: 5 as const };
    await using subscriber = await open(server.port, { ...five, properties: { topicAliasMaximum: 5 } });
    await subscriber.mqtt.subscribeAsync(
      { 'a/#': { qos: 2, rap: true } },
      { properties: { subscriptionIdentifier: 7 } },
    );
    await using publisher = await open(server.port, { ...five, autoAssignTopicAlias: true });
    const properties = {
      contentType: 'application/json',
      responseTopic: 'answers',
      correlationData: Buffer.from([0, 1, 255]),
      messageExpiryInterval: 60,
      userProperties: { k: ['1', '2'] },
    };
    // Of QoS 2, mqtt.js hands over what has an alias without its topic.
    for (const qos of [0, 1, 1] as const) {
      await publisher.mqtt.publishAsync('a/b', '{}', { qos, retain: true, properties });
    }
    await expect.poll(() => subscriber.received.length).toBe(3);
    for (const { topic, packet } of subscriber.received) {
      expect(topic).toBe('a/b');
      expect(packet).toMatchObject({ retain: true, properties: { ...properties, subscriptionIdentifier: 7 } });
    }
    await expect(subscriber.mqtt.unsubscribeAsync('nothing')).resolves.toMatchObject({ granted: [0x11] });
  });

  it('shares a subscription in MQTT 5', async () => {
    await using server = await mqttServer();
    await using one = await open(server.port, { protocolVersion: 5 });
    await using two = await open(server.port, { protocolVersion: 5 });
    for (const { mqtt } of [one, two]) await mqtt.subscribeAsync('$share/g/a/#', { qos: 2 });
    await using publisher = await open(server.port, { protocolVersion: 5 });
    const texts = Array.from({ length: 100 }, (_, i) => String(i));
    await Promise.all(texts.map((text) => publisher.mqtt.publishAsync('a/b', text, { qos: 2 })));
    await expect.poll(() => one.received.length + two.received.length).toBe(100);
    const all = [...one.received, ...two.received].map(({ text }) => Number(text));
    expect(all.toSorted((a, b) => a - b)).toEqual(texts.map(Number));
    expect(Math.min(one.received.length, two.received.length)).toBeGreaterThan(20);
  });

  it('comes back to its session of MQTT 5', async () => {
    await using server = await mqttServer();
    const session = {
      protocolVersion: 5 as const,
      clientId: 'durable',
      clean: false,
      properties: { sessionExpiryInterval: 60 },
    };
    {
      await using first = await open(server.port, session);
      await first.mqtt.subscribeAsync('a/+', { qos: 2 });
    }
    await using publisher = await open(server.port);
    await Promise.all(['1', '2', '3'].map((text) => publisher.mqtt.publishAsync('a/b', text, { qos: 2 })));
    await using second = await open(server.port, session);
    await expect.poll(() => second.received.map(({ text }) => text)).toEqual(['1', '2', '3']);
  });

  it('comes back to its durable session', async () => {
    await using server = await mqttServer();
    const session = { clientId: 'durable', clean: false };
    {
      await using first = await open(server.port, session);
      await first.mqtt.subscribeAsync('a/+', { qos: 2 });
    }
    await using publisher = await open(server.port);
    await Promise.all(['1', '2', '3'].map((text) => publisher.mqtt.publishAsync('a/b', text, { qos: 2 })));
    await using second = await open(server.port, session);
    await expect.poll(() => second.received.map(({ text }) => text)).toEqual(['1', '2', '3']);
  });

  it('loses nothing when its connection breaks in the middle', async () => {
    await using server = await mqttServer();
    const session = { clientId: 'durable', clean: false, reconnectPeriod: 20 };
    await using subscriber = await open(server.port, session);
    await subscriber.mqtt.subscribeAsync('a', { qos: 2 });
    await using publisher = await open(server.port, { clientId: 'pub', clean: false, reconnectPeriod: 20 });
    const texts = Array.from({ length: 400 }, (_, i) => String(i));
    const published = texts.map((text) => publisher.mqtt.publishAsync('a', text, { qos: 2 }));
    await expect.poll(() => subscriber.received.length).toBeGreaterThan(20);
    for (const { disconnect } of Array.from(server.context.clients)) disconnect('the connection broke');
    await Promise.all(published);
    await expect.poll(() => new Set(subscriber.received.map(({ text }) => text)).size, { timeout: 20_000 }).toBe(400);
    expect(subscriber.received).toHaveLength(400);
  });

  it('gets retained messages and wills', async () => {
    await using server = await mqttServer();
    await using publisher = await open(server.port);
    await publisher.mqtt.publishAsync('state/1', 'on', { qos: 1, retain: true });
    await using subscriber = await open(server.port);
    await subscriber.mqtt.subscribeAsync(['state/#', 'will/#'], { qos: 1 });
    await expect.poll(() => subscriber.received).toMatchObject([{ topic: 'state/1', packet: { retain: true } }]);
    const will = { topic: 'will/w', payload: Buffer.from('bye'), qos: 1 as const, retain: false };
    const dying = await open(server.port, { will });
    dying.mqtt.stream.destroy();
    await expect.poll(() => subscriber.received[1]).toMatchObject({ topic: 'will/w', text: 'bye' });
  });
});
