// Connecting, staying connected, and being disconnected (MQTT 3.1.1, 3.1).

import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { accessBy } from '../../support/access.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

function clients(server: {
  readonly context: { readonly clients: Iterable<{ readonly clientId?: string | undefined }> };
}) {
  return [...server.context.clients].map(({ clientId }) => clientId);
}

describe('a client identifier', () => {
  it('has one connection: a second one ends the first [MQTT-3.1.4-2]', async () => {
    await using server = await mqttServer();
    await using first = await RawClient.connect(server.port, { clientId: 'a' });
    await using second = await RawClient.connect(server.port, { clientId: 'a' });
    await first.closed;
    expect(await second.untilPong()).toEqual([]);
    expect(clients(server)).toEqual(['a']);
  });

  it('goes to the last of many that connect at once', async () => {
    await using server = await mqttServer();
    const all: RawClient[] = [];
    for (let i = 0; i < 10; i++) {
      const client = await RawClient.open(server.port);
      client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'a', clean: false });
      all.push(client);
    }
    const last = all.pop()!;
    await last.next('connack');
    await Promise.all(all.map((client) => client.closed));
    expect(await last.untilPong()).toEqual([]);
    last.destroy();
  });

  it('is not taken from its connection by someone who may not connect', async () => {
    const access = accessBy(async (_peer, credentials) => (credentials?.user === 'known' ? 'known' : undefined));
    await using server = await mqttServer({ access });
    await using first = await RawClient.connect(server.port, { clientId: 'a', username: 'known' });
    await using second = await RawClient.connect(server.port, { clientId: 'a', username: 'x', returnCode: 5 });
    await second.closed;
    expect(await first.untilPong()).toEqual([]);
  });

  it('that is empty is a different one for each connection [MQTT-3.1.3-6]', async () => {
    await using server = await mqttServer();
    await using _first = await RawClient.connect(server.port, { clientId: '' });
    await using _second = await RawClient.connect(server.port, { clientId: '' });
    expect(new Set(clients(server)).size).toBe(2);
  });

  it('may be as long as a string can be, and have any character', async () => {
    await using server = await mqttServer();
    const clientId = `${'é'.repeat(32_000)}: /#+$`;
    await using first = await RawClient.connect(server.port, { clientId, clean: false });
    await first.subscribe('a', 1);
    await first.disconnect();
    await using second = await RawClient.connect(server.port, { clientId, clean: false });
    expect(second.sessionPresent).toBe(true);
  });
});

describe('access', () => {
  const access = accessBy(async (_peer, credentials) =>
    credentials?.user === 'u' && credentials.password.equals(Buffer.from([0, 255])) ? 'user' : undefined,
  );

  it('is asked with the user name and the password', async () => {
    await using server = await mqttServer({ access });
    await using _client = await RawClient.connect(server.port, { username: 'u', password: Buffer.from([0, 255]) });
    expect([...server.context.clients].map(({ user }) => user)).toEqual(['user']);
  });

  it('refuses wrong credentials and none with 5', async () => {
    await using server = await mqttServer({ access });
    await using wrong = await RawClient.connect(server.port, {
      username: 'u',
      password: Buffer.from('x'),
      returnCode: 5,
    });
    await using none = await RawClient.connect(server.port, { returnCode: 5 });
    await Promise.all([wrong.closed, none.closed]);
    expect(clients(server)).toEqual([]);
  });

  it('that fails is answered with 3', async () => {
    const failing = accessBy(() => Promise.reject(new BrokerError('store-failed', 'read users')));
    await using server = await mqttServer({ access: failing });
    await using client = await RawClient.connect(server.port, { returnCode: 3 });
    await client.closed;
  });

  it('is waited for before anything else is read', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    await using server = await mqttServer({
      access: accessBy(() => {
        asked.resolve();
        return answer.promise;
      }),
    });
    await using client = await RawClient.open(server.port);
    client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'a', clean: true });
    client.publish('a', 'x', { qos: 1, messageId: 1 });
    await asked.promise;
    expect(server.broker.received).toBe(0);
    answer.resolve('user');
    await client.next('connack');
    await client.next('puback');
  });
});

describe('time', () => {
  it('ends a connection that does not say CONNECT', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock, limits: { connectTimeoutMs: 5000 } });
    await using client = await RawClient.open(server.port);
    client.send(Buffer.from([0x10, 0x20]));
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    clock.turn(4999);
    client.send(Buffer.from([0]));
    clock.turn(1);
    expect((await client.rest()).length).toBe(0);
  });

  it('ends a connection after one and a half times its keep alive [MQTT-3.1.2-24]', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using client = await RawClient.connect(server.port, { keepalive: 10 });
    clock.turn(14_999);
    expect(await client.untilPong()).toEqual([]);
    clock.turn(14_999);
    expect(await client.untilPong()).toEqual([]);
    clock.turn(15_000);
    await client.closed;
  });

  it('does not end a connection whose keep alive is 0', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ clock });
    await using client = await RawClient.connect(server.port, { keepalive: 0 });
    clock.turn(1000 * 65_536 * 2);
    expect(await client.untilPong()).toEqual([]);
  });
});

describe('the engine', () => {
  it('answers 3 when it cannot store the session, and has none then', async () => {
    await using server = await mqttServer();
    server.store.fail(new BrokerError('store-full', 'disk full'));
    await using refused = await RawClient.connect(server.port, { clientId: 'a', clean: false, returnCode: 3 });
    await refused.closed;
    server.store.fail(undefined);
    await using client = await RawClient.connect(server.port, { clientId: 'a', clean: false });
    expect(client.sessionPresent).toBe(false);
  });

  it('acknowledges a session only when it is stored', async () => {
    await using server = await mqttServer();
    server.store.hold();
    await using client = await RawClient.open(server.port);
    client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'a', clean: false });
    await expect.poll(() => server.store.heldCount).toBe(1);
    expect(clients(server)).toEqual([]);
    server.store.resume();
    await client.next('connack');
  });

  it('can end a connection for a reason of its own', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    for (const { disconnect } of server.context.clients) disconnect('an administrator said so');
    await client.closed;
    expect(clients(server)).toEqual([]);
  });

  it('counts what a client sends and gets', async () => {
    await using server = await mqttServer();
    await using client = await RawClient.connect(server.port);
    await client.subscribe('a');
    for (let i = 0; i < 3; i++) client.publish('a', 'x');
    client.publish('b', 'x');
    expect(await client.untilPong()).toHaveLength(3);
    expect([...server.context.clients]).toMatchObject([{ messagesIn: 4, messagesOut: 3 }]);
  });

  it('closes connections that break the rules, and is there for others', async () => {
    await using server = await mqttServer();
    await using good = await RawClient.connect(server.port, { clientId: 'good' });
    await using bad = await RawClient.connect(server.port, { clientId: 'bad' });
    bad.send(Buffer.from([0x30, 0]));
    await bad.closed;
    expect(await good.untilPong()).toEqual([]);
  });
});
