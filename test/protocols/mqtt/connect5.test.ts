// CONNECT and CONNACK in MQTT 5, and the reasons with which a server ends a connection.

import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { accessBy } from '../../support/access.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';
import { wireBytes } from './wire-bytes.ts';

describe('CONNACK', () => {
  it('says what the server takes, and leaves out what is as the specification has it', async () => {
    await using server = await mqttServer({ options: { receiveMaximum: 7, topicAliasMaximum: 3 } });
    await using client = await RawClient.connect5(server.port);
    expect(client.connack.properties).toEqual({
      receiveMaximum: 7,
      topicAliasMaximum: 3,
      maximumPacketSize: 100 * 1024 * 1024,
    });
  });

  it('assigns an identifier to who has none [MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.2.2-16]', async () => {
    await using server = await mqttServer();
    const assigned: (string | undefined)[] = [];
    for (const flags of ['02', '00']) {
      await using client = await RawClient.open(server.port);
      client.version = 5;
      client.send(wireBytes(`10 0D 0004 'MQTT' 05 ${flags} 003C 00 0000`));
      const { properties } = await client.next('connack');
      assigned.push(properties?.assignedClientIdentifier);
      expect([...server.context.clients].map(({ clientId }) => clientId)).toContain(assigned.at(-1));
      await client.disconnect();
    }
    expect(new Set(assigned).size).toBe(2);
    expect(assigned).not.toContain(undefined);
  });

  it('asks to be heard of more often than a client wants [MQTT-3.2.2-22]', async () => {
    await using server = await mqttServer();
    await using often = await RawClient.connect5(server.port, { clientId: 'often', keepalive: 60 });
    expect(often.connack.properties).not.toHaveProperty('serverKeepAlive');
    await using rarely = await RawClient.connect5(server.port, { clientId: 'rarely', keepalive: 120 });
    expect(rarely.connack.properties).toMatchObject({ serverKeepAlive: 60 });
  });

  it('gives response information to who asks for it [MQTT-3.1.2-28]', async () => {
    await using server = await mqttServer();
    await using not = await RawClient.connect5(server.port, { clientId: 'not' });
    expect(not.connack.properties).not.toHaveProperty('responseInformation');
    const properties = { requestResponseInformation: true };
    await using asking = await RawClient.connect5(server.port, { clientId: 'asking', properties });
    expect(asking.connack.properties).toMatchObject({ responseInformation: 'responses/asking' });
  });

  it('says why a client is refused [MQTT-3.1.4-2] [MQTT-3.2.2-7]', async () => {
    const access = accessBy(async (_, credentials) => (credentials?.user === 'ada' ? 'ada' : undefined));
    await using server = await mqttServer({ access });
    await using nobody = await RawClient.connect5(server.port, { reasonCode: 0x87 });
    await nobody.closed;
    await using wrong = await RawClient.connect5(server.port, { username: 'bob', reasonCode: 0x86 });
    await wrong.closed;
    await using ada = await RawClient.connect5(server.port, { username: 'ada' });
    expect(ada.connack.reasonCode).toBe(0);
  });

  it('takes a password without a user name', async () => {
    const access = accessBy(async (_, credentials) => credentials?.password.toString());
    await using server = await mqttServer({ access });
    await using client = await RawClient.open(server.port);
    client.version = 5;
    client.send(wireBytes("10 15 0004 'MQTT' 05 42 003C 00 0001 'p' 0005 'token'"));
    expect(await client.next('connack')).toMatchObject({ reasonCode: 0 });
    expect([...server.context.clients]).toMatchObject([{ user: 'token' }]);
  });

  it('says that the store refuses', async () => {
    await using server = await mqttServer();
    server.store.fail(new BrokerError('store-full', 'disk full'));
    const properties = { sessionExpiryInterval: 60 };
    await using client = await RawClient.connect5(server.port, { properties, reasonCode: 0x88 });
    await client.closed;
    server.store.fail(undefined);
  });

  it('has a sentence about what is wrong with a CONNECT', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port, {
      properties: { sessionExpiryInterval: 1 },
      will: { topic: 'a/#', payload: Buffer.from('x'), qos: 0, retain: false },
      reasonCode: 0x81,
    });
    expect(await client.rest()).toHaveLength(0);
  });
});

describe('DISCONNECT from the server', () => {
  it('tells of a takeover [MQTT-3.1.4-3]', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect5(server.port, { clientId: 'same' });
    await using _second = await RawClient.connect5(server.port, { clientId: 'same' });
    expect(await first.next('disconnect')).toMatchObject({
      reasonCode: 0x8e,
      properties: { reasonString: 'another connection has the same client identifier' },
    });
    await first.closed;
  });

  it('tells of silence [MQTT-3.1.2-22]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using client = await RawClient.connect5(server.port, { keepalive: 10 });
    clock.turn(15_000);
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x8d });
    await client.closed;
  });

  it('tells of the end of the engine', async () => {
    const server = await mqttServer();
    const client = await RawClient.connect5(server.port);
    const told = client.next('disconnect');
    await server[Symbol.asyncDispose]();
    expect(await told).toMatchObject({ reasonCode: 0x8b });
  });

  it('tells of a person who ends the connection', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    for (const { disconnect } of Array.from(server.context.clients)) disconnect('because I can');
    expect(await client.next('disconnect')).toMatchObject({
      reasonCode: 0x98,
      properties: { reasonString: 'because I can' },
    });
  });

  it('has no sentence for who does not want one, or cannot take it [MQTT-3.1.2-29] [MQTT-3.14.2-3]', async () => {
    await using server = await mqttServer();
    for (const properties of [{ requestProblemInformation: false }, { maximumPacketSize: 20 }]) {
      await using client = await RawClient.connect5(server.port, { properties });
      client.send(Buffer.from([0xc1, 0]));
      expect((await client.rest()).toString('hex')).toBe('e00181');
    }
  });

  it('is not sent to clients of earlier versions', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, { clientId: 'same' });
    await using _second = await RawClient.connect5(server.port, { clientId: 'same' });
    expect(await first.rest()).toHaveLength(0);
  });
});
