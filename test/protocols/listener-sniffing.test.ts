// One port for all: what a client speaks is found out from its first bytes.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sniff } from '../../broker/protocols/transport/sniff.ts';
import { openssl, TestAuthority } from '../support/certificates.ts';
import { temporaryDirectory } from '../support/engine-process.ts';
import { closed, listening } from './listening.ts';
import { overAmqp, overAmqpWebSocket, overMqtt, overStompit, overStompJs } from './round-trips.ts';

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

describe('the first bytes', () => {
  it.each([
    ['AMQP\0\x01\0\0', 'amqp'],
    ['AMQP\x03\x01\0\0', 'amqp'],
    ['\x10\x0d\0\x04MQTT', 'mqtt'],
    ['\x10\xff\xff\x03\0\x06MQIsdp', 'mqtt'],
    ['CONNECT\n', 'stomp'],
    ['CONNECT\r\n', 'stomp'],
    ['\n\r\nSTOMP\n', 'stomp'],
    ['GET /mqtt HTTP/1.1', 'http'],
    ['\x16\x03\x01\x02\0\x01', 'tls'],
    ['', 'undecided'],
    ['A', 'undecided'],
    ['\x10', 'undecided'],
    ['\x10\xff\xff', 'undecided'],
    ['\x10\x0d\0\x04MQ', 'undecided'],
    ['\n\n', 'undecided'],
    ['CONNEC', 'undecided'],
    ['\x16\x03', 'undecided'],
    ['\n'.repeat(32), undefined],
    ['CONNECT example.com:443 HTTP/1.1', undefined],
    ['POST / HTTP/1.1', undefined],
    ['\x10\xff\xff\xff\xff\x01', undefined],
    ['\x10\x0d\0\x04MQTX', undefined],
    ['\x30\x0d', undefined],
    ['\x16\x03\x01\x02\0\x02', undefined],
    ['\x15\x03', undefined],
    ['SSH-2.0', undefined],
    ['\0\0\0\x01', undefined],
  ])('of %j are those of %s', (text, spoken) => {
    expect(sniff(bytes(text))).toBe(spoken);
  });
});

async function raw(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('a port for all', () => {
  it('takes AMQP, MQTT, STOMP and WebSocket', async () => {
    await using any = await listening('any');
    const { port } = any;
    expect(await overAmqp({ port })).toBe('Grüße');
    expect(await overMqtt(`mqtt://127.0.0.1:${port}`)).toBe('Grüße');
    expect(await overStompit({ host: '127.0.0.1', port })).toBe('Grüße');
    expect(await overMqtt(`ws://127.0.0.1:${port}`)).toBe('Grüße');
    expect(await overAmqpWebSocket(`ws://127.0.0.1:${port}`, 'amqp')).toBe('Grüße');
    expect(await overStompJs(`ws://127.0.0.1:${port}`)).toBe('Grüße');
    expect(any.peers.every(({ encrypted }) => encrypted === false)).toBe(true);
  });

  it.skipIf(!openssl.present)('takes them in TLS too, if it has a certificate', async () => {
    await using directory = await temporaryDirectory();
    const authority = await TestAuthority.make(directory.path);
    const ca = await authority.bytes;
    await using any = await listening('any', { tls: await authority.server() });
    const { port } = any;
    expect(await overAmqp({ port, transport: 'tls', ca })).toBe('Grüße');
    expect(await overMqtt(`mqtts://127.0.0.1:${port}`, { ca })).toBe('Grüße');
    expect(await overMqtt(`wss://127.0.0.1:${port}`, { wsOptions: { ca } })).toBe('Grüße');
    expect(any.peers.every(({ encrypted }) => encrypted === true)).toBe(true);
    expect(await overMqtt(`mqtt://127.0.0.1:${port}`)).toBe('Grüße');
    expect(any.peers.at(-1)?.encrypted).toBe(false);
  });

  it('waits for bytes that come one by one', async () => {
    await using any = await listening('any');
    const socket = await raw(any.port);
    for (const character of '\n\nCONNECT\naccept-version:1.2\nhost:h\n\n\0') socket.write(character);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^CONNECTED\n/);
    socket.destroy();
  });

  it.each([
    ['SSH-2.0-x', 'speaks none of AMQP 1.0, MQTT, STOMP, WebSocket'],
    ['\x16\x03\x01\x02\0\x01', 'TLS is not spoken here'],
  ])('closes a connection that begins with %j', async (text, reason) => {
    await using any = await listening('any');
    const socket = await raw(any.port);
    socket.write(text, 'latin1');
    await closed(socket);
    expect(any.refused).toEqual([reason]);
    expect(any.peers).toEqual([]);
  });

  it.each(['', 'CONN'])('closes a connection that has said %j and no more, in time', async (text) => {
    await using any = await listening('any', { handshakeTimeoutMs: 50 });
    const socket = await raw(any.port);
    socket.write(text);
    await closed(socket);
    expect(any.refused).toEqual(['did not say in time what it speaks']);
  });

  it('forgets a connection that ends before it has said anything', async () => {
    await using any = await listening('any');
    const socket = await raw(any.port);
    socket.end('CO');
    await closed(socket);
    expect(any.refused).toEqual([]);
  });
});
