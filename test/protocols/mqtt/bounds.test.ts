// What a client can make the server hold is bounded: packets that await the store, answers that it does not read.

import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';
import { wireBytes } from './wire-bytes.ts';

const connect = wireBytes("10 10 0004 'MQTT' 04 02 0001 0004 'wire'");
const pingreq = wireBytes('C0 00');
const pings = 100_000;

/** A client that sends PINGREQs and does not read; resolves when the server has read as many as it will. */
async function flood(server: MqttServer) {
  const [client, socket] = duplexPair();
  client.pause();
  socket.pause();
  server.accept(socket);
  client.write(connect);
  client.write(Buffer.concat(Array.from({ length: pings }, () => pingreq)));
  await expect.poll(() => socket.isPaused() && socket.writableLength > 0).toBe(true);
  return { client, socket };
}

describe('a client that does not read', () => {
  it('is not read from when its answers fill the socket, until they have gone', async () => {
    await using server = await mqttServer({ limits: { maxUnsentBytes: 1000 } });
    const { client, socket } = await flood(server);
    // What the stream itself buffers is beyond it.
    expect(socket.writableLength + client.readableLength).toBeLessThan(2000 + 70_000);
    let received = 0;
    client.on('data', (chunk: Buffer) => (received += chunk.length));
    client.resume();
    await expect.poll(() => received).toBe(4 + pings * 2);
    client.destroy();
  });

  it('is taken for silent', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock, limits: { maxUnsentBytes: 1000 } });
    const { client, socket } = await flood(server);
    const closed = once(socket, 'close');
    clock.turn(1500);
    clock.turn(1000);
    await closed;
    expect(server.context.clients.size).toBe(0);
    client.destroy();
  });
});

describe('subscriptions', () => {
  it('that await the store are bounded', async () => {
    await using server = await mqttServer({ limits: { maxUncommitted: 10 } });
    await using client = await RawClient.connect(server.port, { clientId: 'sub', clean: false });
    server.store.hold();
    const asked = Array.from({ length: 100 }, (_, i) => i + 1);
    for (const messageId of asked) {
      client.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: `t/${messageId}`, qos: 1 }] });
    }
    await expect.poll(() => server.store.heldCount).toBe(10);
    await client.written();
    expect(server.broker.topics.subscriptionCount).toBe(10);
    server.store.resume();
    for (const messageId of asked) expect(await client.next('suback')).toMatchObject({ messageId });
  });

  it('bring retained messages a bounded number at a time', async () => {
    const bytes = 64 * 50;
    await using server = await mqttServer({ limits: { maxUncommittedBytes: bytes } });
    await using client = await RawClient.connect(server.port);
    for (let i = 1; i <= 100; i++) {
      client.publish(`t/${i}`, 'x', { qos: 1, messageId: i, retain: true });
      await client.next('puback');
    }
    for (let messageId = 1; messageId <= 20; messageId++) {
      client.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: '#', qos: 0 }] });
    }
    const kinds: string[] = [];
    for (let i = 0; i < 20 * 101; i++) kinds.push((await client.nextPacket()).cmd);
    // One SUBSCRIBE is as much as it may have at once.
    for (let i = 0; i < 20; i++) expect(kinds.indexOf('suback', i * 101)).toBe(i * 101);
  });
});

describe('while the broker has no room', () => {
  it('nothing more is read from a client that publishes, and others go on', async () => {
    await using server = await mqttServer();
    const room = Promise.withResolvers<void>();
    const heldBack = vi.spyOn(server.broker, 'heldBack').mockReturnValue(room.promise);
    await using publisher = await RawClient.connect(server.port, { clientId: 'pub' });
    await using other = await RawClient.connect(server.port, { clientId: 'other' });
    publisher.publish('a', 'x', { qos: 1, messageId: 1 });
    await publisher.next('puback');
    publisher.publish('a', 'y', { qos: 1, messageId: 2 });
    expect(await other.untilPong()).toEqual([]);
    expect(server.broker.received).toBe(1);
    heldBack.mockReturnValue(undefined);
    room.resolve();
    expect(await publisher.next('puback')).toMatchObject({ messageId: 2 });
  });

  it('a client that is held back may be taken over', async () => {
    await using server = await mqttServer();
    vi.spyOn(server.broker, 'heldBack').mockReturnValue(new Promise(() => {}));
    await using first = await RawClient.connect5(server.port, { clientId: 'same' });
    first.publish('a', 'x', { qos: 1, messageId: 1 });
    await first.next('puback');
    await using _second = await RawClient.connect5(server.port, { clientId: 'same' });
    expect(await first.next('disconnect')).toMatchObject({ reasonCode: 0x8e });
  });
});
