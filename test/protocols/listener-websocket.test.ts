// The WebSocket listener: subprotocols, kinds of messages, origins, bounds, and pushback in both directions.

import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { openssl, TestAuthority } from '../support/certificates.ts';
import { temporaryDirectory } from '../support/engine-process.ts';
import { closed, listening } from './listening.ts';
import { overAmqpWebSocket, overMqtt, overStompJs } from './round-trips.ts';

const connectFrame = 'CONNECT\naccept-version:1.2\nhost:h\n\n\0';
const mqttConnect = Buffer.from('\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01a', 'latin1');

interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

class Socket implements AsyncDisposable {
  readonly ws: WebSocket;
  readonly messages: Message[] = [];
  readonly closed: Promise<number>;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer, isBinary) => this.messages.push({ data, isBinary }));
    ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      ws.on('close', resolve);
    });
  }

  static async open(port: number, protocols: string[], options: ClientOptions = {}): Promise<Socket> {
    const socket = new Socket(new WebSocket(`ws://127.0.0.1:${port}/any/path`, protocols, options));
    await once(socket.ws, 'open');
    return socket;
  }

  async received(count: number): Promise<readonly Message[]> {
    while (this.messages.length < count) await once(this.ws, 'message');
    return this.messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ws.terminate();
    await this.closed;
  }
}

/** The answer to a handshake that is refused. */
async function refusal(port: number, protocols: string[], options: ClientOptions = {}) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/`, protocols, options);
  ws.on('error', () => undefined);
  const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
}

describe('WebSocket', () => {
  it('carries MQTT, AMQP and STOMP', async () => {
    await using ws = await listening('ws');
    const url = `ws://127.0.0.1:${ws.port}`;
    expect(await overMqtt(url)).toBe('Grüße');
    expect(await overMqtt(url, { protocolId: 'MQIsdp', protocolVersion: 3 })).toBe('Grüße');
    expect(await overAmqpWebSocket(url, 'amqp')).toBe('Grüße');
    expect(await overAmqpWebSocket(url, 'AMQPWSB10')).toBe('Grüße');
    expect(await overStompJs(url)).toBe('Grüße');
    expect(await overStompJs(url, 'Grüße', ['v10.stomp'])).toBe('Grüße');
    expect(ws.peers).toHaveLength(6);
  });

  it.skipIf(!openssl.present)('carries them in TLS', async () => {
    await using directory = await temporaryDirectory();
    const authority = await TestAuthority.make(directory.path);
    const ca = await authority.bytes;
    await using wss = await listening('wss', { tls: await authority.server() });
    expect(await overMqtt(`wss://localhost:${wss.port}`, { wsOptions: { ca } })).toBe('Grüße');
    expect(await overAmqpWebSocket(`wss://localhost:${wss.port}`, 'amqp', { ca })).toBe('Grüße');
    expect(wss.peers[0]?.encrypted).toBe(true);
  });

  it.each([
    [['mqtt'], 'mqtt'],
    [['mqttv3.1', 'mqtt'], 'mqttv3.1'],
    [['graphql-ws', 'v11.stomp', 'v12.stomp'], 'v11.stomp'],
    [['stomp'], 'stomp'],
    [['amqp'], 'amqp'],
  ])('answers an offer of %j with %s', async (offered, chosen) => {
    await using listener = await listening('ws');
    await using socket = await Socket.open(listener.port, offered);
    expect(socket.ws.protocol).toBe(chosen);
  });

  it('refuses an offer of other subprotocols, and takes none for STOMP', async () => {
    await using listener = await listening('ws');
    expect(await refusal(listener.port, ['graphql-ws'])).toEqual({
      status: 400,
      body: 'no subprotocol of "graphql-ws" is spoken here\n',
    });
    expect(listener.refused).toEqual(['WebSocket: no subprotocol of "graphql-ws" is spoken here']);
    await using socket = await Socket.open(listener.port, []);
    expect(socket.ws.protocol).toBe('');
    socket.ws.send(connectFrame);
    expect((await socket.received(1))[0]?.data.toString()).toMatch(/^CONNECTED\n/);
  });

  it.each(['mqtt', 'amqp'])('closes at a text message on %s', async (protocol) => {
    await using listener = await listening('ws');
    await using socket = await Socket.open(listener.port, [protocol]);
    socket.ws.send(mqttConnect.toString('latin1'));
    expect(await socket.closed).toBe(1003);
    await listener.ended(1);
    expect(socket.messages).toEqual([]);
  });

  it('takes MQTT packets however messages cut them', async () => {
    await using listener = await listening('ws');
    await using socket = await Socket.open(listener.port, ['mqtt']);
    const ping = Buffer.from([0xc0, 0]);
    for (const byte of mqttConnect) socket.ws.send(Buffer.of(byte));
    socket.ws.send(Buffer.concat([ping, ping]));
    await expect
      .poll(() => Buffer.concat(socket.messages.map(({ data }) => data)).toString('hex'))
      .toBe('20020000d000d000');
    expect(socket.messages.every(({ isBinary }) => isBinary)).toBe(true);
  });

  it('takes STOMP as text and binary, and sends a message for each frame: text if that is what it is', async () => {
    await using listener = await listening('ws');
    await using socket = await Socket.open(listener.port, ['v12.stomp']);
    socket.ws.send(Buffer.from(connectFrame));
    socket.ws.send('SUBSCRIBE\nid:1\ndestination:/queue/q\n\n\0\n');
    socket.ws.send('SEND\ndestination:/queue/q\n\nGrüße\0');
    socket.ws.send(Buffer.from('SEND\ndestination:/queue/q\ncontent-length:3\n\n\xff\0\xfe\0', 'latin1'));
    const large = 'ü'.repeat(200_000);
    socket.ws.send(`SEND\ndestination:/queue/q\n\n${large}\0`);
    socket.ws.send('DISCONNECT\nreceipt:bye\n\n\0');
    expect(await socket.closed).toBe(1000);
    const frames = socket.messages.map(({ data, isBinary }) => [data.toString('latin1').split('\n')[0], isBinary]);
    expect(frames).toEqual([
      ['CONNECTED', false],
      ['MESSAGE', false],
      ['MESSAGE', true],
      ['MESSAGE', false],
      ['RECEIPT', false],
    ]);
    expect(socket.messages[1]?.data.toString()).toMatch(/\n\nGrüße\0\n?$/);
    expect(socket.messages[3]?.data.length).toBeGreaterThan(400_000);
  });

  it('beats the heart of a STOMP client', async () => {
    await using listener = await listening('ws');
    await using socket = await Socket.open(listener.port, ['v12.stomp']);
    socket.ws.send('CONNECT\naccept-version:1.2\nhost:h\nheart-beat:0,50\n\n\0');
    const messages = await socket.received(2);
    expect(messages[1]?.data.toString()).toBe('\n');
  });

  it.each([
    ['http://localhost:3000', true],
    ['http://127.0.0.1:8080', true],
    ['https://[::1]', true],
    ['https://shop.example', true],
    ['https://evil.example', false],
    ['null', false],
    ['file://', false],
  ])('lets pages of %s in: %s', async (origin, isAllowed) => {
    await using listener = await listening('ws', { origins: ['https://shop.example'] });
    const options = { headers: { origin } };
    if (!isAllowed) {
      expect((await refusal(listener.port, ['mqtt'], options)).status).toBe(403);
      return;
    }
    await using socket = await Socket.open(listener.port, ['mqtt'], options);
    expect(socket.ws.protocol).toBe('mqtt');
  });

  it('takes no page for its own because a name points at this machine', async () => {
    await using listener = await listening('ws');
    const headers = { origin: 'http://rebound.example', host: 'rebound.example' };
    expect((await refusal(listener.port, ['mqtt'], { headers })).status).toBe(403);
  });

  it('says what it is to a browser that asks for a page', async () => {
    await using listener = await listening('ws');
    const asked = request({ port: listener.port, host: '127.0.0.1' });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(426);
    expect(response.headers.upgrade).toBe('websocket');
    await once(response, 'close');
  });

  it('does not compress', async () => {
    await using listener = await listening('ws');
    await using socket = await Socket.open(listener.port, ['mqtt'], { perMessageDeflate: true });
    expect(socket.ws.extensions).toBe('');
  });

  it('closes at a message that is larger than any may be', async () => {
    await using listener = await listening('ws', { maxMessageBytes: 1000 });
    await using socket = await Socket.open(listener.port, ['mqtt']);
    socket.ws.send(Buffer.alloc(1000 + 1024 * 1024 + 1));
    expect(await socket.closed).toBe(1009);
    await listener.ended(1);
  });

  it('gives a handshake no longer than it may take', async () => {
    await using listener = await listening('ws', { handshakeTimeoutMs: 100 });
    const socket = connect({ host: '127.0.0.1', port: listener.port });
    socket.write('GET / HTTP/1.1\r\n');
    await closed(socket);
    expect(listener.refused).toEqual(['no WebSocket handshake in time']);
  });

  it('holds deliveries back from a client that does not read, and goes on when it does', async () => {
    await using listener = await listening('ws');
    await using socket = await Socket.open(listener.port, ['v12.stomp']);
    socket.ws.send(`${connectFrame}SUBSCRIBE\nid:1\ndestination:/queue/q\n\n\0`);
    await socket.received(1);
    socket.ws.pause();
    await using sender = await Socket.open(listener.port, ['v12.stomp']);
    const body = 'x'.repeat(64 * 1024);
    const count = 400;
    sender.ws.send(connectFrame);
    for (let i = 0; i < count; i++) sender.ws.send(`SEND\ndestination:/queue/q\n\n${body}\0`);
    sender.ws.send('SEND\ndestination:/queue/q\nreceipt:last\n\n\0');
    await sender.received(2);
    // What the system's buffers took is on its way; the rest is in the queue, not in this process's memory.
    const queue = listener.broker.queue('q');
    expect(queue.readyCount).toBeGreaterThan(count / 4);
    socket.ws.resume();
    await expect.poll(() => socket.messages.length).toBe(count + 2);
  });

  it('does not read from a client whose messages are not stored as fast as it sends', async () => {
    await using listener = await listening('ws');
    await using socket = await Socket.open(listener.port, ['v12.stomp']);
    listener.store.hold();
    socket.ws.send(connectFrame);
    const body = 'x'.repeat(512 * 1024);
    // Three times what one connection may have waiting for its commit.
    for (let i = 0; i < 96; i++) socket.ws.send(`SEND\ndestination:/queue/q\n\n${body}\0`);
    socket.ws.send('SEND\ndestination:/queue/q\nreceipt:last\n\n\0');
    // Turns in which a listener that reads on would have read it all.
    for (let i = 0; i < 20; i++) {
      await using other = await Socket.open(listener.port, ['v12.stomp']);
      other.ws.send(connectFrame);
      await other.received(1);
    }
    expect(socket.ws.bufferedAmount).toBeGreaterThan(8 * 1024 * 1024);
    listener.store.resume();
    await socket.received(2);
    expect(socket.ws.bufferedAmount).toBe(0);
  });
});
