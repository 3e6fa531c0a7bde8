// What a route says when the other broker cannot be had, and that it goes on once it can.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import rhea from 'rhea';
import type { EventContext } from 'rhea';
import { describe, expect, it } from 'vitest';
import type { Access } from '../../../broker/core/access.ts';
import { openAccess, unrestricted } from '../../../broker/core/access.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { closed, listening } from '../../protocols/listening.ts';
import { accessBy } from '../../support/access.ts';
import { openssl, TestAuthority } from '../../support/certificates.ts';
import { temporaryDirectory } from '../../support/engine-process.ts';
import { message } from '../../support/messages.ts';
import { near } from './near.ts';
import type { Near, NearOptions } from './near.ts';

const types = ['amqp', 'stomp', 'mqtt'] as const;

/** As a target, and as a source. */
async function both(options: NearOptions): Promise<readonly [Near, Near]> {
  const place = options.type === 'mqtt' ? 'topic' : 'queue';
  return [
    await near('queue://in', `${place}://there@far`, options),
    await near(`${place}://there@far`, 'queue://out', options),
  ];
}

async function expectBoth(options: NearOptions, error: RegExp): Promise<void> {
  for (const one of await both(options)) {
    await expect.poll(() => one.route.error).toMatch(error);
    expect(one.route.state).toBe('failed');
    await one.close();
  }
}

describe.each(types)('over %s', (type) => {
  it('says that nothing listens there', async () => {
    await expectBoth({ type, port: 1 }, /^far \(127\.0\.0\.1:1\): nothing listens there$/);
  });

  it('says that there is no such host', async () => {
    await expectBoth(
      { type, port: 1, broker: { host: 'nowhere.invalid' } },
      /: there is no host of this name$|cannot be looked up now$/,
    );
  });

  it('says that what listens there speaks another protocol', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expectBoth({ type, port }, /: (it speaks no|what it sends is no|the connection was closed)/);
    server.close();
  });

  it('says that nobody answers', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expectBoth({ type, port, timing: { connectMs: 100 } }, /: it does not answer/);
    server.close();
  });

  it('is given up when the route is closed while it connects', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const [there, back] = await both({ type, port, timing: { connectMs: 60_000 } });
    await expect.poll(() => sockets.length).toBe(2);
    await there.close();
    await back.close();
    for (const socket of sockets) await closed(socket);
    server.close();
  });

  it('says that it is not let in, and crosses once it is', async () => {
    let password = 'other';
    const access = accessBy((_, credentials) =>
      Promise.resolve(credentials?.password?.toString() === password ? 'u' : undefined),
    );
    await using far = await listening('any', { access, anonymous: false });
    const options = { type, port: far.port, broker: { username: 'u', password: 'p' } };
    const [there, back] = await both(options);
    for (const one of [there, back]) {
      await expect.poll(() => one.route.error).toMatch(/it does not let the engine in: the user is unknown/);
    }
    password = 'p';
    for (const one of [there, back]) await expect.poll(() => one.route.state).toBe('running');
    await there.publish('queue://in', [message({ text: 'x' })]);
    await expect.poll(() => back.base.broker.queue('out').readyCount).toBe(1);
    await there.close();
    await back.close();
  });

  it('says that it may not send, and keeps what it has', async () => {
    const refusing: Access = {
      ...openAccess,
      authenticate: () => Promise.resolve({ ...unrestricted('u'), authorize: refuse }),
    };
    await using far = await listening('any', { access: refusing });
    const [there, back] = await both({ type, port: far.port });
    await there.publish('queue://in', [message({ text: 'x' })]);
    await expect.poll(() => there.route.error).toMatch(/^far \(.*(may not|not authorized)/s);
    await expect.poll(() => back.route.error).toMatch(/^far \(.*(may not|refuses the subscription)/s);
    await there.close();
    await back.close();
  });
});

function refuse(): never {
  throw new BrokerError('unauthorized', 'user "u" may not do this');
}

describe('over amqp', () => {
  it('says that there is no such queue', async () => {
    const container = rhea.create_container();
    const detach = ({ sender, receiver }: EventContext) =>
      (sender ?? receiver)!.close({ condition: 'amqp:not-found', description: 'no queue "there"' });
    container.on('sender_open', detach);
    container.on('receiver_open', detach);
    for (const event of ['error', 'disconnected', 'connection_error']) container.on(event, () => undefined);
    const server = container.listen({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expectBoth({ type: 'amqp', port }, /: no queue "there" \(amqp:not-found\)$/);
    server.close();
  });
});

describe.skipIf(!openssl.present).each(types)('over %s with TLS', (type) => {
  it('wants an authority that it trusts, and crosses with one', async () => {
    await using directory = await temporaryDirectory();
    const authority = await TestAuthority.make(directory.path);
    const { certificate, key } = await authority.server();
    await using far = await listening(`${type}s`, { tls: { certificate, key } });
    await expectBoth(
      { type, port: far.port, broker: { tls: {} } },
      /its certificate is of no authority that is trusted here: name that authority in tls\.ca/,
    );
    const [there, back] = await both({ type, port: far.port, broker: { tls: { ca: authority.ca } } });
    await expect.poll(() => [there.route.state, back.route.state]).toEqual(['running', 'running']);
    await expect.poll(() => far.peers.length).toBe(2);
    if (type === 'mqtt') await expect.poll(() => far.broker.topics.match('there').length).toBe(1);
    await there.publish('queue://in', [message({ text: 'x' })]);
    await expect.poll(() => back.base.broker.queue('out').readyCount).toBe(1);
    await there.close();
    await back.close();
  });
});
