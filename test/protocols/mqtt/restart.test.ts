// What outlives the engine: sessions, packets under way in both directions, retained messages. Once the engine stops in order,
// once it is killed.

import { describe, expect, it } from 'vitest';
import type { CrashStore } from './crash-store.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

const sub = { clientId: 'sub', clean: false } as const;
const pub = { clientId: 'pub', clean: false } as const;

async function stop(server: MqttServer): Promise<CrashStore> {
  await server[Symbol.asyncDispose]();
  return server.store;
}

async function kill(server: MqttServer): Promise<CrashStore> {
  await server.crash();
  return server.store;
}

const endings = [
  ['stops', stop],
  ['is killed', kill],
] as const;

describe.each(endings)('when the engine %s', (_, end) => {
  it('durable sessions and their subscriptions are there', async () => {
    const server = await mqttServer();
    const first = await RawClient.connect(server.port, sub);
    await first.subscribe('a/+', 2);
    await first.subscribe('b', 1);
    await first.subscribe('c', 1);
    first.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['c'] });
    await first.next('unsuback');
    await using next = await mqttServer({ store: await end(server) });
    await using publisher = await RawClient.connect(next.port, { clientId: 'p' });
    for (const [i, topic] of ['a/x', 'b', 'c'].entries()) publisher.publish(topic, topic, { qos: 1, messageId: i + 1 });
    for (let i = 0; i < 3; i++) await publisher.next('puback');
    await using second = await RawClient.connect(next.port, sub);
    expect(second.sessionPresent).toBe(true);
    expect(await second.next('publish')).toMatchObject({ topic: 'a/x', qos: 1, dup: false });
    expect(await second.next('publish')).toMatchObject({ topic: 'b', qos: 1, dup: false });
    expect(await second.untilPong()).toEqual([]);
  });

  it('clean sessions are gone', async () => {
    const server = await mqttServer();
    const first = await RawClient.connect(server.port, { clientId: 'c' });
    await first.subscribe('a', 1);
    await using next = await mqttServer({ store: await end(server) });
    expect([...next.broker.queues('subscription')]).toEqual([]);
    expect(next.broker.topics.subscriptionCount).toBe(0);
  });

  it('waiting messages come in order', async () => {
    const server = await mqttServer();
    const first = await RawClient.connect(server.port, sub);
    await first.subscribe('a', 1);
    await first.disconnect();
    const publisher = await RawClient.connect(server.port, pub);
    for (let i = 1; i <= 300; i++) publisher.publish('a', String(i), { qos: 1, messageId: i });
    for (let i = 1; i <= 300; i++) await publisher.next('puback');
    await using next = await mqttServer({ store: await end(server) });
    await using second = await RawClient.connect(next.port, sub);
    for (let i = 1; i <= 300; i++) {
      const { payload, messageId } = await second.next('publish');
      expect(String(payload)).toBe(String(i));
      second.send({ cmd: 'puback', messageId: messageId! });
    }
  });

  it('QoS 2 messages under way to a client come as the same packets, in the phase that they were in', async () => {
    const server = await mqttServer();
    const first = await RawClient.connect(server.port, sub);
    await first.subscribe('a', 2);
    const publisher = await RawClient.connect(server.port, pub);
    for (let i = 1; i <= 4; i++) publisher.publish('a', String(i), { qos: 2, messageId: i });
    const packets = [];
    for (let i = 1; i <= 4; i++) packets.push(await first.next('publish'));
    const ids = packets.map(({ messageId }) => messageId!);
    for (const id of ids.slice(0, 2)) first.send({ cmd: 'pubrec', messageId: id });
    await first.next('pubrel');
    await first.next('pubrel');
    first.send({ cmd: 'pubcomp', messageId: ids[0]! });
    await expect.poll(() => server.broker.find('subscription', 'mqtt:sub')!.inFlightCount).toBe(3);
    await using next = await mqttServer({ store: await end(server) });
    await using second = await RawClient.connect(next.port, sub);
    expect(await second.next('pubrel')).toMatchObject({ messageId: ids[1] });
    expect(await second.next('publish')).toMatchObject({
      messageId: ids[2],
      dup: true,
      qos: 2,
      payload: Buffer.from('3'),
    });
    expect(await second.next('publish')).toMatchObject({
      messageId: ids[3],
      dup: true,
      qos: 2,
      payload: Buffer.from('4'),
    });
    expect(await second.untilPong()).toEqual([]);
    second.send({ cmd: 'pubcomp', messageId: ids[1]! });
    for (const id of ids.slice(2)) {
      second.send({ cmd: 'pubrec', messageId: id });
      await second.next('pubrel');
      second.send({ cmd: 'pubcomp', messageId: id });
    }
    const queue = next.broker.find('subscription', 'mqtt:sub')!;
    await expect.poll(() => queue.inFlightCount + queue.readyCount).toBe(0);
  });

  it('a new packet does not get the identifier of one that is under way behind it', async () => {
    const server = await mqttServer();
    const first = await RawClient.connect(server.port, sub);
    await first.subscribe('one', 1);
    await first.subscribe('two', 2);
    const publisher = await RawClient.connect(server.port, pub);
    publisher.publish('one', 'x', { qos: 1, messageId: 1 });
    publisher.publish('two', 'x', { qos: 2, messageId: 2 });
    const before = [await first.next('publish'), await first.next('publish')];
    const two = before.find(({ qos }) => qos === 2)!;
    await using next = await mqttServer({ store: await end(server) });
    await using second = await RawClient.connect(next.port, sub);
    const after = [await second.next('publish'), await second.next('publish')];
    expect(after.find(({ qos }) => qos === 2)).toMatchObject({ messageId: two.messageId, dup: true });
    // Whether it was sent before a crash is not known, so it may have been.
    expect(after.find(({ qos }) => qos === 1)).toMatchObject({ dup: true });
    expect(after[0]!.messageId).not.toBe(after[1]!.messageId);
  });

  it('a QoS 2 message that a client sends again is not stored again', async () => {
    const server = await mqttServer();
    const watching = await RawClient.connect(server.port, sub);
    await watching.subscribe('a', 1);
    await watching.disconnect();
    const first = await RawClient.connect(server.port, pub);
    first.publish('a', 'once', { qos: 2, messageId: 7 });
    await first.next('pubrec');
    await using next = await mqttServer({ store: await end(server) });
    await using second = await RawClient.connect(next.port, pub);
    expect(second.sessionPresent).toBe(true);
    second.publish('a', 'once', { qos: 2, messageId: 7, dup: true });
    await second.next('pubrec');
    second.send({ cmd: 'pubrel', messageId: 7 });
    await second.next('pubcomp');
    second.publish('a', 'another', { qos: 2, messageId: 7 });
    await second.next('pubrec');
    await using reader = await RawClient.connect(next.port, sub);
    expect(String((await reader.next('publish')).payload)).toBe('once');
    expect(String((await reader.next('publish')).payload)).toBe('another');
    expect(await reader.untilPong()).toEqual([]);
  });

  it('retained messages are there, and those removed are not', async () => {
    const server = await mqttServer();
    const publisher = await RawClient.connect(server.port, pub);
    publisher.publish('r/1', 'one', { qos: 1, messageId: 1, retain: true });
    publisher.publish('r/2', 'two', { qos: 2, messageId: 2, retain: true });
    publisher.publish('r/0', 'zero', { retain: true });
    publisher.publish('r/x', 'x', { qos: 1, messageId: 3, retain: true });
    publisher.publish('r/x', '', { qos: 1, messageId: 4, retain: true });
    for (let i = 1; i <= 4; i++) await publisher.nextPacket();
    await using next = await mqttServer({ store: await end(server) });
    await using reader = await RawClient.connect(next.port, { clientId: 'reader' });
    await reader.subscribe('r/#', 2);
    const got = [await reader.next('publish'), await reader.next('publish'), await reader.next('publish')];
    expect(await reader.untilPong()).toEqual([]);
    const seen = got.map(({ topic, qos, retain, payload }) => `${topic} ${qos} ${retain} ${String(payload)}`);
    expect(seen.toSorted()).toEqual(['r/0 0 true zero', 'r/1 1 true one', 'r/2 2 true two']);
  });
});

describe('when the engine is killed', () => {
  it('what was not stored was not acknowledged, and is gone', async () => {
    const server = await mqttServer();
    const watching = await RawClient.connect(server.port, sub);
    await watching.subscribe('a', 1);
    await watching.disconnect();
    const publisher = await RawClient.connect(server.port, pub);
    publisher.publish('a', 'stored', { qos: 1, messageId: 1 });
    await publisher.next('puback');
    server.store.hold();
    publisher.publish('a', 'lost', { qos: 1, messageId: 2 });
    await expect.poll(() => server.store.heldCount).toBe(1);
    await server.crash();
    expect((await publisher.rest()).length).toBe(0);
    await using next = await mqttServer({ store: server.store });
    await using reader = await RawClient.connect(next.port, sub);
    expect(String((await reader.next('publish')).payload)).toBe('stored');
    expect(await reader.untilPong()).toEqual([]);
  });

  it('a QoS 2 packet whose identifier was not stored was not sent', async () => {
    const server = await mqttServer();
    const first = await RawClient.connect(server.port, sub);
    await first.subscribe('a', 2);
    await first.disconnect();
    const publisher = await RawClient.connect(server.port, pub);
    publisher.publish('a', 'x', { qos: 2, messageId: 1 });
    await publisher.next('pubrec');
    server.store.hold();
    const second = await RawClient.connect(server.port, sub);
    await expect.poll(() => server.store.heldCount).toBe(1);
    await server.crash();
    expect((await second.rest()).length).toBe(0);
    await using next = await mqttServer({ store: server.store });
    await using third = await RawClient.connect(next.port, sub);
    expect(await third.next('publish')).toMatchObject({ qos: 2, dup: false });
  });

  it.each([
    ['before its end is stored, the session is there', 0, true],
    ['after its end is stored, nothing of it is left', 1, false],
  ])('while a session is being ended: %s', async (_, stored, isPresent) => {
    const server = await mqttServer();
    const first = await RawClient.connect(server.port, sub);
    await first.subscribe('a', 2);
    first.publish('a', 'x', { qos: 2, messageId: 1 });
    await first.next('pubrec');
    await first.disconnect();
    server.store.hold();
    const clean = await RawClient.open(server.port);
    clean.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'sub', clean: true });
    await expect.poll(() => server.store.heldCount).toBe(1);
    for (let i = 0; i < stored; i++) server.store.resumeFirst();
    await expect.poll(() => server.store.readRecords('mqtt.session')).toHaveLength(isPresent ? 1 : 0);
    await server.crash();
    await using next = await mqttServer({ store: server.store });
    const count = isPresent ? 1 : 0;
    expect([...next.broker.queues('subscription')]).toHaveLength(count);
    for (const type of ['session', 'subscription', 'inbound']) {
      expect(await next.store.readRecords(`mqtt.${type}`)).toHaveLength(count);
    }
    await using again = await RawClient.connect(next.port, sub);
    expect(again.sessionPresent).toBe(isPresent);
  });
});
