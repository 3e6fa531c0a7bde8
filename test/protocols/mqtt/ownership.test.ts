// What a user has left is nobody else's (MQTT 5, 5.4.2): sessions, connections, and wills that outlive the engine.

import { describe, expect, it } from 'vitest';
import { openAccess, unrestricted } from '../../../broker/core/access.ts';
import type { Access } from '../../../broker/core/access.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';

/** These users, and whoever comes without a name. `writers`: who may publish. */
function accessOf(users: readonly string[], writers: readonly string[] = ['ann', 'bob', 'anonymous']): Access {
  const principal = (user: string) => ({
    ...unrestricted(user),
    authorize: (operation: string): void => {
      if (operation !== 'write' || writers.includes(user)) return;
      throw new BrokerError('unauthorized', `${user} may not write`);
    },
  });
  const isUser = (user: string): boolean => user === 'anonymous' || users.includes(user);
  return {
    ...openAccess,
    authenticate: async (_, { user } = { user: 'anonymous', password: Buffer.alloc(0) }) =>
      isUser(user) ? principal(user) : undefined,
    isProven: (user) => users.includes(user),
    principalOf: (user) => (isUser(user) ? principal(user) : undefined),
  };
}

const as = (username: string) => ({ clientId: 'till', clean: false, username, password: Buffer.from('p') });
const ann = as('ann');
const bob = as('bob');
const nobody = { clientId: 'till', clean: false };

describe('a session of a user', () => {
  it.each([true, false])('is refused to others, as not authorized, and goes on; clean start: %s', async (clean) => {
    await using server = await mqttServer({ access: accessOf(['ann', 'bob']) });
    {
      await using client = await RawClient.connect(server.port, ann);
      await client.subscribe('a', 1);
      await client.disconnect();
    }
    await using other = await RawClient.connect(server.port, { ...bob, clean, returnCode: 5 });
    await using stranger = await RawClient.connect(server.port, { ...nobody, clean, returnCode: 5 });
    const terms = { ...bob, clean, properties: { sessionExpiryInterval: 100 }, reasonCode: 0x87 };
    await using third = await RawClient.connect5(server.port, terms);
    await Promise.all([other.closed, stranger.closed, third.closed]);
    await using back = await RawClient.connect(server.port, ann);
    expect(back.sessionPresent).toBe(true);
  });

  it('is refused to others while a connection has it, which goes on', async () => {
    await using server = await mqttServer({ access: accessOf(['ann', 'bob']) });
    await using client = await RawClient.connect(server.port, { ...ann, clean: true });
    await using other = await RawClient.connect(server.port, { ...bob, returnCode: 5 });
    await other.closed;
    expect(await client.untilPong()).toEqual([]);
  });

  it('is still theirs after a restart, and anyone else’s once there is no such user', async () => {
    await using server = await mqttServer({ access: accessOf(['ann', 'bob']) });
    await using first = await RawClient.connect(server.port, ann);
    await first.subscribe('a', 1);
    await server.crash();
    await using next = await mqttServer({ store: server.store, access: accessOf(['ann', 'bob']) });
    await using other = await RawClient.connect(next.port, { ...bob, returnCode: 5 });
    await other.closed;
    await next.crash();
    await using last = await mqttServer({ store: next.store, access: accessOf(['bob']) });
    await using heir = await RawClient.connect(last.port, bob);
    expect(heir.sessionPresent).toBe(true);
  });

  it('that came without a name is taken up by who has one, and then is theirs', async () => {
    await using server = await mqttServer({ access: accessOf(['ann', 'bob']) });
    {
      await using client = await RawClient.connect(server.port, nobody);
      await client.disconnect();
    }
    {
      await using client = await RawClient.connect(server.port, ann);
      expect(client.sessionPresent).toBe(true);
      await client.disconnect();
    }
    await using other = await RawClient.connect(server.port, { ...bob, returnCode: 5 });
    await other.closed;
  });

  it('is anyone’s where names prove nothing', async () => {
    await using server = await mqttServer();
    {
      await using client = await RawClient.connect(server.port, ann);
      await client.disconnect();
    }
    await using other = await RawClient.connect(server.port, bob);
    expect(other.sessionPresent).toBe(true);
  });
});

describe('a will that the engine finds when it starts', () => {
  const will = { topic: 'will', payload: Buffer.from('gone'), qos: 1, retain: false } as const;

  it.each([
    ['is published as the user who left it', accessOf(['ann']), 1],
    ['is dropped if that user may not publish it any more', accessOf(['ann'], []), 0],
    ['is dropped if there is no such user any more', accessOf([]), 0],
  ])('%s', async (_, access, published) => {
    await using server = await mqttServer({ access: accessOf(['ann']) });
    await using watching = await RawClient.connect(server.port, { clientId: 'watcher', clean: false });
    await watching.subscribe('will', 1);
    await RawClient.connect(server.port, { ...ann, will });
    await server.crash();
    await using next = await mqttServer({ store: server.store, access });
    await using again = await RawClient.connect(next.port, { clientId: 'watcher', clean: false });
    const got = await again.untilPong();
    expect(got.map(({ cmd }) => cmd)).toEqual(Array.from({ length: published }, () => 'publish'));
    expect(await next.store.readRecords('mqtt.will')).toEqual([]);
  });
});
