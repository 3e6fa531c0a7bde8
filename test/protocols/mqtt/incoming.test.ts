// What clients publish: stored, then acknowledged (MQTT 3.1.1, 4.3), within bounds.

import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import type { Message } from '../../../broker/core/message.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

/** A durable queue that topic `a` feeds, so that there is something to store. */
async function durableSubscriber(port: number): Promise<void> {
  const client = await RawClient.connect(port, { clientId: 'sub', clean: false });
  await client.subscribe('a', 2);
  await client.disconnect();
}

describe('a QoS 1 message', () => {
  it('is acknowledged only when it is stored', async () => {
    await using server = await mqttServer();
    await durableSubscriber(server.port);
    await using client = await RawClient.connect(server.port);
    server.store.hold();
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    expect(await client.untilPong()).toEqual([]);
    expect(server.store.heldCount).toBe(1);
    server.store.resume();
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
  });

  it('is acknowledged at once where there is nothing to store', async () => {
    await using server = await mqttServer();
    await using subscriber = await RawClient.connect(server.port, { clientId: 'clean' });
    await subscriber.subscribe('a', 1);
    await using client = await RawClient.connect(server.port);
    server.store.hold();
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    client.publish('nobody', 'x', { qos: 1, messageId: 2 });
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
    expect(await client.next('puback')).toMatchObject({ messageId: 2 });
    await subscriber.next('publish');
  });

  it('is not acknowledged when the store refuses it: the connection ends', async () => {
    await using server = await mqttServer();
    await durableSubscriber(server.port);
    await using client = await RawClient.connect(server.port);
    server.store.fail(new BrokerError('store-full', 'disk full'));
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    expect((await client.rest()).toString('hex')).toBe('');
    server.store.fail(undefined);
    expect(server.broker.find('subscription', 'mqtt:sub')!.readyCount).toBe(0);
  });

  it('is acknowledged after those before it, also where it is stored sooner [MQTT-4.6.0-2]', async () => {
    await using server = await mqttServer();
    await durableSubscriber(server.port);
    await using client = await RawClient.connect(server.port);
    server.store.hold();
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    await expect.poll(() => server.store.heldCount).toBe(1);
    client.publish('nobody', 'x', { qos: 1, messageId: 2 });
    expect(await client.untilPong()).toEqual([]);
    server.store.resume();
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
    expect(await client.next('puback')).toMatchObject({ messageId: 2 });
  });

  it('is a durable message of bytes to the topic of the same name in the engine', async () => {
    await using server = await mqttServer();
    const got: Message[] = [];
    const queue = server.broker.declare({ namespace: 'test', name: 'q' });
    server.broker.topics.subscribe({ filter: 'a.b', queue });
    queue.consume({ credit: 10, deliver: (_, message) => got.push(message) });
    await using client = await RawClient.connect(server.port);
    client.publish('a/b', Buffer.from([0, 255]), { qos: 1, messageId: 1 });
    client.publish('a/b', 'zero');
    client.publish('a/b', 'two', { qos: 2, messageId: 2 });
    await client.next('puback');
    await client.next('pubrec');
    expect(got).toMatchObject([
      { to: 'topic://a.b', body: Buffer.from([0, 255]), bodyType: 'bytes', durable: true, priority: 4, properties: [] },
      { body: Buffer.from('zero'), durable: false, properties: [] },
      { body: Buffer.from('two'), durable: true, properties: [{ name: 'ActiveMQ.MQTT.QoS', type: 'int', value: 2 }] },
    ]);
    expect(new Set(got.map(({ id }) => id)).size).toBe(3);
  });
});

describe('a QoS 2 message', () => {
  it('is received only when it is stored, and released only when that is', async () => {
    await using server = await mqttServer();
    await durableSubscriber(server.port);
    await using client = await RawClient.connect(server.port, { clientId: 'pub', clean: false });
    server.store.hold();
    client.publish('a', 'x', { qos: 2, messageId: 1 });
    expect(await client.untilPong()).toEqual([]);
    server.store.resume();
    await client.next('pubrec');
    server.store.hold();
    client.send({ cmd: 'pubrel', messageId: 1 });
    expect(await client.untilPong()).toEqual([]);
    server.store.resume();
    await client.next('pubcomp');
    expect(await server.store.readRecords('mqtt.inbound')).toEqual([]);
  });

  it.each([0, 1, 2] as const)('is received before it comes back to who published it, at QoS %i', async (qos) => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    await client.subscribe('a', qos);
    client.publish('a', 'x', { qos: 2, messageId: 7 });
    expect(await client.next('pubrec')).toMatchObject({ messageId: 7 });
    expect(await client.next('publish')).toMatchObject({ qos });
  });

  it('that is sent again on another connection is stored once', async () => {
    await using server = await mqttServer();
    await durableSubscriber(server.port);
    await using first = await RawClient.connect(server.port, { clientId: 'pub', clean: false });
    server.store.hold();
    first.publish('a', 'x', { qos: 2, messageId: 1 });
    await expect.poll(() => server.store.heldCount).toBe(1);
    first.destroy();
    const second = await RawClient.open(server.port);
    second.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'pub', clean: false });
    second.publish('a', 'x', { qos: 2, messageId: 1, dup: true });
    // The session is the second connection's when what the first had under way has ended.
    server.store.resume();
    await second.next('connack');
    await second.next('pubrec');
    second.send({ cmd: 'pubrel', messageId: 1 });
    await second.next('pubcomp');
    expect(server.broker.find('subscription', 'mqtt:sub')!.readyCount).toBe(1);
    second.destroy();
  });

  it('that the store refused is a new message when it is sent again', async () => {
    await using server = await mqttServer();
    await durableSubscriber(server.port);
    await using first = await RawClient.connect(server.port, { clientId: 'pub', clean: false });
    server.store.fail(new BrokerError('store-full', 'disk full'));
    first.publish('a', 'x', { qos: 2, messageId: 1 });
    await first.closed;
    server.store.fail(undefined);
    await using second = await RawClient.connect(server.port, { clientId: 'pub', clean: false });
    second.publish('a', 'x', { qos: 2, messageId: 1, dup: true });
    await second.next('pubrec');
    expect(server.broker.find('subscription', 'mqtt:sub')!.readyCount).toBe(1);
  });

  it('stays received when the store refuses its release', async () => {
    await using server = await mqttServer();
    await durableSubscriber(server.port);
    await using first = await RawClient.connect(server.port, { clientId: 'pub', clean: false });
    first.publish('a', 'x', { qos: 2, messageId: 1 });
    await first.next('pubrec');
    server.store.fail(new BrokerError('store-full', 'disk full'));
    first.send({ cmd: 'pubrel', messageId: 1 });
    await first.closed;
    server.store.fail(undefined);
    expect(await server.store.readRecords('mqtt.inbound')).toHaveLength(1);
    await using second = await RawClient.connect(server.port, { clientId: 'pub', clean: false });
    second.send({ cmd: 'pubrel', messageId: 1 });
    await second.next('pubcomp');
    expect(await server.store.readRecords('mqtt.inbound')).toEqual([]);
  });
});

describe('a publisher', () => {
  it.each([
    ['messages', { maxUncommitted: 10 }],
    ['bytes', { maxUncommittedBytes: 12_000 }],
  ])('is not read from while too many %s of its await their commit', async (_, limits) => {
    await using server = await mqttServer({ limits });
    await durableSubscriber(server.port);
    await using client = await RawClient.connect(server.port);
    server.store.hold();
    for (let i = 1; i <= 500; i++) client.publish('a', Buffer.alloc(1000), { qos: 1, messageId: i });
    await expect.poll(() => server.broker.received).toBeGreaterThanOrEqual(10);
    const taken = server.broker.received;
    await client.written();
    client.send({ cmd: 'pingreq' });
    await new Promise((resolve) => setImmediate(resolve));
    // One read of the socket at most was under way.
    expect(server.broker.received).toBe(taken);
    expect(taken).toBeLessThanOrEqual(10 + 66);
    server.store.resume();
    for (let i = 1; i <= 500; i++) {
      const packet = await client.nextPacket();
      if (packet.cmd === 'pingresp') i--;
      else expect(packet).toMatchObject({ cmd: 'puback', messageId: i });
    }
    expect(server.broker.find('subscription', 'mqtt:sub')!.readyCount).toBe(500);
  });

  it('is not taken for silent while it is not read from', async () => {
    const { ManualClock } = await import('../../support/manual-clock.ts');
    const clock = new ManualClock();
    await using server = await mqttServer({ clock, limits: { maxUncommitted: 1 } });
    await durableSubscriber(server.port);
    await using client = await RawClient.connect(server.port, { keepalive: 1 });
    server.store.hold();
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    await expect.poll(() => server.store.heldCount).toBe(1);
    clock.turn(10_000);
    server.store.resume();
    await client.next('puback');
  });
});
