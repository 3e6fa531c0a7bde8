// How long sessions last (MQTT 5, 3.1.2.11.2 and 4.1), engine or no engine.

import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

const second = 1000;

async function come(server: MqttServer, seconds?: number, clean = false) {
  const properties = seconds === undefined ? {} : { properties: { sessionExpiryInterval: seconds } };
  return RawClient.connect5(server.port, { clientId: 'c', clean, ...properties });
}

/** Comes, subscribes and leaves. */
async function visit(server: MqttServer, seconds: number | undefined, left?: number): Promise<void> {
  await using client = await come(server, seconds);
  await client.subscribe('a', 1);
  const properties = left === undefined ? {} : { properties: { sessionExpiryInterval: left } };
  client.send({ cmd: 'disconnect', reasonCode: 0, ...properties });
  await client.closed;
  await expect.poll(() => server.context.clients.size).toBe(0);
  // What it leaves behind is in the store.
  await server.store.write([]);
}

async function isThere(server: MqttServer): Promise<boolean | undefined> {
  await using client = await come(server, 1);
  return client.sessionPresent;
}

describe('a session', () => {
  it('ends with its connection where nothing else is said [MQTT-4.1.0-2]', async () => {
    await using server = await mqttServer();
    await visit(server, undefined);
    expect(await isThere(server)).toBe(false);
  });

  it('is there until its time has passed, and gone after it [MQTT-3.1.2-5] [MQTT-3.1.2-23] [MQTT-4.1.0-2]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await visit(server, 10);
    clock.turn(9 * second);
    await visit(server, 10);
    clock.turn(9 * second);
    {
      await using client = await come(server, 10);
      expect(client.sessionPresent).toBe(true);
    }
    await expect.poll(() => server.context.clients.size).toBe(0);
    clock.turn(10 * second);
    expect(await isThere(server)).toBe(false);
  });

  it('does not expire while a connection has it [MQTT-4.1.0-1]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await visit(server, 10);
    await using client = await RawClient.connect5(server.port, {
      clientId: 'c',
      clean: false,
      keepalive: 0,
      properties: { sessionExpiryInterval: 10 },
    });
    clock.turn(100 * second);
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    expect(await client.next('publish')).toMatchObject({ payload: Buffer.from('x') });
  });

  it('takes its messages, records and queue along', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await visit(server, 10);
    await using publisher = await RawClient.connect5(server.port, { clientId: 'p', keepalive: 0 });
    publisher.publish('a', 'x', { qos: 1, messageId: 1 });
    expect(await publisher.next('puback')).toMatchObject({ reasonCode: 0 });
    clock.turn(10 * second);
    await expect.poll(() => server.store.readRecords('mqtt.session')).toEqual([]);
    expect(await server.store.readRecords('mqtt.subscription')).toEqual([]);
    expect((await server.store.readQueues()).map(({ name }) => name)).toEqual([]);
    publisher.publish('a', 'x', { qos: 1, messageId: 2 });
    expect(await publisher.next('puback')).toMatchObject({ reasonCode: 0x10 });
  });

  it('lasts as long as the client says when it leaves', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await visit(server, 1, 100);
    clock.turn(99 * second);
    await visit(server, 100, 0);
    expect(await isThere(server)).toBe(false);
  });

  it.each([
    ['never expires', 0xffff_ffff],
    ['of MQTT 3.1.1 never expires', undefined],
  ])('%s', async (_, seconds) => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    if (seconds === undefined) {
      await using client = await RawClient.connect(server.port, { clientId: 'c', clean: false });
      await client.disconnect();
    } else await visit(server, seconds);
    clock.turn(6 * 3600 * second);
    expect(await isThere(server)).toBe(true);
  });

  it('lasts no longer than the server lets it, and the client is told', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock, options: { maxSessionExpirySeconds: 5 } });
    {
      await using client = await come(server, 10);
      expect(client.connack.properties).toMatchObject({ sessionExpiryInterval: 5 });
    }
    await expect.poll(() => server.context.clients.size).toBe(0);
    clock.turn(5 * second);
    expect(await isThere(server)).toBe(false);
  });

  it('goes on where the version changes', async () => {
    await using server = await mqttServer();
    await visit(server, 0xffff_ffff);
    await using client = await RawClient.connect(server.port, { clientId: 'c', clean: false });
    expect(client.sessionPresent).toBe(true);
  });

  it('is discarded by a clean start [MQTT-3.1.2-4] [MQTT-3.2.2-2]', async () => {
    await using server = await mqttServer();
    await visit(server, 100);
    await using client = await come(server, 100, true);
    expect(client.sessionPresent).toBe(false);
    client.publish('a', 'x');
    expect(await client.untilPong()).toEqual([]);
  });
});

describe('while the engine is down, a session', () => {
  it('grows older', async () => {
    const clock = new ManualClock();
    const server = await mqttServer({ clock });
    await visit(server, 10);
    await server.crash();
    clock.turn(9 * second);
    const next = await mqttServer({ clock, store: server.store });
    await visit(next, 10);
    await next.crash();
    clock.turn(10 * second);
    await using last = await mqttServer({ clock, store: server.store });
    expect(await isThere(last)).toBe(false);
    await server[Symbol.asyncDispose]();
    await next[Symbol.asyncDispose]();
  });

  it('whose connection the crash ended has its whole time from the next start', async () => {
    const clock = new ManualClock();
    const server = await mqttServer({ clock });
    await using client = await come(server, 10);
    await client.subscribe('a', 1);
    await server.crash();
    clock.turn(100 * second);
    const next = await mqttServer({ clock, store: server.store });
    clock.turn(9 * second);
    await visit(next, 10);
    await next.crash();
    await using last = await mqttServer({ clock, store: server.store });
    expect(await isThere(last)).toBe(true);
    await server[Symbol.asyncDispose]();
    await next[Symbol.asyncDispose]();
  });

  it('that was to end with its connection ends', async () => {
    const server = await mqttServer();
    await visit(server, 10);
    await using client = await come(server, 0);
    expect(client.sessionPresent).toBe(true);
    await server.crash();
    await using next = await mqttServer({ store: server.store });
    expect(await next.store.readRecords('mqtt.session')).toEqual([]);
    await server[Symbol.asyncDispose]();
  });
});
