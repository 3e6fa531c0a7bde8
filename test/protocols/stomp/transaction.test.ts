// BEGIN, COMMIT and ABORT (STOMP 1.2, of these names): sends and acknowledgements that happen together or not at all.

import { expect, it, vi } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import type { Frame } from '../../../broker/protocols/stomp/wire/frame.ts';
import { message } from '../../support/messages.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';
import type { StompServer } from './stomp-server.ts';

async function started(texts: readonly string[] = [], mode = 'client', prefetch = 1000) {
  const server = await stompServer();
  for (const text of texts) await server.broker.publish({ kind: 'queue', name: 'a' }, message({ text }));
  const client = await RawClient.connected(server.port);
  if (texts.length > 0) {
    client.send(`SUBSCRIBE\nid:0\ndestination:/queue/a\nack:${mode}\nactivemq.prefetchSize:${prefetch}\n\n\0`);
  }
  return {
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function rest(server: StompServer, name: string): Promise<string[]> {
  const found = await server.broker.queue(name).browse(0, 1000);
  return found.map((each) => each.message.body.toString());
}

function ack({ headers }: Frame, transaction = 't', command = 'ACK'): string {
  return `${command}\nid:${headers.get('ack')}\n${transaction === '' ? '' : `transaction:${transaction}\n`}\n\0`;
}

const begin = 'BEGIN\ntransaction:t\n\n\0';
const commit = 'COMMIT\ntransaction:t\n\n\0';
const abort = 'ABORT\ntransaction:t\n\n\0';

function send(text: string, more = 'transaction:t\n'): string {
  return `SEND\ndestination:/queue/b\npersistent:true\n${more}\n${text}\0`;
}

it('makes what was sent in it visible with its COMMIT, all at once', async () => {
  await using at = await started();
  at.client.send(begin + send('one') + send('two'));
  expect(await at.client.settled()).toEqual([]);
  expect(await rest(at.server, 'b')).toEqual([]);
  at.client.send(commit);
  await at.client.settled();
  expect(await rest(at.server, 'b')).toEqual(['one', 'two']);
});

it('answers receipts of its frames as they come, and that of COMMIT once it is stored', async () => {
  await using at = await started();
  await using other = await RawClient.connected(at.server.port);
  at.server.store.hold();
  at.client.send(begin + send('one', 'transaction:t\nreceipt:1\n'));
  expect((await at.client.frame()).headers.get('receipt-id')).toBe('1');
  at.client.send('COMMIT\ntransaction:t\nreceipt:2\n\n\0');
  expect(await other.settled()).toEqual([]);
  expect(await other.settled()).toEqual([]);
  expect(at.client.pending).toEqual([]);
  at.server.store.resume();
  expect((await at.client.frame()).headers.get('receipt-id')).toBe('2');
});

it('forgets what was sent in it with its ABORT', async () => {
  await using at = await started();
  at.client.send(begin + send('one') + abort + send('two', ''));
  await at.client.settled();
  expect(await rest(at.server, 'b')).toEqual(['two']);
});

it.each(['DISCONNECT\nreceipt:bye\n\n\0', ''])('is aborted when the connection ends (%j)', async (last) => {
  await using at = await started(['x']);
  const first = await at.client.frame();
  at.client.send(begin + send('one') + ack(first));
  await at.client.settled();
  at.client.send(last);
  at.client.socket.end();
  await at.client.closed;
  expect(await rest(at.server, 'b')).toEqual([]);
  await using other = await RawClient.connected(at.server.port);
  other.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  expect((await other.frame()).body.toString()).toBe('x');
});

it('moves on: sends and acknowledgements of one COMMIT', async () => {
  await using at = await started(['x', 'y']);
  const [x] = await at.client.frames(2);
  at.client.send(begin + ack(x!) + send('one'));
  await at.client.settled();
  expect(await rest(at.server, 'a')).toEqual(['x', 'y']);
  at.client.send(commit);
  await at.client.settled();
  expect([await rest(at.server, 'a'), await rest(at.server, 'b')]).toEqual([['y'], ['one']]);
});

it('leaves everything as it was when its commit fails', async () => {
  await using at = await started(['x']);
  const x = await at.client.frame();
  at.client.send(begin + ack(x) + send('one'));
  await at.client.settled();
  at.server.store.fail(new BrokerError('store-full', 'the disk is full'));
  at.client.send('COMMIT\ntransaction:t\nreceipt:r\n\n\0');
  const error = await at.client.frame();
  expect([error.command, error.headers.get('receipt-id')]).toEqual(['ERROR', 'r']);
  await at.client.closed;
  at.server.store.fail(undefined);
  expect([await rest(at.server, 'a'), await rest(at.server, 'b')]).toEqual([['x'], []]);
  expect(at.server.broker.queue('a').readyCount).toBe(1);
});

it('lets acknowledgements that were aborted be given again, outside of it', async () => {
  await using at = await started(['x', 'y']);
  const [, y] = await at.client.frames(2);
  at.client.send(begin + ack(y!) + abort + ack(y!, ''));
  expect(await at.client.settled()).toEqual([]);
  expect(await rest(at.server, 'a')).toEqual([]);
});

it('takes acknowledgements of mode client in any order', async () => {
  await using at = await started(['v', 'w', 'x', 'y', 'z']);
  const frames = await at.client.frames(5);
  at.client.send(begin);
  for (const index of [4, 2, 0, 3, 1]) at.client.send(ack(frames[index]!));
  at.client.send(commit);
  expect(await at.client.settled()).toEqual([]);
  expect(await rest(at.server, 'a')).toEqual([]);
});

it('refuses to acknowledge elsewhere what it holds', async () => {
  await using at = await started(['x'], 'client-individual');
  const x = await at.client.frame();
  at.client.send(begin + ack(x) + ack(x, ''));
  expect((await at.client.frame()).headers.get('message')).toContain('acknowledged in a transaction that is open');
  await at.client.closed;
});

it('leaves out of a cumulative ACK what an open transaction holds', async () => {
  await using at = await started(['x', 'y', 'z']);
  const [x, , z] = await at.client.frames(3);
  at.client.send(begin + ack(x!) + ack(z!, ''));
  await at.client.settled();
  expect(await rest(at.server, 'a')).toEqual(['x']);
  at.client.send(commit);
  await at.client.settled();
  expect(await rest(at.server, 'a')).toEqual([]);
});

it('dead-letters with its COMMIT what was refused in it', async () => {
  await using at = await started(['x', 'y'], 'client-individual');
  const [x, y] = await at.client.frames(2);
  at.client.send(begin + ack(x!, 't', 'NACK') + ack(y!));
  await at.client.settled();
  expect(await rest(at.server, 'ActiveMQ.DLQ')).toEqual([]);
  at.client.send(commit);
  await at.client.settled();
  expect([await rest(at.server, 'a'), await rest(at.server, 'ActiveMQ.DLQ')]).toEqual([[], ['x']]);
});

it('opens the window with acknowledgements before its COMMIT, and closes it again with ABORT', async () => {
  await using at = await started(['v', 'w', 'x', 'y', 'z'], 'client-individual', 2);
  const [v, w] = await at.client.frames(2);
  at.client.send(begin + ack(v!) + ack(w!));
  const [x, y] = await at.client.frames(2);
  expect([x, y].map((frame) => frame?.body.toString())).toEqual(['x', 'y']);
  at.client.send(abort + ack(x!, '') + ack(y!, ''));
  expect(await at.client.settled()).toEqual([]);
  at.client.send(ack(v!, ''));
  expect((await at.client.frame()).body.toString()).toBe('z');
});

it('keeps its acknowledgements when their subscription ends', async () => {
  await using at = await started(['x', 'y']);
  const [x] = await at.client.frames(2);
  at.client.send(`${begin}${ack(x!)}UNSUBSCRIBE\nid:0\n\n\0${commit}`);
  expect(await at.client.settled()).toEqual([]);
  expect(await rest(at.server, 'a')).toEqual(['y']);
});

it('is one of several, each by its name', async () => {
  await using at = await started();
  at.client.send('BEGIN\ntransaction:u\n\n\0' + begin + send('t1') + send('u1', 'transaction:u\n') + commit);
  await at.client.settled();
  expect(await rest(at.server, 'b')).toEqual(['t1']);
  at.client.send('COMMIT\ntransaction:u\n\n\0' + begin + send('t2') + commit);
  await at.client.settled();
  expect(await rest(at.server, 'b')).toEqual(['t1', 'u1', 't2']);
});

it('does not mix what follows its COMMIT into it', async () => {
  await using at = await started();
  const write = vi.spyOn(at.server.store, 'write');
  at.client.send(begin + send('one') + commit + send('two', 'receipt:2\n') + begin + send('three') + commit);
  await at.client.settled();
  expect(await rest(at.server, 'b')).toEqual(['one', 'two', 'three']);
  const puts = write.mock.calls.map(([changes]) => changes.filter(({ kind }) => kind === 'put').length);
  expect(puts).toEqual([1, 1, 1]);
});

it.each([
  ['BEGIN\n\n\0', 'BEGIN without the header "transaction"'],
  ['COMMIT\n\n\0', 'COMMIT without the header "transaction"'],
  ['ABORT\n\n\0', 'ABORT without the header "transaction"'],
  [begin + begin, 'transaction "t" has begun already'],
  [commit, 'transaction "t" has not begun'],
  [abort, 'transaction "t" has not begun'],
  [begin + commit + commit, 'transaction "t" has not begun'],
])('refuses %j', async (frames, text) => {
  await using at = await started();
  at.client.send(frames);
  const error = await at.client.frame();
  expect(error.command).toBe('ERROR');
  expect(error.headers.get('message')).toContain(text);
  await at.client.closed;
});

it('is bounded in what it holds, and a connection in how many it opens', async () => {
  await using server = await stompServer({ limits: { maxMessageBytes: 1000 } });
  await using client = await RawClient.connected(server.port);
  client.send(begin + send('x'.repeat(900)) + send('x'.repeat(900)));
  expect((await client.frame()).headers.get('message')).toContain('transaction of more than');
  await client.closed;
  await using other = await RawClient.connected(server.port);
  for (let number = 0; number <= 1000; number++) other.send(`BEGIN\ntransaction:${number}\n\n\0`);
  expect((await other.frame()).headers.get('message')).toBe('more than 1000 open transactions');
  await other.closed;
});
