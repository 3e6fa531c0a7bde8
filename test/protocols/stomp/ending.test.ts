// How connections end (STOMP 1.2, "DISCONNECT", "ERROR", "Connection Lingering").

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { Dialect } from '../../../broker/protocols/stomp/dialect.ts';
import { serve, testBroker } from '../../support/broker.ts';
import { message } from '../../support/messages.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

const persistent = 'SEND\ndestination:/queue/a\npersistent:true\n';

it('answers DISCONNECT with its RECEIPT, behind all others, then closes', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  client.send(`${persistent}receipt:1\n\n\0DISCONNECT\nreceipt:77\n\n\0`);
  expect(await other.settled()).toEqual([]);
  expect(client.pending).toEqual([]);
  server.store.resume();
  const frames = await client.frames(2);
  expect(frames.map(({ headers }) => headers.get('receipt-id'))).toEqual(['1', '77']);
  await client.closed;
});

it('ignores what follows a DISCONNECT', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`DISCONNECT\nreceipt:77\n\n\0${persistent}receipt:1\n\n\0`);
  expect((await client.frame()).headers.get('receipt-id')).toBe('77');
  client.send(`${persistent}receipt:2\n\n\0`);
  await client.closed;
  expect(client.pending).toEqual([]);
  expect(server.broker.received).toBe(0);
});

it('keeps what a client sent that closes without waiting', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`${persistent}\nhello\0`);
  client.socket.end();
  await client.closed;
  await using other = await RawClient.connected(server.port);
  other.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  expect((await other.frame()).body.toString()).toBe('hello');
});

it('answers a client that closes its side once it has sent everything', async () => {
  await using server = await stompServer();
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  const socket = connect(server.port, '127.0.0.1');
  socket.end(`CONNECT\naccept-version:1.2\n\n\0${persistent}receipt:1\n\nhello\0${persistent}receipt:2\n\nhello\0`);
  const answer = text(socket);
  while (server.broker.received < 2) await other.settled();
  await other.settled();
  server.store.resume();
  expect(await answer).toMatch(/^CONNECTED\n[^]*\0\nRECEIPT\nreceipt-id:1\n\n\0\nRECEIPT\nreceipt-id:2\n\n\0\n$/);
});

it('says in ERROR which frame it is about, without secrets and without its body', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('FROB\nfoo:bar\npasscode:geheim\nreceipt:a\\cb\n\n\0');
  const { headers, body } = await client.frame();
  expect(headers.get('message')).toBe('unknown command "FROB"');
  expect(headers.get('receipt-id')).toBe('a:b');
  expect(headers.get('content-type')).toBe('text/plain;charset=utf-8');
  expect(headers.get('content-length')).toBe(String(body.length));
  expect(body.toString()).toContain('unknown command "FROB"\n\nThe frame, without its body:\n-----\nFROB\nfoo:bar\n');
  expect(body.toString()).not.toContain('geheim');
  await client.closed;
});

it('tells a client of 1.2 by escapes, and one of 1.0 without, what is wrong', async () => {
  await using server = await stompServer();
  async function answer(bytes: string): Promise<string> {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(bytes);
    return text(socket);
  }
  expect(await answer('CONNECT\naccept-version:1.2\n\n\0SEND\nfoo:\\x\n\n\0')).toContain(
    String.raw`message:undefined escape sequence\c "\\\\x"`,
  );
  expect(await answer('CONNECT\naccept-version:1.0\n\n\0FROB:x\n\n\0')).toContain('message:unknown command "FROB:x"');
});

it('bounds the ERROR for a frame with enormous headers', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`FROB\nheader:${'x'.repeat(9000)}\n${'more:y\n'.repeat(900)}\n\0`);
  const { body } = await client.frame();
  expect(body.length).toBeLessThan(5000);
  await client.closed;
});

it('gives messages back at once when a frame is refused, not when the client goes', async () => {
  await using server = await stompServer();
  await server.broker.publish({ kind: 'queue', name: 'a' }, message({ text: 'hello' }));
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n\0');
  await client.frame();
  other.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  await other.settled();
  client.send('FROB\n\n\0');
  expect((await other.frame()).headers.get('redelivered')).toBe('true');
});

it('destroys the socket of a client that does not close after ERROR, shortly after', async () => {
  const clock = new ManualClock();
  await using server = await stompServer({ clock });
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => {});
  socket.write('FROB\n\n\0');
  expect(await text(socket)).toContain('ERROR');
  await using other = await RawClient.connected(server.port);
  expect(server.context.clients.size).toBe(2);
  clock.turn(2000);
  while (server.context.clients.size > 1) await other.settled();
  socket.destroy();
  await closed;
});

it('ends a subscription whose queue is deleted with ERROR', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  await client.settled();
  await server.broker.delete(server.broker.queue('a'));
  expect((await client.frame()).headers.get('message')).toBe('"/queue/a" of a subscription was deleted');
  await client.closed;
});

it('tells its clients when the broker stops, and is gone within a second', async () => {
  const clock = new ManualClock();
  await using at = await testBroker({ clock });
  const dialect = new Dialect(at.context);
  await using server = await serve(dialect);
  await using client = await RawClient.connected(server.port);
  const stubborn = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  stubborn.on('error', () => {});
  stubborn.write('CONNECT\naccept-version:1.2\n\n\0');
  const heard = text(stubborn);
  await client.settled();
  while (at.context.clients.size < 2) await client.settled();
  const closing = dialect.close();
  expect((await client.frame()).headers.get('message')).toBe('the broker stops');
  await client.closed;
  expect(await heard).toContain('the broker stops');
  clock.turn(1000);
  await closing;
  stubborn.destroy();
});

it('serves clients that connect and disconnect rapidly', async () => {
  await using server = await stompServer();
  const rounds = Array.from({ length: 300 }, async (_, number) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    const connecting = 'CONNECT\naccept-version:1.2\n\n\0';
    // Some wait for their answer, some say goodbye, and some just go.
    if (number % 3 === 0) socket.end(connecting);
    else if (number % 3 === 1) socket.end(`${connecting}DISCONNECT\nreceipt:bye\n\n\0`);
    else socket.write(connecting, () => socket.destroy());
    return text(socket).catch(() => '');
  });
  const answers = await Promise.all(rounds);
  expect(answers.filter((answer) => answer.includes('receipt-id:bye'))).toHaveLength(100);
  await using client = await RawClient.connected(server.port);
  while (server.context.clients.size > 1) await client.settled();
});
