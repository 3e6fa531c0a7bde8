// SUBSCRIBE in MQTT 5: its options, Subscription Identifiers, and overlapping subscriptions.

import { describe, expect, it } from 'vitest';
import { openAccess, unrestricted } from '../../../broker/core/access.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

describe('overlapping subscriptions', () => {
  it('deliver once, at the highest QoS, with all identifiers [MQTT-3.3.4-2] [MQTT-3.3.4-3] [MQTT-3.3.4-4]', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    await client.subscribe('a/b', 0, { identifier: 1 });
    await client.subscribe('a/+', 2, { identifier: 2 });
    await client.subscribe('a/#', 1);
    await client.subscribe('b', 1, { identifier: 4 });
    client.publish('a/b', 'x', { qos: 2, messageId: 1 });
    const packets = [await client.nextPacket(), await client.nextPacket()];
    expect(packets.find(({ cmd }) => cmd === 'publish')).toMatchObject({
      qos: 2,
      properties: { subscriptionIdentifier: [1, 2] },
    });
    expect(await client.untilPong()).toEqual([]);
  });

  it('keep to themselves what one of them is not to get', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    await client.subscribe('a/+', 2, { identifier: 1, nl: true });
    await client.subscribe('a/#', 0, { identifier: 2 });
    client.publish('a/b', 'own');
    expect(await client.next('publish')).toMatchObject({ qos: 0, properties: { subscriptionIdentifier: 2 } });
    await using other = await RawClient.connect5(server.port, { clientId: 'other' });
    other.publish('a/b', 'of another', { qos: 1, messageId: 1 });
    expect(await client.next('publish')).toMatchObject({ qos: 1, properties: { subscriptionIdentifier: [1, 2] } });
  });
});

describe('a session that comes back', () => {
  it('has lost the subscriptions that are refused by now', async () => {
    let isSecret = false;
    const authorize = (_: string, { name }: { readonly name: string }): void => {
      if (isSecret && name.startsWith('secret')) throw new BrokerError('unauthorized', 'that is secret');
    };
    const access = { ...openAccess, authenticate: async () => ({ ...unrestricted('ada'), authorize }) };
    await using server = await mqttServer({ access });
    const session = { clientId: 'c', clean: false, properties: { sessionExpiryInterval: 100 } };
    {
      await using client = await RawClient.connect5(server.port, session);
      await client.subscribe('secret/#', 1);
      await client.subscribe('$share/g/secret/1', 1);
      await client.subscribe('a', 1);
      await client.disconnect();
    }
    isSecret = true;
    await using client = await RawClient.connect5(server.port, session);
    expect(client.sessionPresent).toBe(true);
    isSecret = false;
    await using other = await RawClient.connect5(server.port, { clientId: 'other' });
    for (const topic of ['secret/1', 'a']) other.publish(topic, topic);
    expect(await client.next('publish')).toMatchObject({ topic: 'a' });
    expect(await client.untilPong()).toEqual([]);
    expect(await server.store.readRecords('mqtt.subscription')).toHaveLength(1);
  });
});

describe('No Local', () => {
  it('keeps from a client what it publishes itself [MQTT-3.8.3-3]', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    await using other = await RawClient.connect5(server.port, { clientId: 'other' });
    await client.subscribe('a', 1, { nl: true });
    await other.subscribe('a', 1, { nl: true });
    client.publish('a', 'x');
    expect(await other.next('publish')).toMatchObject({ payload: Buffer.from('x') });
    expect(await client.untilPong()).toEqual([]);
  });

  it('holds after a restart, and for its will', async () => {
    const server = await mqttServer();
    const session = { clientId: 'c', clean: false, properties: { sessionExpiryInterval: 100 } };
    {
      await using client = await RawClient.connect5(server.port, session);
      await client.subscribe('a', 1, { nl: true });
      await client.disconnect();
    }
    await server.crash();
    await using next = await mqttServer({ store: server.store });
    {
      const will = { topic: 'a', payload: Buffer.from('will'), qos: 1 as const, retain: false };
      await using client = await RawClient.connect5(next.port, { ...session, will });
      client.publish('a', 'x', { qos: 1, messageId: 1 });
      await client.next('puback');
      client.destroy();
    }
    await expect.poll(() => next.broker.received).toBe(2);
    await using client = await RawClient.connect5(next.port, session);
    expect(await client.untilPong()).toEqual([]);
    await server[Symbol.asyncDispose]();
  });
});

describe('Retain As Published', () => {
  it('is the flag as it was, or none [MQTT-3.3.1-12] [MQTT-3.3.1-13]', async () => {
    await using server = await mqttServer();
    await using publisher = await RawClient.connect5(server.port, { clientId: 'pub' });
    for (const rap of [true, false]) {
      await using client = await RawClient.connect5(server.port, { clientId: `rap ${rap}` });
      await client.subscribe('a', 1, { rap });
      for (const retain of [true, false]) publisher.publish('a', 'x', { retain });
      expect(await client.next('publish')).toMatchObject({ retain: rap });
      expect(await client.next('publish')).toMatchObject({ retain: false });
      publisher.publish('a', '', { retain: true });
      expect(await client.next('publish')).toMatchObject({ retain: rap, payload: Buffer.alloc(0) });
    }
  });
});

describe('Retain Handling', () => {
  it.each([
    [0, [1, 1]],
    [1, [1, 0]],
    [2, [0, 0]],
  ] as const)(
    '%i sends what is retained to a new subscription, and to one that was there: %j [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]',
    async (rh, counts) => {
      await using server = await mqttServer();
      await using publisher = await RawClient.connect5(server.port, { clientId: 'pub' });
      publisher.publish('a', 'x', { qos: 1, messageId: 1, retain: true });
      await publisher.next('puback');
      await using client = await RawClient.connect5(server.port);
      for (const count of counts) {
        await client.subscribe('+', 1, { rh });
        expect(await client.untilPong()).toHaveLength(count);
      }
    },
  );
});

describe('a retained message', () => {
  it('comes with the identifier of the subscription that brings it, at its QoS', async () => {
    await using server = await mqttServer();
    await using publisher = await RawClient.connect5(server.port, { clientId: 'pub' });
    publisher.publish('a', 'x', {
      qos: 2,
      messageId: 1,
      retain: true,
      properties: { userProperties: { k: 'v' }, contentType: 't' },
    });
    await publisher.next('pubrec');
    await using client = await RawClient.connect5(server.port);
    await client.subscribe('a', 1, { identifier: 7 });
    expect(await client.next('publish')).toMatchObject({
      qos: 1,
      retain: true,
      properties: { subscriptionIdentifier: 7, contentType: 't', userProperties: { k: 'v' } },
    });
    await client.subscribe('#', 0, { identifier: 8 });
    expect(await client.next('publish')).toMatchObject({ qos: 0, properties: { subscriptionIdentifier: 8 } });
  });
});

describe('a subscription', () => {
  it('that is given up: what was sent of it is completed [MQTT-3.10.4-3]', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    await client.subscribe('a', 2);
    client.publish('a', 'x', { qos: 2, messageId: 1 });
    const packets = [await client.nextPacket(), await client.nextPacket()];
    const sent = packets.find(({ cmd }) => cmd === 'publish');
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a'] });
    await client.next('unsuback');
    client.send({ cmd: 'pubrec', messageId: sent!.messageId! });
    expect(await client.next('pubrel')).toMatchObject({ messageId: sent!.messageId });
    client.send({ cmd: 'pubcomp', messageId: sent!.messageId! });
    expect(await client.untilPong()).toEqual([]);
    expect(server.broker.find('subscription', 'mqtt:raw')?.inFlightCount).toBe(0);
  });

  it('that is made again is replaced, with its options [MQTT-3.8.4-3] [MQTT-3.8.4-4]', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    await client.subscribe('a', 2, { identifier: 1, nl: true });
    await client.subscribe('a', 1, { identifier: 2 });
    client.publish('a', 'x', { qos: 2, messageId: 1 });
    const packets = [await client.nextPacket(), await client.nextPacket()];
    expect(packets.find(({ cmd }) => cmd === 'publish')).toMatchObject({
      qos: 1,
      properties: { subscriptionIdentifier: 2 },
    });
  });

  it('is as it was after a restart', async () => {
    const server = await mqttServer();
    const session = { clientId: 'c', clean: false, properties: { sessionExpiryInterval: 100 } };
    {
      await using client = await RawClient.connect5(server.port, session);
      await client.subscribe('a', 1, { identifier: 268_435_455, rap: true });
      await client.disconnect();
    }
    await server.crash();
    await using next = await mqttServer({ store: server.store });
    await using client = await RawClient.connect5(next.port, session);
    await using publisher = await RawClient.connect5(next.port, { clientId: 'pub' });
    publisher.publish('a', 'x', { qos: 2, messageId: 1, retain: true });
    expect(await client.next('publish')).toMatchObject({
      qos: 1,
      retain: true,
      properties: { subscriptionIdentifier: 268_435_455 },
    });
    await server[Symbol.asyncDispose]();
  });
});
