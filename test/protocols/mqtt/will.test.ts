// Wills (MQTT 3.1.1, 3.1.2.5).

import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

const withWill = {
  clientId: 'w',
  will: { topic: 'will', payload: Buffer.from('gone'), qos: 1, retain: false },
} as const;

async function watcher(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port, { clientId: 'watcher' });
  await client.subscribe('will', 2);
  return client;
}

describe('a will', () => {
  it('is published when the connection is lost [MQTT-3.1.2-8]', async () => {
    await using server = await mqttServer();
    await using watching = await watcher(server.port);
    await using client = await RawClient.connect(server.port, withWill);
    client.destroy();
    expect(await watching.next('publish')).toMatchObject({
      topic: 'will',
      payload: Buffer.from('gone'),
      qos: 1,
      retain: false,
    });
  });

  it('is published when the client ends its side without DISCONNECT', async () => {
    await using server = await mqttServer();
    await using watching = await watcher(server.port);
    await using client = await RawClient.connect(server.port, withWill);
    client.end();
    await watching.next('publish');
  });

  it('is published when the client breaks the rules', async () => {
    await using server = await mqttServer();
    await using watching = await watcher(server.port);
    await using client = await RawClient.connect(server.port, withWill);
    client.send(Buffer.from([0xe1, 0]));
    await watching.next('publish');
  });

  it('is published when the client falls silent', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using watching = await watcher(server.port);
    await using client = await RawClient.connect(server.port, { ...withWill, keepalive: 1 });
    clock.turn(1500);
    await client.closed;
    await watching.next('publish');
  });

  it('is published when the connection is taken over', async () => {
    await using server = await mqttServer();
    await using watching = await watcher(server.port);
    await using first = await RawClient.connect(server.port, withWill);
    await using _second = await RawClient.connect(server.port, { clientId: 'w' });
    await first.closed;
    await watching.next('publish');
    expect(await watching.untilPong()).toEqual([]);
  });

  it('is not published after DISCONNECT [MQTT-3.14.4-3]', async () => {
    await using server = await mqttServer();
    await using watching = await watcher(server.port);
    await using client = await RawClient.connect(server.port, withWill);
    await client.disconnect();
    expect(await watching.untilPong()).toEqual([]);
    expect(await server.store.readRecords('mqtt.will')).toEqual([]);
  });

  it('is retained if it says so [MQTT-3.1.2-17]', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port, {
      ...withWill,
      will: { ...withWill.will, retain: true },
    });
    client.destroy();
    await expect.poll(() => server.broker.received).toBe(1);
    await using late = await watcher(server.port);
    expect(await late.next('publish')).toMatchObject({ retain: true, payload: Buffer.from('gone') });
  });

  it('is published by the next engine when the engine fails', async () => {
    await using server = await mqttServer();
    await using watching = await RawClient.connect(server.port, { clientId: 'watcher', clean: false });
    await watching.subscribe('will', 1);
    await RawClient.connect(server.port, withWill);
    await server.crash();
    await using next = await mqttServer({ store: server.store });
    await using again = await RawClient.connect(next.port, { clientId: 'watcher', clean: false });
    expect(await again.next('publish')).toMatchObject({ topic: 'will', payload: Buffer.from('gone') });
    expect(await again.untilPong()).toEqual([]);
    expect(await next.store.readRecords('mqtt.will')).toEqual([]);
  });

  it('is published when the engine stops', async () => {
    const server = await mqttServer();
    {
      await using _stopping = server;
      await using watching = await RawClient.connect(server.port, { clientId: 'watcher', clean: false });
      await watching.subscribe('will', 1);
      await watching.disconnect();
      await RawClient.connect(server.port, withWill);
    }
    await using next = await mqttServer({ store: server.store });
    await using again = await RawClient.connect(next.port, { clientId: 'watcher', clean: false });
    await again.next('publish');
  });

  it('is stored before the client is told that it is connected', async () => {
    await using server = await mqttServer();
    server.store.hold();
    await using client = await RawClient.open(server.port);
    client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, ...withWill });
    await expect.poll(() => server.store.heldCount).toBe(1);
    expect([...server.context.clients]).toEqual([]);
    server.store.resume();
    await client.next('connack');
  });

  it('of a client that was refused is not published', async () => {
    await using server = await mqttServer();
    await using watching = await watcher(server.port);
    server.store.fail(new BrokerError('store-full', 'disk full'));
    await using client = await RawClient.connect(server.port, { ...withWill, returnCode: 3 });
    await client.closed;
    server.store.fail(undefined);
    expect(await watching.untilPong()).toEqual([]);
  });
});
