// PUBLISH in MQTT 5: what becomes of properties, sizes, aliases, expiry and quotas, beyond what the byte tables say.

import { describe, expect, it } from 'vitest';
import { unrestricted } from '../../../broker/core/access.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { accessBy } from '../../support/access.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

/** Everyone is `ada`, who may not write to, nor read, what begins with `secret`. */
const guarded = {
  ...accessBy(async () => 'ada'),
  authenticate: async () => ({
    ...unrestricted('ada'),
    authorize: (_: string, { name }: { readonly name: string }) => {
      if (name.startsWith('secret')) throw new BrokerError('unauthorized', 'that is secret');
    },
  }),
};

async function pair(server: MqttServer, properties: Record<string, unknown> = {}) {
  const publisher = await RawClient.connect5(server.port, { clientId: 'pub', keepalive: 0 });
  const subscriber = await RawClient.connect5(server.port, { clientId: 'sub', keepalive: 0, properties });
  const stack = new AsyncDisposableStack();
  stack.use(publisher);
  stack.use(subscriber);
  return { publisher, subscriber, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

describe('a message that expires', () => {
  const properties = { messageExpiryInterval: 10 };

  it('says how much time it has left [MQTT-3.3.2-6]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    const session = { clientId: 'sub', clean: false, keepalive: 0, properties: { sessionExpiryInterval: 100 } };
    {
      await using subscriber = await RawClient.connect5(server.port, session);
      await subscriber.subscribe('a', 1);
      await subscriber.disconnect();
    }
    await using publisher = await RawClient.connect5(server.port, { clientId: 'pub', keepalive: 0 });
    publisher.publish('a', 'x', { qos: 1, messageId: 1, properties });
    await publisher.next('puback');
    clock.turn(3500);
    await using subscriber = await RawClient.connect5(server.port, session);
    expect((await subscriber.next('publish')).properties).toEqual({ messageExpiryInterval: 7 });
  });

  it('is not delivered after that, nor a dead letter [MQTT-3.3.2-5]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    const session = { clientId: 'sub', clean: false, keepalive: 0, properties: { sessionExpiryInterval: 100 } };
    {
      await using subscriber = await RawClient.connect5(server.port, session);
      await subscriber.subscribe('a', 1);
      await subscriber.disconnect();
    }
    await using publisher = await RawClient.connect5(server.port, { clientId: 'pub', keepalive: 0 });
    publisher.publish('a', 'x', { qos: 1, messageId: 1, properties });
    await publisher.next('puback');
    clock.turn(10_000);
    await using subscriber = await RawClient.connect5(server.port, session);
    expect(await subscriber.untilPong()).toEqual([]);
    expect(server.broker.queue('ActiveMQ.DLQ').readyCount).toBe(0);
  });

  it('is completed once it was sent, however late [MQTT-4.3.3-7] [MQTT-4.3.3-13]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    const session = { clientId: 'sub', clean: false, keepalive: 0, properties: { sessionExpiryInterval: 100 } };
    await using publisher = await RawClient.connect5(server.port, { clientId: 'pub', keepalive: 0 });
    for (const qos of [1, 2] as const) {
      await using first = await RawClient.connect5(server.port, session);
      await first.subscribe('a', qos);
      publisher.publish('a', `qos ${qos}`, { qos, messageId: qos, properties });
      await publisher.next(qos === 1 ? 'puback' : 'pubrec');
      const { messageId } = await first.next('publish');
      first.destroy();
      await expect.poll(() => server.context.clients.size).toBe(1);
      clock.turn(20_000);
      await using second = await RawClient.connect5(server.port, session);
      expect(await second.next('publish')).toMatchObject({ messageId, dup: true, qos });
      second.send({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId: messageId! });
      await second.untilPong();
      await second.disconnect();
    }
  });

  it('is retained until then [MQTT-3.3.2-5]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using clients = await pair(server);
    const { publisher, subscriber } = clients;
    publisher.publish('a', 'x', { qos: 1, messageId: 1, retain: true, properties });
    await publisher.next('puback');
    clock.turn(4000);
    await subscriber.subscribe('a');
    expect(await subscriber.next('publish')).toMatchObject({ retain: true, properties: { messageExpiryInterval: 6 } });
    clock.turn(6000);
    await subscriber.subscribe('a');
    expect(await subscriber.untilPong()).toEqual([]);
  });
});

describe('Maximum Packet Size', () => {
  it('of a client keeps larger messages from it, and from no one else [MQTT-3.1.2-24] [MQTT-3.1.2-25]', async () => {
    await using server = await mqttServer();
    await using clients = await pair(server, { maximumPacketSize: 64 });
    const { publisher, subscriber } = clients;
    await using other = await RawClient.connect5(server.port, { clientId: 'other' });
    for (const client of [subscriber, other]) await client.subscribe('a', 2);
    for (const [i, qos] of ([0, 1, 2] as const).entries()) {
      publisher.publish('a', 'x'.repeat(64), { qos, ...(qos === 0 ? {} : { messageId: i }) });
    }
    publisher.publish('a', 'small');
    for (let got = 0; got < 3; got++) expect((await other.next('publish')).payload).toHaveLength(64);
    expect((await subscriber.next('publish')).payload.toString()).toBe('small');
    expect(await subscriber.untilPong()).toEqual([]);
    // They are settled: they do not take room in the window, nor in the queue.
    const queue = server.broker.find('subscription', 'mqtt:sub');
    await expect.poll(() => [queue?.readyCount, queue?.inFlightCount]).toEqual([0, 0]);
  });

  it('is met to the byte', async () => {
    await using server = await mqttServer();
    for (const [size, arrives] of [
      [20, true],
      [19, false],
    ] as const) {
      await using clients = await pair(server, { maximumPacketSize: size });
      const { publisher, subscriber } = clients;
      await subscriber.subscribe('a', 1, { identifier: 300 });
      publisher.publish('a', '12345678', { qos: 1, messageId: 1 });
      await publisher.next('puback');
      // 2 of the fixed header, 3 of the topic, 2 of the identifier, 4 of properties, and 8: 19, but at QoS 0 two less.
      const packets = await subscriber.untilPong();
      expect(packets.length).toBe(arrives ? 1 : packets.length);
      if (!arrives) expect(size).toBe(19);
    }
  });
});

describe('topic aliases to a client', () => {
  it('are given where it takes them, in place of names [MQTT-3.1.2-26] [MQTT-3.3.2-11]', async () => {
    await using server = await mqttServer();
    await using clients = await pair(server, { topicAliasMaximum: 2 });
    const { publisher, subscriber } = clients;
    await subscriber.subscribe('#', 1);
    for (const topic of ['a', 'b', 'c', 'a', 'b', 'c']) {
      publisher.publish(topic, topic, { qos: 1, messageId: 1 });
      await publisher.next('puback');
    }
    const got: unknown[] = [];
    for (let i = 0; i < 6; i++) {
      const { topic, properties } = await subscriber.next('publish');
      got.push([topic, properties?.topicAlias]);
    }
    expect(got).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', undefined],
      ['', 1],
      ['', 2],
      ['c', undefined],
    ]);
  });

  it('are not given where it does not ask for them [MQTT-3.1.2-27]', async () => {
    await using server = await mqttServer();
    await using clients = await pair(server);
    const { publisher, subscriber } = clients;
    await subscriber.subscribe('a');
    publisher.publish('a', 'x');
    publisher.publish('a', 'y');
    for (let i = 0; i < 2; i++) expect(await subscriber.next('publish')).not.toHaveProperty('properties.topicAlias');
  });

  it('end with the connection [MQTT-3.3.2-7]', async () => {
    await using server = await mqttServer();
    const session = { clientId: 'sub', clean: false, properties: { sessionExpiryInterval: 9, topicAliasMaximum: 5 } };
    await using publisher = await RawClient.connect5(server.port, { clientId: 'pub' });
    for (let visit = 0; visit < 2; visit++) {
      await using subscriber = await RawClient.connect5(server.port, session);
      await subscriber.subscribe('a');
      publisher.publish('a', 'x');
      expect(await subscriber.next('publish')).toMatchObject({ topic: 'a', properties: { topicAlias: 1 } });
      await subscriber.disconnect();
    }
  });
});

describe('Receive Maximum', () => {
  it('of a client is not exceeded, and holds nothing else up [MQTT-3.3.4-9] [MQTT-3.3.4-10] [MQTT-4.9.0-2]', async () => {
    await using server = await mqttServer();
    await using clients = await pair(server, { receiveMaximum: 2 });
    const { publisher, subscriber } = clients;
    await subscriber.subscribe('a', 2);
    for (let i = 1; i <= 4; i++) publisher.publish('a', String(i), { qos: i % 2 === 0 ? 1 : 2, messageId: i });
    const first = await subscriber.next('publish');
    await subscriber.next('publish');
    expect(await subscriber.untilPong()).toEqual([]);
    expect(await subscriber.subscribe('b')).toEqual([0]);
    subscriber.send({ cmd: 'pubrec', messageId: first.messageId! });
    await subscriber.next('pubrel');
    expect(await subscriber.untilPong()).toEqual([]);
    subscriber.send({ cmd: 'pubcomp', messageId: first.messageId! });
    expect(await subscriber.next('publish')).toMatchObject({ payload: Buffer.from('3') });
  });

  it('is given back by a PUBREC that refuses [MQTT-4.4.0-2] [MQTT-4.9.0-2]', async () => {
    await using server = await mqttServer();
    await using clients = await pair(server, { receiveMaximum: 1 });
    const { publisher, subscriber } = clients;
    await subscriber.subscribe('a', 2);
    publisher.publish('a', 'refused', { qos: 2, messageId: 1 });
    publisher.publish('a', 'next', { qos: 2, messageId: 2 });
    const { messageId } = await subscriber.next('publish');
    subscriber.send({ cmd: 'pubrec', messageId: messageId!, reasonCode: 0x97 });
    expect(await subscriber.next('publish')).toMatchObject({ payload: Buffer.from('next') });
  });

  it('of the server ends the connection of who exceeds it [MQTT-3.3.4-7]', async () => {
    await using server = await mqttServer({ options: { receiveMaximum: 3 } });
    await using client = await RawClient.connect5(server.port);
    for (let messageId = 1; messageId <= 4; messageId++) client.publish('a', 'x', { qos: 2, messageId });
    let packet = await client.nextPacket();
    while (packet.cmd === 'pubrec') packet = await client.nextPacket();
    expect(packet).toMatchObject({ cmd: 'disconnect', reasonCode: 0x93 });
    await client.closed;
  });

  it('of the server is no reason to end the connection of who only waits for us', async () => {
    await using server = await mqttServer({ options: { receiveMaximum: 3 } });
    await using client = await RawClient.connect5(server.port);
    for (let messageId = 1; messageId <= 500; messageId++) client.publish('a', 'x', { qos: 1, messageId });
    for (let messageId = 1; messageId <= 500; messageId++) {
      expect(await client.next('puback')).toMatchObject({ messageId });
    }
  });

  it('of the server is about what is not completed: more may be sent then [MQTT-4.3.3-9]', async () => {
    await using server = await mqttServer({ options: { receiveMaximum: 2 }, access: guarded });
    await using client = await RawClient.connect5(server.port);
    for (let i = 0; i < 10; i++) {
      client.publish('a', 'x', { qos: 1, messageId: 1 });
      await client.next('puback');
      client.publish('a', 'x', { qos: 2, messageId: 2 });
      await client.next('pubrec');
      client.send({ cmd: 'pubrel', messageId: 2 });
      await client.next('pubcomp');
      client.publish('secret/x', 'x', { qos: 2, messageId: 3 });
      expect(await client.next('pubrec')).toMatchObject({ reasonCode: 0x87 });
    }
  });
});

describe('what is refused', () => {
  it('is told in PUBACK and PUBREC, with a sentence', async () => {
    await using server = await mqttServer({ access: guarded });
    await using client = await RawClient.connect5(server.port);
    client.publish('secret/x', 'x', { qos: 1, messageId: 1 });
    expect(await client.next('puback')).toMatchObject({
      messageId: 1,
      reasonCode: 0x87,
      properties: { reasonString: 'that is secret' },
    });
    client.publish('secret/x', 'x', { qos: 2, messageId: 2 });
    expect(await client.next('pubrec')).toMatchObject({ messageId: 2, reasonCode: 0x87 });
    client.publish('secret/x', 'x');
    expect(await client.untilPong()).toEqual([]);
    expect(server.broker.received).toBe(0);
  });

  it('leaves its sentence out where it is too long for the client [MQTT-3.4.2-2] [MQTT-3.5.2-2] [MQTT-3.9.2-1]', async () => {
    await using server = await mqttServer({ access: guarded });
    await using client = await RawClient.connect5(server.port, { properties: { maximumPacketSize: 20 } });
    client.publish('secret/x', 'x', { qos: 1, messageId: 1 });
    expect((await client.packetBytes()).toString('hex')).toBe('4003000187');
    client.publish('secret/x', 'x', { qos: 2, messageId: 1 });
    expect((await client.packetBytes()).toString('hex')).toBe('5003000187');
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'secret/x', qos: 0 }] });
    expect((await client.packetBytes()).toString('hex')).toBe('900400010087');
  });

  it('is acknowledged and dropped in MQTT 3.1.1', async () => {
    await using server = await mqttServer({ access: guarded });
    await using client = await RawClient.connect(server.port);
    client.publish('secret/x', 'x', { qos: 1, messageId: 1 });
    await client.next('puback');
    client.publish('secret/x', 'x', { qos: 2, messageId: 2 });
    await client.next('pubrec');
    client.send({ cmd: 'pubrel', messageId: 2 });
    await client.next('pubcomp');
    expect(await client.subscribe('secret/#')).toEqual([0x80]);
    expect(server.broker.received).toBe(0);
  });

  it.each(['$SYS/broker/uptime', '$share/g/a'])('is what is published to %s', async (topic) => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    client.publish(topic, 'x', { qos: 1, messageId: 1 });
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x87 });
    client.publish('$other', 'x', { qos: 1, messageId: 2 });
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x10 });
  });

  it('is a payload that is not the text that it is said to be', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    const properties = { payloadFormatIndicator: true };
    client.publish('a', Buffer.from([0xff]), { qos: 1, messageId: 1, properties });
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x99 });
    client.publish('a', Buffer.from([0xff]), { qos: 2, messageId: 1, properties });
    expect(await client.next('pubrec')).toMatchObject({ reasonCode: 0x99 });
    client.publish('a', 'ä', { qos: 1, messageId: 1, properties });
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x10 });
  });

  it('by the store is told, and the connection goes on', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port, { properties: { sessionExpiryInterval: 9 } });
    await client.subscribe('a', 2);
    server.store.fail(new BrokerError('store-full', 'disk full'));
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    expect(await client.next('puback')).toMatchObject({
      reasonCode: 0x97,
      properties: { reasonString: 'disk full' },
    });
    client.publish('a', 'x', { qos: 2, messageId: 2 });
    expect(await client.next('pubrec')).toMatchObject({ reasonCode: 0x97 });
    expect(await client.subscribe('b')).toEqual([0x97]);
    server.store.fail(undefined);
    client.publish('a', 'y', { qos: 2, messageId: 2 });
    const packets = [await client.nextPacket(), await client.nextPacket()];
    expect(packets.find(({ cmd }) => cmd === 'pubrec')).toMatchObject({ messageId: 2 });
    expect(packets.find(({ cmd }) => cmd === 'publish')).toMatchObject({ payload: Buffer.from('y') });
  });
});
