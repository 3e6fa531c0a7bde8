// Retained messages (MQTT 3.1.1, 3.3.1.3), beyond what the byte tables say.

import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

describe('a retained message', () => {
  it('is stored before it is acknowledged', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    server.store.hold();
    client.publish('a', 'x', { qos: 1, messageId: 1, retain: true });
    expect(await client.untilPong()).toEqual([]);
    server.store.resume();
    await client.next('puback');
  });

  it('is the one before when the store refuses it', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port);
    first.publish('a', 'before', { qos: 1, messageId: 1, retain: true });
    await first.next('puback');
    server.store.fail(new BrokerError('store-full', 'disk full'));
    first.publish('a', 'refused', { qos: 1, messageId: 2, retain: true });
    first.publish('b', 'refused', { qos: 1, messageId: 3, retain: true });
    await first.closed;
    server.store.fail(undefined);
    await using second = await RawClient.connect(server.port);
    await second.subscribe('#', 1);
    expect(await second.next('publish')).toMatchObject({ topic: 'a', payload: Buffer.from('before'), retain: true });
    expect(await second.untilPong()).toEqual([]);
  });

  it('that is published before a subscription, and stored after it, comes once', async () => {
    await using server = await mqttServer();
    await using publisher = await RawClient.connect(server.port, { clientId: 'pub' });
    await using client = await RawClient.connect(server.port, { clientId: 'sub' });
    server.store.hold();
    publisher.publish('a', 'x', { qos: 1, messageId: 1, retain: true });
    await expect.poll(() => server.store.heldCount).toBe(1);
    await client.subscribe('a', 1);
    server.store.resume();
    expect(await client.next('publish')).toMatchObject({ payload: Buffer.from('x'), retain: true });
    expect(await client.untilPong()).toEqual([]);
  });

  it('that is replaced while a subscription is made does not come after its successor', async () => {
    await using server = await mqttServer();
    await using publisher = await RawClient.connect(server.port, { clientId: 'pub' });
    publisher.publish('a', 'old', { qos: 1, messageId: 1, retain: true });
    await publisher.next('puback');
    await using client = await RawClient.connect(server.port, { clientId: 'sub', clean: false });
    server.store.hold();
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 1 }] });
    await expect.poll(() => server.store.heldCount).toBe(1);
    publisher.publish('a', 'new', { qos: 1, messageId: 2, retain: true });
    await expect.poll(() => server.store.heldCount).toBe(2);
    server.store.resume();
    const packets = [await client.nextPacket(), await client.nextPacket()];
    expect(packets.find(({ cmd }) => cmd === 'publish')).toMatchObject({ payload: Buffer.from('new') });
    expect(await client.untilPong()).toEqual([]);
  });

  it('of the same client is there for its next packet', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    client.publish('a', 'x', { qos: 1, messageId: 1, retain: true });
    client.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'a', qos: 0 }] });
    const packets = [await client.nextPacket(), await client.nextPacket(), await client.nextPacket()];
    expect(packets.find(({ cmd }) => cmd === 'publish')).toMatchObject({ payload: Buffer.from('x'), retain: true });
  });

  it('is acknowledged by a durable session, and comes again until it is', async () => {
    await using server = await mqttServer();
    await using publisher = await RawClient.connect(server.port, { clientId: 'pub' });
    publisher.publish('a', 'x', { qos: 1, messageId: 1, retain: true });
    await publisher.next('puback');
    await using first = await RawClient.connect(server.port, { clientId: 'sub', clean: false });
    await first.subscribe('a', 1);
    const { messageId } = await first.next('publish');
    first.destroy();
    await using second = await RawClient.connect(server.port, { clientId: 'sub', clean: false });
    expect(await second.next('publish')).toMatchObject({ messageId, dup: true, retain: true });
  });

  it('comes for each of several overlapping filters of one SUBSCRIBE [MQTT-3.8.4-4]', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    client.publish('a', 'x', { qos: 1, messageId: 1, retain: true });
    await client.next('puback');
    const subscriptions = [
      { topic: 'a', qos: 0 as const },
      { topic: '#', qos: 0 as const },
    ];
    client.send({ cmd: 'subscribe', messageId: 2, subscriptions });
    await client.next('suback');
    await client.next('publish');
    await client.next('publish');
    expect(await client.untilPong()).toEqual([]);
  });

  it('of thousands of topics comes to a new subscription, each once', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    const topics = Array.from({ length: 3000 }, (_, i) => `t/${i % 10}/${i}`);
    for (const [i, topic] of topics.entries()) client.publish(topic, topic, { qos: 1, messageId: i + 1, retain: true });
    for (const _ of topics) await client.next('puback');
    await client.subscribe('t/+/#', 0);
    const got: string[] = [];
    for (const _ of topics) got.push((await client.next('publish')).topic);
    expect(got.toSorted()).toEqual(topics.toSorted());
    expect(await client.untilPong()).toEqual([]);
  });

  it('leaves nothing in the store when it is removed', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    client.publish('a', 'x', { qos: 1, messageId: 1, retain: true });
    client.publish('a', '', { qos: 1, messageId: 2, retain: true });
    await client.next('puback');
    await client.next('puback');
    expect(await server.store.readRecords('retained')).toEqual([]);
    expect(await server.store.readRecords('retained-message')).toEqual([]);
  });
});
