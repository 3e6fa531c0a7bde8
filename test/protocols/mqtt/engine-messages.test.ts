// Messages between MQTT and the rest of the engine: names, durability, bodies, and what MQTT cannot carry.

import { describe, expect, it } from 'vitest';
import type { Message } from '../../../broker/core/message.ts';
import { message } from '../../support/messages.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

async function send(
  server: MqttServer,
  name: string,
  fields: Partial<Message> & { text?: string } = {},
): Promise<void> {
  await server.broker.publish({ kind: 'topic', name }, message({ to: `topic://${name}`, ...fields }));
}

describe('a message of another dialect', () => {
  it.each([
    ['a.b.c', 'a/b/c'],
    ['a/b', 'a.b'],
    ['.', '/'],
    ['a+b#', 'a*b>'],
    ['ü.漢', 'ü/漢'],
  ])('to topic %j comes as topic name %j', async (name, topic) => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    await client.subscribe('#', 1);
    await send(server, name, { text: 'x' });
    expect(await client.next('publish')).toMatchObject({ topic, payload: Buffer.from('x'), retain: false });
  });

  it('comes at QoS 1 if it is durable, else at QoS 0', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    await client.subscribe('a', 2);
    await send(server, 'a', { durable: true });
    await send(server, 'a', { durable: false });
    expect(await client.next('publish')).toMatchObject({ qos: 1 });
    expect(await client.next('publish')).toMatchObject({ qos: 0 });
  });

  it('comes with its body as it is, whatever kind that is', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    await client.subscribe('a', 0);
    await send(server, 'a', { text: 'tëxt', bodyType: 'text' });
    await send(server, 'a', { body: Buffer.from([0, 1, 255]), bodyType: 'bytes' });
    await send(server, 'a', { text: '{"k":1}', bodyType: 'value' });
    const bodies = [];
    for (let i = 0; i < 3; i++) bodies.push((await client.next('publish')).payload);
    expect(bodies).toEqual([Buffer.from('tëxt'), Buffer.from([0, 1, 255]), Buffer.from('{"k":1}')]);
  });

  it('whose name MQTT cannot say is passed over', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port, { clientId: 'sub', clean: false });
    await client.subscribe('#', 1);
    await send(server, 'a*b', { text: 'wildcard' });
    await send(server, 'x'.repeat(65_536), { text: 'too long' });
    await send(server, 'a', { text: 'said' });
    expect(await client.next('publish')).toMatchObject({ topic: 'a' });
    await expect.poll(() => server.broker.find('subscription', 'mqtt:sub')!.inFlightCount).toBe(1);
  });

  it('that expired while its session was away does not come', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, { clientId: 'sub', clean: false });
    await first.subscribe('a', 1);
    await first.disconnect();
    await send(server, 'a', { text: 'late', expiresAt: Date.now() - 1 });
    await send(server, 'a', { text: 'in time' });
    await using second = await RawClient.connect(server.port, { clientId: 'sub', clean: false });
    expect(await second.next('publish')).toMatchObject({ payload: Buffer.from('in time') });
  });
});

describe('large messages', () => {
  it('go through whole, up to the limit, and more than it ends the connection', async () => {
    const limit = 3_000_000;
    await using server = await mqttServer({ limits: { maxMessageBytes: limit } });
    await using client = await RawClient.connect(server.port);
    await client.subscribe('a', 1);
    const payload = Buffer.alloc(limit - 5, 'abcdefgh');
    client.publish('a', payload, { qos: 1, messageId: 1 });
    const packets = [await client.nextPacket(), await client.nextPacket()];
    const published = packets.find(({ cmd }) => cmd === 'publish')!;
    expect('payload' in published && payload.equals(published.payload as Buffer)).toBe(true);
    client.publish('a', Buffer.alloc(limit), { qos: 1, messageId: 2 });
    await client.closed;
  });

  it('and small ones keep their order', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    await client.subscribe('a', 0);
    const sizes = [10, 20_000, 5, 100_000, 16_384, 16_383, 0, 1_000_000, 1];
    for (const size of sizes) client.publish('a', Buffer.alloc(size));
    for (const size of sizes) expect((await client.next('publish')).payload).toHaveLength(size);
  });
});
