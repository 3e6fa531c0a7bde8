// Rules of connections, with the clause of part 2 (transport) or part 5 (security) that they come from.

import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { accessBy } from '../../support/access.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { FrameWriter } from '../../../broker/protocols/amqp/codec/frame-writer.ts';
import { AmqpDialect } from '../../../broker/protocols/amqp/dialect.ts';
import { hex } from './codec/bytes.ts';
import { amqpBroker, connect, until } from './fixture.ts';
import { headers, RawPeer, terminus } from './raw-peer.ts';

const plain = (user: string, password: string) => Buffer.from(`\0${user}\0${password}`);

/** One user; nobody without a name. */
const guarded = accessBy(async (_, credentials) =>
  credentials?.user === 'ann' && credentials.password.equals(Buffer.from('secret')) ? 'ann' : undefined,
);

async function guardedBroker() {
  const engine = await amqpBroker();
  Object.assign(engine.context, { access: guarded });
  return engine;
}

describe('protocol headers', () => {
  test('2.2 AMQP is answered with AMQP, where clients without a name are let in', async () => {
    await using engine = await amqpBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.amqp);
    expect((await peer.expect('header')).octets).toBe(headers.amqp);
  });

  test('2.2 AMQP is answered with SASL, where they are not', async () => {
    await using engine = await guardedBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.amqp);
    expect((await peer.expect('header')).octets).toBe(headers.sasl);
    expect(await peer.next()).toBeUndefined();
  });

  test.each([
    ['another version', '414d515000010100'],
    ['AMQP 0-9-1', '414d515000000901'],
    ['TLS within the connection', '414d515002010000'],
    ['HTTP', Buffer.from('GET / HT').toString('hex')],
  ])('2.2 %s is answered with the header that is supported, and the end', async (_, header) => {
    await using engine = await amqpBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(header);
    expect((await peer.expect('header')).octets).toBe(headers.sasl);
    expect(await peer.next()).toBeUndefined();
  });
});

describe('SASL', () => {
  test('5.3.2 PLAIN lets in who knows the password', async () => {
    await using engine = await guardedBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    expect((await peer.expect('header')).octets).toBe(headers.sasl);
    expect((await peer.expect('saslMechanisms')).saslServerMechanisms).toContain('PLAIN');
    peer.sasl('saslInit', { mechanism: 'PLAIN', initialResponse: plain('ann', 'secret') });
    expect((await peer.expect('saslOutcome')).code).toBe(0);
    peer.header(headers.amqp);
    expect((await peer.expect('header')).octets).toBe(headers.amqp);
    peer.send(0, 'open', { containerId: 'raw' });
    await peer.expect('open');
    expect([...engine.context.clients]).toMatchObject([{ user: 'ann', clientId: 'raw', protocol: 'amqp' }]);
  });

  test('5.3.2 all of it may be sent ahead', async () => {
    await using engine = await guardedBroker();
    await using peer = new RawPeer(engine.port);
    peer.octets(hex(headers.sasl));
    peer.sasl('saslInit', { mechanism: 'PLAIN', initialResponse: plain('ann', 'secret') });
    peer.octets(hex(headers.amqp));
    peer.send(0, 'open', { containerId: 'raw' });
    peer.send(0, 'begin', { nextOutgoingId: 0, incomingWindow: 1, outgoingWindow: 1 });
    await peer.expect('header');
    await peer.expect('saslMechanisms');
    await peer.expect('saslOutcome');
    await peer.expect('header');
    await peer.expect('open');
    expect((await peer.expect('begin')).channel).toBe(0);
  });

  test('5.3.2 what was sent ahead counts even if the peer ends its side right behind it', async () => {
    await using engine = await guardedBroker();
    const dialect = new AmqpDialect(engine.context);
    const [client, server] = duplexPair();
    dialect.accept(server, { address: 'here', anonymous: true });
    const writer = new FrameWriter(1024);
    writer.sasl('saslInit', { mechanism: 'PLAIN', initialResponse: plain('ann', 'secret') });
    writer.header(hex(headers.amqp));
    writer.frame(0, 'open', { containerId: 'raw' });
    writer.frame(0, 'begin', { nextOutgoingId: 0, incomingWindow: 1, outgoingWindow: 1 });
    const ends = { source: terminus('source', 'here'), target: terminus('target', 'orders'), initialDeliveryCount: 0 };
    writer.frame(0, 'attach', { name: 's', handle: 0, role: false, ...ends });
    const transfer = { handle: 0, deliveryId: 0, deliveryTag: hex('01'), messageFormat: 0, settled: true };
    writer.transfer(0, transfer, [hex('005377a10161')]);
    client.write(hex(headers.sasl));
    client.end(writer.takeCopy());
    await once(client.resume(), 'end');
    expect(engine.broker.queue('orders').readyCount).toBe(1);
    await dialect.close();
  });

  test('4422 PLAIN without an initial response is asked for it', async () => {
    await using engine = await guardedBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    peer.sasl('saslInit', { mechanism: 'PLAIN' });
    await peer.expect('header');
    await peer.expect('saslMechanisms');
    expect((await peer.expect('saslChallenge')).challenge).toHaveLength(0);
    peer.sasl('saslResponse', { response: plain('ann', 'secret') });
    expect((await peer.expect('saslOutcome')).code).toBe(0);
  });

  test.each([
    ['a wrong password', 'PLAIN', plain('ann', 'wrong')],
    ['an unknown user', 'PLAIN', plain('bob', 'secret')],
    ['acting as someone else', 'PLAIN', Buffer.from('bob\0ann\0secret')],
    ['a response that is none', 'PLAIN', Buffer.from('ann')],
    ['a response with too many parts', 'PLAIN', Buffer.from('\0ann\0secret\0')],
    ['an unknown mechanism', 'CRAM-MD5', Buffer.alloc(0)],
    ['a mechanism named like a property of objects', 'constructor', Buffer.alloc(0)],
    ['nobody, where nobody is let in', 'ANONYMOUS', Buffer.alloc(0)],
  ])('5.3.3.6 %s is refused with outcome 1, and the end', async (_, mechanism, initialResponse) => {
    await using engine = await guardedBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    peer.sasl('saslInit', { mechanism, initialResponse });
    await peer.expect('header');
    await peer.expect('saslMechanisms');
    expect((await peer.expect('saslOutcome')).code).toBe(1);
    await peer.over();
  });

  test('5.3.3.6 a failing look-up is outcome 4, temporary', async () => {
    await using engine = await amqpBroker();
    Object.assign(engine.context, { access: { authenticate: () => Promise.reject(new Error('no directory')) } });
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    peer.sasl('saslInit', { mechanism: 'PLAIN', initialResponse: plain('ann', 'secret') });
    await peer.expect('header');
    await peer.expect('saslMechanisms');
    expect((await peer.expect('saslOutcome')).code).toBe(4);
    await peer.over();
  });

  test.each([
    ['a response before the init', (peer: RawPeer) => peer.sasl('saslResponse', { response: Buffer.alloc(0) })],
    ['an AMQP frame', (peer: RawPeer) => peer.send(0, 'open', { containerId: 'raw' })],
    ['a frame of 5 KiB', (peer: RawPeer) => peer.sasl('saslInit', { mechanism: 'x'.repeat(5000) })],
    [
      'an array of thirty million nulls',
      (peer: RawPeer) => peer.octets(hex('00000017 02 01 0000 00 53 41 c0 0a 01 f0 00000005 01c9c380 40')),
    ],
  ])('5.3.2 %s ends the connection', async (_, act) => {
    await using engine = await amqpBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    await peer.expect('header');
    await peer.expect('saslMechanisms');
    act(peer);
    expect(await peer.next()).toBeUndefined();
  });

  test('a client of another make authenticates with PLAIN', async () => {
    await using engine = await guardedBroker();
    await using client = await connect(engine.port, { username: 'ann', password: 'secret' });
    expect(client.connection.is_open()).toBe(true);
    await expect(connect(engine.port, { username: 'ann', password: 'wrong' })).rejects.toThrow('not connected');
  });
});

describe('open', () => {
  test('2.7.1 says what we take', async () => {
    await using engine = await amqpBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.amqp);
    peer.send(0, 'open', { containerId: 'raw' });
    await peer.expect('header');
    expect(await peer.expect('open')).toMatchObject({ maxFrameSize: 131_072, channelMax: 1023, idleTimeOut: 30_000 });
  });

  test('2.4.3 a close without a reason is answered by one', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.send(0, 'close', {});
    expect((await peer.expect('close')).error).toBeUndefined();
    expect(await peer.next()).toBeUndefined();
    await until(() => engine.context.clients.size === 0);
  });

  test.each([
    ['2.4.1 anything before the open', 'illegal-state', (peer: RawPeer) => peer.send(0, 'end', {})],
    [
      '2.7.1 an open without a container-id',
      'invalid-field',
      (peer: RawPeer) => peer.octets(hex('0000000c 02 00 0000 00 53 10 45')),
    ],
    [
      '2.4.1 an open on another channel than 0',
      'connection:framing-error',
      (peer: RawPeer) => peer.send(1, 'open', { containerId: 'raw' }),
    ],
    [
      '2.7.1 a max-frame-size below 512',
      'invalid-field',
      (peer: RawPeer) => peer.send(0, 'open', { containerId: 'raw', maxFrameSize: 511 }),
    ],
    [
      '2.4.5 an idle-time-out that cannot be kept',
      'not-allowed',
      (peer: RawPeer) => peer.send(0, 'open', { containerId: 'raw', idleTimeOut: 5 }),
    ],
    [
      '2.3.1 a frame above the limit before the open',
      'connection:framing-error',
      (peer: RawPeer) => peer.send(0, 'open', { containerId: 'x'.repeat(5000) }),
    ],
    ['2.3.1 a malformed frame', 'connection:framing-error', (peer: RawPeer) => peer.octets(hex('00000008 01 00 0000'))],
    [
      '2.3.2 a frame of an unknown type',
      'connection:framing-error',
      (peer: RawPeer) => peer.octets(hex('0000000c 02 07 0000 00 53 10 45')),
    ],
    [
      '2.3.2 a body that is no performative',
      'decode-error',
      (peer: RawPeer) => peer.octets(hex('0000000c 02 00 0000 00 53 28 45')),
    ],
  ])('%s is answered with open, and close with the reason', async (_, condition, act) => {
    await using engine = await amqpBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.amqp);
    await peer.expect('header');
    act(peer);
    await peer.expect('open');
    expect((await peer.closed())?.condition).toBe(`amqp:${condition}`);
  });

  test.each([
    ['2.4.1 a second open', 'illegal-state', (peer: RawPeer) => peer.send(0, 'open', { containerId: 'raw' })],
    [
      '2.7.1 a channel above channel-max',
      'connection:framing-error',
      (peer: RawPeer) => peer.send(1024, 'begin', begin),
    ],
    ['2.5.1 a channel that has a session', 'illegal-state', (peer: RawPeer) => peer.send(0, 'begin', begin)],
    ['2.5.1 a channel that has none', 'illegal-state', (peer: RawPeer) => peer.send(7, 'end', {})],
    [
      '2.7.2 a remote-channel where there is no begin of ours',
      'invalid-field',
      (peer: RawPeer) => peer.send(1, 'begin', { ...begin, remoteChannel: 0 }),
    ],
    [
      '2.7.2 a handle above handle-max',
      'connection:framing-error',
      (peer: RawPeer) => peer.attachSender({ handle: 1024 }),
    ],
    [
      '2.3.1 a frame above max-frame-size',
      'connection:framing-error',
      (peer: RawPeer) => peer.octets(hex('00020001 02 00 0000')),
    ],
    [
      '2.3.1 a frame of four gigabytes',
      'connection:framing-error',
      (peer: RawPeer) => peer.octets(hex('ffffffff 02 00 0000')),
    ],
    ['5.3.2 a SASL frame', 'connection:framing-error', (peer: RawPeer) => peer.sasl('saslOutcome', { code: 0 })],
  ])('%s closes an open connection', async (_, condition, act) => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    act(peer);
    expect((await peer.closed())?.condition).toBe(`amqp:${condition}`);
  });

  test('2.3.1 our frames are no larger than the peer takes', async () => {
    await using engine = await amqpBroker();
    await using sender = await RawPeer.sender(engine.port);
    sender.deliver(0, hex(`0053 75 b0 00001000 ${'61'.repeat(4096)}`));
    await sender.expect('disposition');
    await using peer = await RawPeer.open(engine.port, { maxFrameSize: 512 });
    peer.attachReceiver();
    peer.grant(1);
    await peer.expect('attach');
    const parts: Buffer[] = [];
    for (let more = true; more;) {
      const transfer = await peer.expect('transfer');
      // Frame header and performative are at least 20 octets.
      expect(transfer.payload.length).toBeLessThanOrEqual(512 - 20);
      parts.push(transfer.payload);
      more = transfer.more;
    }
    expect(parts.length).toBeGreaterThan(8);
    expect(Buffer.concat(parts).subarray(-4096).toString()).toBe('a'.repeat(4096));
  });
});

describe('time', () => {
  test.each([
    ['says nothing', () => undefined],
    ['stops before it authenticates', (peer: RawPeer) => peer.header(headers.sasl)],
    ['does not open', (peer: RawPeer) => peer.header(headers.amqp)],
    ['opens in pieces', (peer: RawPeer) => (peer.header(headers.amqp), peer.octets(hex('00000200 02 00 0000')))],
  ])('a peer that %s is dropped', async (_, act) => {
    const clock = new ManualClock();
    await using engine = await amqpBroker({ clock, limits: { connectTimeoutMs: 1000 } });
    await using peer = new RawPeer(engine.port);
    await once(peer.socket, 'connect');
    act(peer);
    await using other = await RawPeer.open(engine.port);
    clock.turn(1000);
    await once(peer.socket, 'close');
    expect(other.socket.destroyed).toBe(false);
  });

  test('2.4.5 a peer that is silent for the idle time-out is closed', async () => {
    const clock = new ManualClock();
    await using engine = await amqpBroker({ clock });
    await using peer = await RawPeer.open(engine.port);
    clock.turn(60_000);
    peer.octets(hex('00000008 02 00 0000'));
    peer.send(0, 'flow', { incomingWindow: 1, nextOutgoingId: 0, outgoingWindow: 1, echo: true });
    await peer.expect('flow');
    clock.turn(60_000);
    expect(engine.context.clients.size).toBe(1);
    clock.turn(60_000);
    expect((await peer.closed())?.condition).toBe('amqp:resource-limit-exceeded');
  });

  test('2.4.5 the peer hears of us as often as it asks', async () => {
    const clock = new ManualClock();
    await using engine = await amqpBroker({ clock });
    await using peer = await RawPeer.open(engine.port, { idleTimeOut: 10_000 });
    await until(() => peer.socket.bytesRead > 0);
    clock.turn(5000);
    clock.turn(5000);
    expect((await peer.expect('heartbeat')).channel).toBe(0);
    clock.turn(5000);
    expect((await peer.expect('heartbeat')).channel).toBe(0);
  });
});

describe('ending', () => {
  test('the broker that stops says so', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    const closed = engine.dialect.close();
    expect((await peer.closed())?.condition).toBe('amqp:connection:forced');
    await closed;
  });

  test('a client that a person disconnects is told the reason', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    for (const client of engine.context.clients) client.disconnect('maintenance');
    expect(await peer.closed()).toMatchObject({ condition: 'amqp:connection:forced', description: 'maintenance' });
  });

  test('what a peer says after our close is not heard', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    const closed = engine.dialect.close();
    await peer.expect('close');
    peer.deliver(0, hex('0053 75 a0 01 61'));
    peer.send(0, 'close', {});
    await closed;
    expect(engine.broker.received).toBe(0);
  });
});

const begin = { nextOutgoingId: 0, incomingWindow: 10, outgoingWindow: 10 };
