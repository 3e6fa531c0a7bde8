// Shared subscriptions (MQTT 5, 4.8.2).

import { describe, expect, it } from 'vitest';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

const shared = '$share/group/jobs/+';

async function member(server: MqttServer, clientId: string, qos: 0 | 1 | 2 = 1, expiry = 0, receiveMaximum = 100) {
  const client = await RawClient.connect5(server.port, {
    clientId,
    clean: false,
    properties: { sessionExpiryInterval: expiry, receiveMaximum },
  });
  if (!client.sessionPresent) await client.subscribe(shared, qos);
  return client;
}

async function publish(server: MqttServer, texts: readonly string[], qos: 1 | 2 = 1): Promise<void> {
  await using client = await RawClient.connect5(server.port, { clientId: 'pub' });
  for (const [i, text] of texts.entries()) {
    client.publish('jobs/1', text, { qos, messageId: i + 1 });
    await client.next(qos === 1 ? 'puback' : 'pubrec');
    if (qos === 1) continue;
    client.send({ cmd: 'pubrel', messageId: i + 1 });
    await client.next('pubcomp');
  }
}

async function textsOf(client: RawClient): Promise<string[]> {
  const packets = await client.untilPong();
  return packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.payload.toString()] : []));
}

describe('a shared subscription', () => {
  it('gives each message to one member, and to other subscriptions as well', async () => {
    await using server = await mqttServer();
    await using one = await member(server, 'one');
    await using two = await member(server, 'two');
    await using other = await RawClient.connect(server.port, { clientId: 'other' });
    await other.subscribe('$share/others/jobs/#', 1);
    await using plain = await RawClient.connect(server.port, { clientId: 'plain' });
    await plain.subscribe('jobs/#', 0);
    const texts = Array.from({ length: 10 }, (_, i) => String(i));
    await publish(server, texts);
    const first = await textsOf(one);
    const second = await textsOf(two);
    expect([...first, ...second].toSorted()).toEqual(texts);
    expect(Math.min(first.length, second.length)).toBeGreaterThan(0);
    expect(await textsOf(other)).toEqual(texts);
    expect(await textsOf(plain)).toEqual(texts);
  });

  it('gives to who has room, at the QoS of each member [MQTT-4.8.2-3]', async () => {
    await using server = await mqttServer();
    await using slow = await member(server, 'slow', 2, 0, 1);
    await using quick = await member(server, 'quick', 0);
    await publish(server, ['1', '2', '3', '4', '5', '6'], 2);
    const ofSlow = await slow.untilPong();
    const ofQuick = await quick.untilPong();
    expect(ofSlow).toMatchObject([{ cmd: 'publish', qos: 2 }]);
    expect(ofQuick).toHaveLength(5);
    expect(ofQuick).toMatchObject(Array.from({ length: 5 }, () => ({ cmd: 'publish', qos: 0 })));
  });

  it('has its own identifier, apart from those of other subscriptions', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect5(server.port);
    await client.subscribe(shared, 1, { identifier: 1 });
    await client.subscribe('jobs/#', 2, { identifier: 2 });
    await publish(server, ['x'], 2);
    const packets = [await client.next('publish'), await client.next('publish')];
    const pairs = packets.map(({ qos, properties }) => `${qos} for ${String(properties?.subscriptionIdentifier)}`);
    expect(pairs.toSorted()).toEqual(['1 for 1', '2 for 2']);
  });

  it('brings no retained messages', async () => {
    await using server = await mqttServer();
    await using publisher = await RawClient.connect5(server.port, { clientId: 'pub' });
    publisher.publish('jobs/1', 'x', { qos: 1, messageId: 1, retain: true });
    await publisher.next('puback');
    await using client = await member(server, 'one');
    expect(await client.untilPong()).toEqual([]);
  });

  it('keeps messages while all members are away, as long as a session of one is there', async () => {
    const server = await mqttServer();
    {
      await using one = await member(server, 'one', 1, 1000);
      await one.disconnect();
    }
    await publish(server, ['1', '2']);
    await server.crash();
    await using next = await mqttServer({ store: server.store });
    await using one = await member(next, 'one', 1, 1000);
    expect(one.sessionPresent).toBe(true);
    expect(await textsOf(one)).toEqual(['1', '2']);
    await server[Symbol.asyncDispose]();
  });

  it('is gone with the last session in it, and so is its queue', async () => {
    await using server = await mqttServer();
    const one = await member(server, 'one', 1);
    const two = await member(server, 'two', 1);
    await publish(server, ['x']);
    await one.disconnect();
    two.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: [shared] });
    let packet = await two.nextPacket();
    while (packet.cmd === 'publish') packet = await two.nextPacket();
    expect(packet).toMatchObject({ cmd: 'unsuback', granted: [0] });
    await expect.poll(() => [...server.broker.queues('subscription')].map(({ name }) => name)).toEqual(['mqtt:two']);
    await two.disconnect();
  });

  it('that begins while the one before it is on its way out is another', async () => {
    await using server = await mqttServer();
    const one = await member(server, 'one', 1);
    await publish(server, ['of before']);
    await one.next('publish');
    server.store.hold();
    one.destroy();
    await expect.poll(() => server.store.heldCount).toBeGreaterThan(0);
    await using two = await RawClient.connect5(server.port, { clientId: 'two' });
    two.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: shared, qos: 1 }] });
    await expect.poll(() => server.broker.topics.subscriptionCount).toBe(1);
    server.store.resume();
    await two.next('suback');
    await publish(server, ['of now']);
    expect(await textsOf(two)).toEqual(['of now']);
    await expect.poll(() => [...server.broker.queues('subscription')].length).toBe(2);
  });

  it('leaves no queue behind when the engine ends with members that were not to last', async () => {
    const server = await mqttServer();
    await using _one = await member(server, 'one', 1);
    await publish(server, ['x']);
    await server.crash();
    await using next = await mqttServer({ store: server.store });
    expect([...next.broker.queues('subscription')]).toEqual([]);
    await server[Symbol.asyncDispose]();
  });
});

describe('what a member has not acknowledged', () => {
  it('at QoS 1 goes to another when its connection ends, as a packet of its own', async () => {
    await using server = await mqttServer();
    const one = await member(server, 'one', 1, 1000);
    await publish(server, ['x']);
    await one.next('publish');
    await using two = await member(server, 'two', 1);
    one.destroy();
    expect(await two.next('publish')).toMatchObject({ payload: Buffer.from('x'), dup: false });
    await using back = await member(server, 'one', 1, 1000);
    expect(await back.untilPong()).toEqual([]);
  });

  it('at QoS 1 goes to another when it leaves the group', async () => {
    await using server = await mqttServer();
    await using one = await member(server, 'one', 1);
    await publish(server, ['x']);
    const { messageId } = await one.next('publish');
    await using two = await member(server, 'two', 1);
    one.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: [shared] });
    await one.next('unsuback');
    expect(await two.next('publish')).toMatchObject({ payload: Buffer.from('x'), dup: false });
    // Its late answer is no mistake.
    one.send({ cmd: 'puback', messageId: messageId! });
    expect(await one.untilPong()).toEqual([]);
  });

  it('at QoS 2 waits for it, and for no one else [MQTT-4.8.2-4]', async () => {
    const server = await mqttServer();
    const one = await member(server, 'one', 2, 1000);
    await publish(server, ['x'], 2);
    const { messageId } = await one.next('publish');
    {
      await using two = await member(server, 'two', 2);
      one.destroy();
      await expect.poll(() => server.context.clients.size).toBe(1);
      expect(await two.untilPong()).toEqual([]);
    }
    await server.crash();
    await using next = await mqttServer({ store: server.store });
    await using back = await member(next, 'one', 2, 1000);
    expect(await back.next('publish')).toMatchObject({ messageId, dup: true, qos: 2, payload: Buffer.from('x') });
    back.send({ cmd: 'pubrec', messageId: messageId! });
    await back.next('pubrel');
    back.send({ cmd: 'pubcomp', messageId: messageId! });
    expect(await back.untilPong()).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it('at QoS 2 ends with its session [MQTT-4.8.2-5]', async () => {
    await using server = await mqttServer();
    const one = await member(server, 'one', 2, 0);
    await publish(server, ['x'], 2);
    await one.next('publish');
    await using two = await member(server, 'two', 2);
    one.destroy();
    await expect.poll(() => server.context.clients.size).toBe(1);
    expect(await two.untilPong()).toEqual([]);
  });

  it('and refuses goes to no one else [MQTT-4.8.2-6]', async () => {
    await using server = await mqttServer();
    await using one = await member(server, 'one', 1);
    await publish(server, ['x']);
    const { messageId } = await one.next('publish');
    await using two = await member(server, 'two', 1);
    one.send({ cmd: 'puback', messageId: messageId!, reasonCode: 0x80 });
    expect(await one.untilPong()).toEqual([]);
    expect(await two.untilPong()).toEqual([]);
    const queue = server.broker.find('subscription', 'mqtt-share:group/jobs/+');
    expect([queue?.readyCount, queue?.inFlightCount]).toEqual([0, 0]);
  });
});
