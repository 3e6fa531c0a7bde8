// What clients get: the in-flight window, packet identifiers, redelivery and order (MQTT 3.1.1, 4.3, 4.4 and 4.6).

import { describe, expect, it } from 'vitest';
import { Entry } from '../../../broker/core/entry.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { InFlight } from '../../../broker/protocols/mqtt/in-flight.ts';
import { awaiting } from '../../../broker/protocols/mqtt/packet-token.ts';
import { Session } from '../../../broker/protocols/mqtt/session.ts';
import { SharedSubscriptions } from '../../../broker/protocols/mqtt/shared-subscriptions.ts';
import { testBroker } from '../../support/broker.ts';
import { message } from '../../support/messages.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

const durable = { clientId: 'sub', clean: false } as const;

async function subscriber(server: MqttServer, qos: 0 | 1 | 2, options: object = durable): Promise<RawClient> {
  const client = await RawClient.connect(server.port, options);
  await client.subscribe('a', qos);
  return client;
}

async function publish(server: MqttServer, texts: readonly string[], qos: 0 | 1 | 2): Promise<void> {
  const properties = qos === 2 ? [{ name: 'ActiveMQ.MQTT.QoS', type: 'int', value: 2 } as const] : [];
  for (const text of texts) {
    const sent = message({ to: 'topic://a', text, durable: qos > 0, properties });
    await server.broker.publish({ kind: 'topic', name: 'a' }, sent);
  }
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

async function receive(client: RawClient, count: number) {
  const packets = [];
  for (let i = 0; i < count; i++) {
    const { qos, dup, messageId, payload } = await client.next('publish');
    packets.push({ qos, dup, id: messageId ?? 0, text: String(payload) });
  }
  return packets;
}

function queueOf(server: MqttServer) {
  return server.broker.find('subscription', 'mqtt:sub')!;
}

describe('the in-flight window', () => {
  it.each([1, 2] as const)('bounds what is sent at QoS %i without being acknowledged', async (qos) => {
    await using server = await mqttServer({ maxInFlight: 5 });
    await using client = await subscriber(server, qos);
    await publish(server, numbers(12), qos);
    const first = await receive(client, 5);
    expect(await client.untilPong()).toEqual([]);
    if (qos === 1) client.send({ cmd: 'puback', messageId: first[0]!.id });
    else {
      client.send({ cmd: 'pubrec', messageId: first[0]!.id });
      await client.next('pubrel');
      expect(await client.untilPong()).toEqual([]);
      client.send({ cmd: 'pubcomp', messageId: first[0]!.id });
    }
    expect((await receive(client, 1)).map(({ text }) => text)).toEqual(['5']);
    expect(await client.untilPong()).toEqual([]);
  });

  it('moves on with acknowledgements in any order, and every message comes once', async () => {
    await using server = await mqttServer({ maxInFlight: 7 });
    await using client = await subscriber(server, 1);
    await publish(server, numbers(50), 1);
    const texts: string[] = [];
    let waiting: number[] = [];
    while (texts.length < 50) {
      const [packet] = await receive(client, 1);
      texts.push(packet!.text);
      waiting.push(packet!.id);
      expect(new Set(waiting).size).toBe(waiting.length);
      if (waiting.length < 7 && texts.length < 50) continue;
      for (const id of waiting.toReversed()) client.send({ cmd: 'puback', messageId: id });
      waiting = [];
    }
    expect(texts).toEqual(numbers(50));
    await expect.poll(() => queueOf(server).inFlightCount).toBe(0);
  });

  it('does not hold for QoS 0', async () => {
    await using server = await mqttServer({ maxInFlight: 5 });
    await using client = await subscriber(server, 0);
    await publish(server, numbers(20), 1);
    await publish(server, numbers(20), 0);
    expect((await receive(client, 40)).map(({ qos, text }) => `${qos}:${text}`)).toEqual(
      [...numbers(20), ...numbers(20)].map((text) => `0:${text}`),
    );
    await expect.poll(() => queueOf(server).inFlightCount).toBe(0);
  });
});

describe('packet identifiers', () => {
  it('go round, past those that are in use or kept for packets of before [MQTT-2.3.1-2]', async () => {
    await using test = await testBroker();
    const session = new Session(
      {
        broker: test.broker,
        sharing: new SharedSubscriptions(test.broker),
        counts: { subscriptions: 0, shares: 0 },
      },
      'c',
      { seconds: 0, at: 0 },
    );
    session.lastPacketId = 65_532;
    session.reserved.add(65_534);
    session.reserved.add(2);
    const inFlight = new InFlight(session);
    const queue = test.broker.queue('q');
    const entries = Array.from({ length: 6 }, (_, i) => {
      return new Entry(queue, { seq: i, messageId: i, sole: true, residence: 'memory' }, message());
    });
    const ids = entries.slice(0, 5).map((entry) => inFlight.add(entry, awaiting.puback));
    expect(ids).toEqual([65_533, 65_535, 1, 3, 4]);
    session.lastPacketId = 65_532;
    inFlight.remove(entries[1]!);
    expect(inFlight.add(entries[5]!, awaiting.puback)).toBe(65_535);
  });

  it('are not used again before the others have been', async () => {
    await using server = await mqttServer();
    await using client = await subscriber(server, 1, { clientId: 'clean' });
    const seen = new Set<number>();
    for (let round = 0; round < 30; round++) {
      await publish(server, numbers(100), 1);
      for (const { id } of await receive(client, 100)) {
        seen.add(id);
        client.send({ cmd: 'puback', messageId: id });
      }
    }
    expect(seen.size).toBe(3000);
  });
});

describe('a new connection of the session', () => {
  it('gets what was not acknowledged again, as the same packets, in order, before anything new [MQTT-4.4.0-1]', async () => {
    await using server = await mqttServer({ maxInFlight: 4 });
    await using first = await subscriber(server, 1);
    await publish(server, numbers(6), 1);
    const before = await receive(first, 4);
    first.send({ cmd: 'puback', messageId: before[1]!.id });
    before.push(...(await receive(first, 1)));
    first.destroy();
    await using second = await RawClient.connect(server.port, durable);
    const again = await receive(second, 4);
    expect(again).toEqual([0, 2, 3, 4].map((i) => ({ ...before[i], dup: true })));
    expect(await second.untilPong()).toEqual([]);
    for (const { id } of again) second.send({ cmd: 'puback', messageId: id });
    expect(await receive(second, 1)).toMatchObject([{ text: '5', dup: false }]);
  });

  it('gets QoS 2 packets again in the phase that they were in', async () => {
    await using server = await mqttServer();
    await using first = await subscriber(server, 2);
    await publish(server, numbers(3), 2);
    const before = await receive(first, 3);
    first.send({ cmd: 'pubrec', messageId: before[0]!.id });
    first.send({ cmd: 'pubrec', messageId: before[1]!.id });
    await first.next('pubrel');
    await first.next('pubrel');
    first.send({ cmd: 'pubcomp', messageId: before[0]!.id });
    await expect.poll(() => queueOf(server).inFlightCount).toBe(2);
    first.destroy();
    await using second = await RawClient.connect(server.port, durable);
    expect(await second.next('pubrel')).toMatchObject({ messageId: before[1]!.id });
    expect(await receive(second, 1)).toEqual([{ ...before[2], dup: true }]);
    second.send({ cmd: 'pubcomp', messageId: before[1]!.id });
    second.send({ cmd: 'pubrec', messageId: before[2]!.id });
    await second.next('pubrel');
    second.send({ cmd: 'pubcomp', messageId: before[2]!.id });
    await expect.poll(() => queueOf(server).inFlightCount + queueOf(server).readyCount).toBe(0);
  });

  it('gets a packet at the QoS that it was sent with, whatever the subscription is now', async () => {
    await using server = await mqttServer();
    await using first = await subscriber(server, 2);
    await publish(server, ['x'], 2);
    const [before] = await receive(first, 1);
    await first.subscribe('a', 0);
    first.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['a'] });
    await first.next('unsuback');
    first.destroy();
    await using second = await RawClient.connect(server.port, durable);
    expect(await receive(second, 1)).toEqual([{ ...before, dup: true }]);
  });

  it('does not give its identifiers to new packets before those have come again', async () => {
    await using server = await mqttServer({ maxInFlight: 3 });
    await using first = await subscriber(server, 1);
    await publish(server, numbers(3), 1);
    const before = await receive(first, 3);
    // The first one's acknowledgement is refused: it is a packet of its own when it comes again.
    server.store.fail(new BrokerError('store-full', 'disk full'));
    first.send({ cmd: 'puback', messageId: before[0]!.id });
    await first.closed;
    server.store.fail(undefined);
    await using second = await RawClient.connect(server.port, durable);
    const again = await receive(second, 3);
    expect(again.map(({ text }) => text)).toEqual(numbers(3));
    expect(again.slice(1)).toEqual(before.slice(1).map((packet) => ({ ...packet, dup: true })));
    expect(again[0]!.id).not.toBe(before[1]!.id);
    expect(again[0]!.id).not.toBe(before[2]!.id);
  });
});

describe('a QoS 2 packet to a durable session', () => {
  it('is sent only when its identifier is stored', async () => {
    await using server = await mqttServer();
    await using first = await subscriber(server, 2);
    await first.disconnect();
    await publish(server, ['x'], 2);
    server.store.hold();
    await using second = await RawClient.connect(server.port, durable);
    await expect.poll(() => server.store.heldCount).toBe(1);
    expect(await second.untilPong()).toEqual([]);
    server.store.resume();
    expect(await receive(second, 1)).toMatchObject([{ text: 'x', qos: 2 }]);
  });

  it('is released only when its reception is stored', async () => {
    await using server = await mqttServer();
    await using client = await subscriber(server, 2);
    const queue = queueOf(server);
    await publish(server, ['x'], 2);
    const [packet] = await receive(client, 1);
    const [stored] = await server.store.readPage(queue.id, 0, { entries: 1, bytes: 1e6 });
    expect(stored?.delivery?.token).toBe((2 << 16) | packet!.id);
    server.store.hold();
    client.send({ cmd: 'pubrec', messageId: packet!.id });
    expect(await client.untilPong()).toEqual([]);
    server.store.resume();
    await client.next('pubrel');
    const [released] = await server.store.readPage(queue.id, 0, { entries: 1, bytes: 1e6 });
    expect(released?.delivery?.token).toBe((3 << 16) | packet!.id);
  });

  it('is not sent when the store refuses its identifier', async () => {
    await using server = await mqttServer();
    await using first = await subscriber(server, 2);
    await first.disconnect();
    await publish(server, ['x'], 2);
    server.store.hold();
    await using second = await RawClient.connect(server.port, durable);
    await expect.poll(() => server.store.heldCount).toBe(1);
    server.store.fail(new BrokerError('store-full', 'disk full'));
    server.store.resume();
    expect((await second.rest()).length).toBe(0);
    server.store.fail(undefined);
    await using third = await RawClient.connect(server.port, durable);
    expect(await receive(third, 1)).toMatchObject([{ text: 'x', dup: false }]);
  });
});

describe('a message that is purged while it is in flight', () => {
  it.each([1, 2] as const)('ends with its acknowledgement at QoS %i, and is not sent again', async (qos) => {
    await using server = await mqttServer();
    await using first = await subscriber(server, qos);
    await publish(server, numbers(2), qos);
    const [one, two] = await receive(first, 2);
    await queueOf(server).purge();
    if (qos === 1) first.send({ cmd: 'puback', messageId: one!.id });
    else {
      first.send({ cmd: 'pubrec', messageId: one!.id });
      await first.next('pubrel');
      first.send({ cmd: 'pubcomp', messageId: one!.id });
    }
    expect(await first.untilPong()).toEqual([]);
    first.destroy();
    await using second = await RawClient.connect(server.port, durable);
    await publish(server, ['new'], qos);
    const [next] = await receive(second, 1);
    expect(next).toMatchObject({ text: 'new', dup: false });
    expect(next!.id).not.toBe(one!.id);
    expect(next!.id).not.toBe(two!.id);
  });
});

describe('a clean session', () => {
  it('gets QoS 2 without anything being stored', async () => {
    await using server = await mqttServer();
    await using client = await subscriber(server, 2, { clientId: 'clean' });
    server.store.hold();
    await publish(server, ['x'], 2);
    const [packet] = await receive(client, 1);
    client.send({ cmd: 'pubrec', messageId: packet!.id });
    await client.next('pubrel');
    client.send({ cmd: 'pubcomp', messageId: packet!.id });
    expect(await client.untilPong()).toEqual([]);
    expect(server.store.heldCount).toBe(0);
  });
});

describe('a slow client', () => {
  it.each([0, 1, 2] as const)('is sent no more than the bound at QoS %i, and all of it in the end', async (qos) => {
    const maxUnsentBytes = 64 * 1024;
    await using server = await mqttServer({ limits: { maxUnsentBytes }, maxInFlight: 10_000 });
    await using client = await subscriber(server, qos, { clientId: 'slow', clean: qos === 0 });
    client.pause();
    const body = 'x'.repeat(10_000);
    const count = 1000;
    const texts = numbers(count).map((n) => `${n} ${body}`);
    await publish(server, texts, qos);
    const queue = server.broker.find('subscription', 'mqtt:slow')!;
    expect(queue.readyCount).toBeGreaterThan(100);
    client.resume();
    expect((await receive(client, count)).map(({ text }) => text.split(' ')[0])).toEqual(numbers(count));
  });

  it('does not slow another', async () => {
    await using server = await mqttServer({ limits: { maxUnsentBytes: 64 * 1024 } });
    await using slow = await subscriber(server, 0, { clientId: 'slow' });
    await using quick = await subscriber(server, 0, { clientId: 'quick' });
    slow.pause();
    const texts = numbers(1000).map((n) => `${n} ${'x'.repeat(10_000)}`);
    await publish(server, texts, 0);
    expect(await receive(quick, 1000)).toHaveLength(1000);
    slow.resume();
    expect(await receive(slow, 1000)).toHaveLength(1000);
  });
});
