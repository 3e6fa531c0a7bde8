// `$SYS/broker/…`, as mosquitto names it.

import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

const options = { statisticsMs: 10_000, serverName: 'causeway 1.2.3' };

async function read(client: RawClient): Promise<Record<string, string>> {
  const packets = await client.untilPong();
  return Object.fromEntries(
    packets.map((packet) => {
      if (packet.cmd !== 'publish') throw new Error(packet.cmd);
      return [packet.topic.slice('$SYS/broker/'.length), packet.payload.toString()];
    }),
  );
}

describe('$SYS', () => {
  it('says at once how things are', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock, options });
    await using away = await RawClient.connect(server.port, { clientId: 'away', clean: false });
    await away.disconnect();
    await using client = await RawClient.connect(server.port, { keepalive: 0 });
    client.publish('kept', 'x', { qos: 1, messageId: 1, retain: true });
    await client.next('puback');
    await client.subscribe('$share/g/a');
    clock.turn(5000);
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$SYS/#', qos: 0 }] });
    await client.next('suback');
    expect(await read(client)).toMatchObject({
      version: 'causeway 1.2.3',
      uptime: '5 seconds',
      'clients/total': '2',
      'clients/connected': '1',
      'clients/disconnected': '1',
      'clients/maximum': '1',
      'publish/messages/received': '1',
      'publish/messages/sent': '0',
      'retained messages/count': '1',
      'subscriptions/count': '2',
      'shared_subscriptions/count': '1',
    });
  });

  it('comes as retained at first, and then what has changed, every ten seconds', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock, options });
    await using client = await RawClient.connect(server.port, { keepalive: 0 });
    await client.subscribe('$SYS/broker/uptime');
    expect(await client.next('publish')).toMatchObject({ retain: true, payload: Buffer.from('0 seconds') });
    await client.subscribe('$SYS/broker/version');
    expect(await client.next('publish')).toMatchObject({ retain: true });
    clock.turn(10_000);
    const first = [await client.next('publish'), await client.next('publish')];
    expect(first.map(({ topic, retain }) => [topic, retain])).toEqual([
      ['$SYS/broker/version', false],
      ['$SYS/broker/uptime', false],
    ]);
    clock.turn(10_000);
    expect(await client.next('publish')).toMatchObject({ topic: '$SYS/broker/uptime' });
    expect(await client.untilPong()).toEqual([]);
  });

  it('is made for nobody', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock, options });
    await using client = await RawClient.connect(server.port, { keepalive: 0 });
    await client.subscribe('#');
    clock.turn(100_000);
    expect(await client.untilPong()).toEqual([]);
    expect(server.broker.received).toBe(0);
  });

  it('counts sessions that have gone, and subscriptions with them', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock, options });
    {
      await using client = await RawClient.connect5(server.port, {
        clientId: 'gone',
        properties: { sessionExpiryInterval: 5 },
      });
      await client.subscribe('a');
      await client.subscribe('b');
      await client.disconnect();
    }
    await expect.poll(() => server.context.clients.size).toBe(0);
    clock.turn(5000);
    await using client = await RawClient.connect5(server.port, { keepalive: 0 });
    await client.subscribe('$SYS/broker/+/+');
    expect(await read(client)).toMatchObject({
      'clients/expired': '1',
      'clients/disconnected': '0',
      'subscriptions/count': '1',
    });
  });
});
