// Wills in MQTT 5 (3.1.3.2): their delay and what ends it, their properties, and DISCONNECT with a will.

import { describe, expect, it } from 'vitest';
import { openAccess, unrestricted } from '../../../broker/core/access.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

const second = 1000;

async function watcher(server: MqttServer): Promise<RawClient> {
  const client = await RawClient.connect5(server.port, {
    clientId: 'watcher',
    keepalive: 0,
    clean: false,
    properties: { sessionExpiryInterval: 1_000_000 },
  });
  await client.subscribe('will', 2);
  return client;
}

interface Life {
  readonly delay?: number;
  readonly expiry?: number;
  readonly clean?: boolean;
}

async function mortal(server: MqttServer, { delay, expiry = 0, clean = false }: Life = {}): Promise<RawClient> {
  return RawClient.connect5(server.port, {
    clientId: 'w',
    clean,
    keepalive: 0,
    properties: { sessionExpiryInterval: expiry },
    will: {
      topic: 'will',
      payload: Buffer.from('gone'),
      qos: 1,
      retain: false,
      ...(delay === undefined ? {} : { properties: { willDelayInterval: delay } }),
    },
  });
}

/** The connection is lost, and the server has seen that. */
async function lose(server: MqttServer, client: RawClient): Promise<void> {
  const before = server.context.clients.size;
  client.destroy();
  await expect.poll(() => server.context.clients.size).toBe(before - 1);
  await server.store.write([]);
}

describe('the delay of a will', () => {
  it('passes before it is published [MQTT-3.1.2-8]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using watching = await watcher(server);
    await lose(server, await mortal(server, { delay: 3, expiry: 5 }));
    clock.turn(2999);
    expect(await watching.untilPong()).toEqual([]);
    clock.turn(1);
    expect(await watching.next('publish')).toMatchObject({ payload: Buffer.from('gone') });
    expect(await server.store.readRecords('mqtt.will')).toEqual([]);
  });

  it('ends with the session, if that is earlier [MQTT-3.1.2-8]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using watching = await watcher(server);
    await lose(server, await mortal(server, { delay: 5, expiry: 2 }));
    clock.turn(2 * second);
    await watching.next('publish');
  });

  it('is none where the session ends with its connection', async () => {
    await using server = await mqttServer();
    await using watching = await watcher(server);
    await lose(server, await mortal(server, { delay: 5 }));
    await watching.next('publish');
  });

  it('that is not over when the client is back never ends [MQTT-3.1.3-9]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using watching = await watcher(server);
    await lose(server, await mortal(server, { delay: 3, expiry: 100 }));
    clock.turn(2 * second);
    await using back = await RawClient.connect5(server.port, {
      clientId: 'w',
      clean: false,
      keepalive: 0,
      properties: { sessionExpiryInterval: 100 },
    });
    expect(back.sessionPresent).toBe(true);
    expect(await server.store.readRecords('mqtt.will')).toEqual([]);
    clock.turn(100 * second);
    expect(await watching.untilPong()).toEqual([]);
  });

  it('ends when the client begins a new session', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using watching = await watcher(server);
    await lose(server, await mortal(server, { delay: 3, expiry: 100 }));
    await using _back = await RawClient.connect5(server.port, { clientId: 'w', clean: true, keepalive: 0 });
    await watching.next('publish');
    clock.turn(10 * second);
    expect(await watching.untilPong()).toEqual([]);
  });

  it('goes on while the engine is down', async () => {
    const clock = new ManualClock();
    const server = await mqttServer({ clock });
    {
      await using watching = await watcher(server);
      await watching.disconnect();
    }
    await lose(server, await mortal(server, { delay: 30, expiry: 100 }));
    await server.crash();
    clock.turn(20 * second);
    const next = await mqttServer({ clock, store: server.store });
    {
      await using watching = await watcher(next);
      expect(await watching.untilPong()).toEqual([]);
      clock.turn(10 * second);
      await watching.next('publish');
    }
    await next[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('that has passed while the engine was down is over at its start', async () => {
    const clock = new ManualClock();
    const server = await mqttServer({ clock });
    {
      await using watching = await watcher(server);
      await watching.disconnect();
    }
    await lose(server, await mortal(server, { delay: 30, expiry: 100 }));
    await server.crash();
    clock.turn(40 * second);
    await using next = await mqttServer({ clock, store: server.store });
    await using watching = await RawClient.connect5(next.port, { clientId: 'watcher', clean: false });
    await watching.next('publish');
    await server[Symbol.asyncDispose]();
  });

  it('begins with the engine where a crash ended the connection', async () => {
    const clock = new ManualClock();
    const server = await mqttServer({ clock });
    {
      await using watching = await watcher(server);
      await watching.disconnect();
    }
    await using _connected = await mortal(server, { delay: 30, expiry: 100 });
    await server.crash();
    await using next = await mqttServer({ clock, store: server.store });
    await using watching = await watcher(next);
    expect(await watching.untilPong()).toEqual([]);
    clock.turn(30 * second);
    await watching.next('publish');
    await server[Symbol.asyncDispose]();
  });
});

describe('a takeover', () => {
  it.each([
    ['publishes a will without a delay', { expiry: 100 }, false, 1],
    ['publishes a will with a delay if the session is to be new', { delay: 9, expiry: 100 }, true, 1],
    ['publishes a will with a delay if the session ended', { delay: 9 }, false, 1],
    ['does not publish a will with a delay of a session that goes on', { delay: 9, expiry: 100 }, false, 0],
  ] as const)('%s', async (_, life, clean, count) => {
    await using server = await mqttServer();
    await using watching = await watcher(server);
    await using _first = await mortal(server, life);
    await using _second = await RawClient.connect5(server.port, {
      clientId: 'w',
      clean,
      properties: { sessionExpiryInterval: 100 },
    });
    expect(await watching.untilPong()).toHaveLength(count);
  });
});

describe('DISCONNECT', () => {
  it.each([
    [0x00, 0],
    [0x04, 1],
    [0x80, 1],
  ])('with reason %i publishes so many wills: %i [MQTT-3.1.2-10] [MQTT-3.14.4-3]', async (reasonCode, count) => {
    await using server = await mqttServer();
    await using watching = await watcher(server);
    await using client = await mortal(server);
    client.send({ cmd: 'disconnect', reasonCode });
    await client.closed;
    expect(await watching.untilPong()).toHaveLength(count);
    await expect.poll(() => server.store.readRecords('mqtt.will')).toEqual([]);
  });
});

describe('a will', () => {
  it('has all properties of a message, and expires from when it is published', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using watching = await watcher(server);
    await using client = await RawClient.connect5(server.port, {
      clientId: 'w',
      keepalive: 0,
      properties: { sessionExpiryInterval: 100 },
      will: {
        topic: 'will',
        payload: Buffer.from('gone'),
        qos: 2,
        retain: false,
        properties: {
          willDelayInterval: 7,
          payloadFormatIndicator: true,
          messageExpiryInterval: 60,
          contentType: 'text/plain',
          responseTopic: 'answers',
          correlationData: Buffer.from([0, 0xff]),
          userProperties: { a: ['1', '2'] },
        },
      },
    });
    await lose(server, client);
    clock.turn(7 * second);
    expect((await watching.next('publish')).properties).toEqual({
      payloadFormatIndicator: true,
      messageExpiryInterval: 60,
      contentType: 'text/plain',
      responseTopic: 'answers',
      correlationData: Buffer.from([0, 0xff]),
      userProperties: { a: ['1', '2'] },
    });
  });

  it('that the client may not publish refuses the connection', async () => {
    const access = {
      ...openAccess,
      authenticate: async () => ({
        ...unrestricted('ada'),
        authorize: () => {
          throw new BrokerError('unauthorized', 'no');
        },
      }),
    };
    await using server = await mqttServer({ access });
    const will = { topic: 'will', payload: Buffer.from('x'), qos: 0 as const, retain: false };
    await using five = await RawClient.connect5(server.port, { will, reasonCode: 0x87 });
    await using four = await RawClient.connect(server.port, { will, returnCode: 5 });
    await Promise.all([five.closed, four.closed]);
    expect(server.context.clients.size).toBe(0);
  });

  it('that the client may not publish any more is not published', async () => {
    let isAllowed = true;
    const authorize = (): void => {
      if (!isAllowed) throw new BrokerError('unauthorized', 'no');
    };
    const access = { ...openAccess, authenticate: async () => ({ ...unrestricted('ada'), authorize }) };
    await using server = await mqttServer({ access });
    await using watching = await watcher(server);
    const client = await mortal(server);
    isAllowed = false;
    await lose(server, client);
    expect(await watching.untilPong()).toEqual([]);
    expect(await server.store.readRecords('mqtt.will')).toEqual([]);
  });
});
