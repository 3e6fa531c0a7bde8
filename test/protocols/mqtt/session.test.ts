// Sessions (MQTT 3.1.1, 3.1.2.4): clean ones end with their connection, others wait for the next.

import type { IPublishPacket } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

const durable = { clientId: 'sub', clean: false } as const;

function payloads(packets: readonly object[]): string[] {
  return packets.map((packet) => ('payload' in packet ? String(packet.payload) : JSON.stringify(packet)));
}

describe('a durable session', () => {
  it('is present for the next connection [MQTT-3.2.2-2], and not for the first [MQTT-3.2.2-3]', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, durable);
    expect(first.sessionPresent).toBe(false);
    await first.disconnect();
    await using second = await RawClient.connect(server.port, durable);
    expect(second.sessionPresent).toBe(true);
  });

  it('gets what was published while it was away, at QoS 1 and 2, in order [MQTT-3.1.2-5]', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, durable);
    await first.subscribe('a/#', 2);
    await first.disconnect();
    await using publisher = await RawClient.connect(server.port, { clientId: 'pub' });
    for (let i = 0; i < 10; i++) publisher.publish('a/b', String(i), { qos: i % 2 === 0 ? 1 : 2, messageId: i + 1 });
    publisher.publish('a/b', 'gone');
    for (let i = 0; i < 10; i++) await publisher.nextPacket();
    await using second = await RawClient.connect(server.port, durable);
    const got: IPublishPacket[] = [];
    for (let i = 0; i < 10; i++) got.push(await second.next('publish'));
    expect(payloads(got)).toHaveLength(10);
    const of = (qos: number): string[] => payloads(got.filter((packet) => packet.qos === qos));
    expect(of(1)).toEqual(['0', '2', '4', '6', '8']);
    expect(of(2)).toEqual(['1', '3', '5', '7', '9']);
    expect(got.every(({ dup }) => !dup)).toBe(true);
  });

  it('does not keep what would come at QoS 0', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, durable);
    await first.subscribe('zero', 0);
    await first.subscribe('one', 1);
    await first.disconnect();
    await using publisher = await RawClient.connect(server.port, { clientId: 'pub' });
    publisher.publish('zero', 'x', { qos: 1, messageId: 1 });
    publisher.publish('one', 'x', { qos: 0 });
    publisher.publish('one', 'kept', { qos: 1, messageId: 2 });
    await publisher.next('puback');
    await publisher.next('puback');
    await using second = await RawClient.connect(server.port, durable);
    expect(payloads(await second.untilPong())).toEqual(['kept']);
  });

  it('keeps its subscriptions while it is taken over', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, durable);
    await first.subscribe('a', 1);
    await using second = await RawClient.connect(server.port, durable);
    await first.closed;
    second.publish('a', 'x', { qos: 1, messageId: 1 });
    const kinds = [(await second.nextPacket()).cmd, (await second.nextPacket()).cmd];
    expect(kinds.toSorted()).toEqual(['puback', 'publish']);
  });

  it('ends with a clean one of the same client [MQTT-3.1.2-6]', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, durable);
    await first.subscribe('a', 1);
    await first.disconnect();
    await using publisher = await RawClient.connect(server.port, { clientId: 'pub' });
    publisher.publish('a', 'x', { qos: 1, messageId: 1 });
    await publisher.next('puback');
    await using clean = await RawClient.connect(server.port, { ...durable, clean: true });
    expect(clean.sessionPresent).toBe(false);
    expect(await clean.untilPong()).toEqual([]);
    await clean.disconnect();
    await using again = await RawClient.connect(server.port, durable);
    expect(again.sessionPresent).toBe(false);
    expect([...server.broker.queues('subscription')]).toEqual([]);
  });

  it('forgets a subscription that it ended', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, durable);
    await first.subscribe('a', 1);
    first.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['a'] });
    await first.next('unsuback');
    await first.disconnect();
    await using publisher = await RawClient.connect(server.port, { clientId: 'pub' });
    publisher.publish('a', 'x', { qos: 1, messageId: 1 });
    await publisher.next('puback');
    await using second = await RawClient.connect(server.port, durable);
    expect(await second.untilPong()).toEqual([]);
  });

  it('has a subscription only when it is stored', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port, durable);
    server.store.hold();
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 1 }] });
    expect(await client.untilPong()).toEqual([]);
    server.store.resume();
    await client.next('suback');
  });

  it('has the subscriptions of before when the store refuses new ones', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, durable);
    await first.subscribe('a', 1);
    server.store.fail(new BrokerError('store-full', 'disk full'));
    first.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [
        { topic: 'a', qos: 0 },
        { topic: 'b', qos: 1 },
      ],
    });
    await first.closed;
    await using second = await RawClient.connect(server.port, durable);
    second.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['a'] });
    await second.closed;
    server.store.fail(undefined);
    await using third = await RawClient.connect(server.port, durable);
    third.publish('b', 'b', { qos: 1, messageId: 1 });
    await third.next('puback');
    third.publish('a', 'a', { qos: 1, messageId: 2 });
    const packets = [await third.nextPacket(), await third.nextPacket()];
    expect(packets.find(({ cmd }) => cmd === 'publish')).toMatchObject({ topic: 'a', qos: 1 });
    expect(await third.untilPong()).toEqual([]);
  });

  it('gets a queue anew when an administrator deleted it', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, durable);
    await first.subscribe('a', 1);
    await server.broker.delete(server.broker.find('subscription', 'mqtt:sub')!);
    await first.closed;
    await using second = await RawClient.connect(server.port, durable);
    second.publish('a', 'x', { qos: 1, messageId: 1 });
    const kinds = [(await second.nextPacket()).cmd, (await second.nextPacket()).cmd];
    expect(kinds.toSorted()).toEqual(['puback', 'publish']);
  });
});

describe('a clean session', () => {
  it('leaves nothing behind', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port, { clientId: 'c' });
    await client.subscribe('a/+', 1);
    await client.subscribe('b', 0);
    expect([...server.broker.queues('subscription')].map(({ name, durable: isDurable }) => [name, isDurable])).toEqual([
      ['mqtt:c', false],
    ]);
    await client.disconnect();
    await expect.poll(() => [...server.broker.queues('subscription')]).toEqual([]);
    expect(server.broker.topics.subscriptionCount).toBe(0);
  });

  it('makes no queue anew when it ends in the middle of a SUBSCRIBE', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    server.store.hold();
    client.publish('a', 'x', { qos: 1, messageId: 1, retain: true });
    client.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'a', qos: 1 }] });
    await expect.poll(() => server.broker.topics.subscriptionCount).toBe(1);
    client.destroy();
    await expect.poll(() => server.context.clients.size).toBe(0);
    server.store.resume();
    await server.store.write([]);
    await using second = await RawClient.connect(server.port, { clientId: 'second' });
    await second.untilPong();
    expect([...server.broker.queues('subscription')]).toEqual([]);
  });

  it('needs no queue while it only publishes', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port, durable);
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    await client.next('puback');
    expect([...server.broker.queues('subscription')]).toEqual([]);
  });

  it('refuses more subscriptions than it may have, and goes on with those it has', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    for (let first = 0; first < 100_000; first += 20_000) {
      const subscriptions = Array.from({ length: 20_000 }, (_, i) => ({ topic: `t/${first + i}`, qos: 0 as const }));
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions });
      await client.next('suback');
    }
    const subscriptions = [
      { topic: 'one-more', qos: 0 as const },
      { topic: 't/7', qos: 1 as const },
    ];
    client.send({ cmd: 'subscribe', messageId: 2, subscriptions });
    expect((await client.next('suback')).granted).toEqual([0x80, 1]);
  });
});
