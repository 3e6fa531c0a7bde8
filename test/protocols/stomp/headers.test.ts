// What becomes of a message's headers and body between SEND, the engine's message and MESSAGE: ActiveMQ's mapping.

import { expect, it } from 'vitest';
import type { Message } from '../../../broker/core/message.ts';
import { message } from '../../support/messages.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';
import type { StompServer } from './stomp-server.ts';

async function sent(server: StompServer, frame: string): Promise<Message> {
  await using client = await RawClient.connected(server.port);
  client.send(frame);
  await client.settled();
  const [found] = await server.broker.queue('a').browse(0, 1);
  await server.broker.queue('a').purge();
  return found!.message;
}

async function received(server: StompServer, fields: Parameters<typeof message>[0], version = '1.2') {
  await using client = await RawClient.connected(server.port, version);
  const sending = message({ to: 'queue://a', timestamp: 1_700_000_000_000, ...fields });
  await server.broker.publish({ kind: 'queue', name: 'a' }, sending);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  const { headers, body } = await client.frame();
  return { headers: Object.fromEntries(headers), body };
}

it('makes standard headers the fields of the message, and all others string properties', async () => {
  await using server = await stompServer();
  const frame =
    'SEND\ndestination:/queue/a\npersistent:true\npriority:7\nexpires:4000000000000\ntimestamp:1600000000000\n' +
    'correlation-id:c-1\nreply-to:/queue/r\ntype:order\nJMSXGroupID:g\nJMSXGroupSeq:3\ncontent-type:text/plain\n' +
    'content-encoding:gzip\ncolour:red\nshade:a\\cb\nempty:\n__proto__:x\n\nhello\0';
  expect(await sent(server, frame)).toMatchObject({
    to: 'queue://a',
    durable: true,
    priority: 7,
    expiresAt: 4_000_000_000_000,
    timestamp: 1_600_000_000_000,
    correlationId: 'c-1',
    replyTo: 'queue://r',
    type: 'order',
    groupId: 'g',
    groupSequence: 3,
    contentType: 'text/plain',
    contentEncoding: 'gzip',
    bodyType: 'text',
    properties: [
      { name: 'colour', type: 'string', value: 'red' },
      { name: 'shade', type: 'string', value: 'a:b' },
      { name: 'empty', type: 'string', value: '' },
      { name: '__proto__', type: 'string', value: 'x' },
    ],
  });
});

it('fills in what the sender leaves out', async () => {
  await using server = await stompServer();
  const before = Date.now();
  const plain = await sent(server, 'SEND\ndestination:/queue/a\nexpires:0\nreply-to:somewhere\n\nhello\0');
  expect(plain).toMatchObject({
    durable: false,
    priority: 4,
    expiresAt: undefined,
    replyTo: 'somewhere',
    properties: [],
  });
  expect(plain.id).toMatch(/^ID:[0-9a-f-]{36}-1$/);
  expect(plain.timestamp).toBeGreaterThanOrEqual(before);
});

it.each([
  ['12', 9],
  ['-1', 0],
  ['0', 0],
])('takes priority %s for %i', async (header, priority) => {
  await using server = await stompServer();
  expect((await sent(server, `SEND\ndestination:/queue/a\npriority:${header}\n\n\0`)).priority).toBe(priority);
});

it('takes for itself what only the server may say', async () => {
  await using server = await stompServer();
  const frame =
    'SEND\ndestination:/queue/a\nmessage-id:mine\nsubscription:x\nack:y\nredelivered:true\nJMSXUserID:root\n\n\0';
  const { id, userId, properties } = await sent(server, frame);
  expect(id).not.toBe('mine');
  expect(userId).toBeUndefined();
  expect(properties).toEqual([]);
});

it.each([
  ['without content-length', '\n\nhello\0', 'text'],
  ['with content-length', '\ncontent-length:5\n\nhello\0', 'bytes'],
  ['with content-length, said to be text', '\ncontent-length:5\namq-msg-type:text\n\nhello\0', 'text'],
  ['without content-length, said to be bytes', '\namq-msg-type:BYTES\n\nhello\0', 'bytes'],
])('takes a body %s for %s', async (_, rest, bodyType) => {
  await using server = await stompServer();
  const { body, ...fields } = await sent(server, `SEND\ndestination:/queue/a${rest}`);
  expect(fields.bodyType).toBe(bodyType);
  expect(body.toString()).toBe('hello');
});

it('takes a body that is not UTF-8 for bytes', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(Buffer.concat([Buffer.from('SEND\ndestination:/queue/a\n\n'), Buffer.from([0xff, 0xfe, 0])]));
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  const { headers, body } = await client.frame();
  expect(headers.get('content-length')).toBe('2');
  expect([...body]).toEqual([0xff, 0xfe]);
});

it('gives every field a header', async () => {
  await using server = await stompServer();
  const { headers, body } = await received(server, {
    id: 'ID:x:1',
    text: 'hello',
    priority: 9,
    expiresAt: 4_000_000_000_000,
    correlationId: 'c\n1',
    replyTo: 'topic://r.s',
    type: 'order',
    groupId: 'g',
    groupSequence: 3,
    userId: 'ann',
    contentType: 'text/plain',
    contentEncoding: 'identity',
  });
  expect(headers).toEqual({
    subscription: '0',
    destination: '/queue/a',
    'message-id': 'ID:x:1',
    'content-type': 'text/plain',
    'content-encoding': 'identity',
    expires: '4000000000000',
    priority: '9',
    timestamp: '1700000000000',
    persistent: 'true',
    'correlation-id': 'c\n1',
    'reply-to': '/topic/r.s',
    type: 'order',
    JMSXGroupID: 'g',
    JMSXGroupSeq: '3',
    JMSXUserID: 'ann',
  });
  expect(body.toString()).toBe('hello');
});

it('writes properties of every type as text', async () => {
  await using server = await stompServer();
  const { headers } = await received(server, {
    properties: [
      { name: 's', type: 'string', value: 'a:b\\' },
      { name: 'b', type: 'boolean', value: true },
      { name: 'i', type: 'int', value: -5 },
      { name: 'l', type: 'long', value: 9_223_372_036_854_775_807n },
      { name: 'd', type: 'double', value: 0.5 },
      { name: 'n', type: 'decimal', value: '1.10' },
      { name: 't', type: 'timestamp', value: 1_700_000_000_000 },
      { name: 'x', type: 'binary', value: new Uint8Array([1, 2, 255]) },
      { name: 'z', type: 'null', value: null },
      { name: 'a:b', type: 'string', value: 'name' },
    ],
  });
  expect(headers).toMatchObject({
    s: 'a:b\\',
    b: 'true',
    i: '-5',
    l: '9223372036854775807',
    d: '0.5',
    n: '1.10',
    t: '1700000000000',
    x: 'AQL/',
    z: '',
    'a:b': 'name',
  });
});

it('does not take a property for a header of the frame', async () => {
  await using server = await stompServer();
  const names = ['content-length', 'subscription', 'ack', 'redelivered', 'destination', 'message-id', ''];
  const { headers, body } = await received(server, {
    id: 'm',
    text: 'hello',
    properties: names.map((name) => ({ name, type: 'string', value: '1' })),
  });
  expect(headers).toMatchObject({ subscription: '0', destination: '/queue/a', 'message-id': 'm' });
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['ack']));
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['redelivered']));
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['content-length']));
  expect(body.toString()).toBe('hello');
});

it('announces the length of bytes, and of text with a NUL', async () => {
  await using server = await stompServer();
  const bytes = await received(server, { body: Buffer.from([1, 0, 2]), bodyType: 'bytes' });
  expect(bytes.headers['content-length']).toBe('3');
  expect([...bytes.body]).toEqual([1, 0, 2]);
  const text = await received(server, { text: 'a\0b' });
  expect(text.headers['content-length']).toBe('3');
  expect((await received(server, { text: 'ab' })).headers).not.toHaveProperty('content-length');
});

it('writes a typed value as the JSON that it is', async () => {
  await using server = await stompServer();
  const { headers, body } = await received(server, { text: '{"a":1}', bodyType: 'value' });
  expect(headers['content-type']).toBe('application/json');
  expect(body.toString()).toBe('{"a":1}');
});

it.each(['1.0', '1.1', '1.2'])('lets no property become a second header or frame in version %s', async (version) => {
  await using server = await stompServer();
  const value = 'x\nredelivered:true\n\n\0MESSAGE\nfake:1\n\n\0';
  const { headers } = await received(server, { properties: [{ name: 'evil', type: 'string', value }] }, version);
  expect(headers).not.toHaveProperty('redelivered');
  expect(headers['evil']).toContain('x');
});

it.each([
  [1, 5],
  [15_000, 70_000],
  [200_000, 1_500_000],
])('carries bodies of %i and %i bytes octet by octet', async (...sizes) => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  const bodies = sizes.map((size) => Buffer.from(Array.from({ length: size }, (_, index) => (index * 7) % 256)));
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  for (const body of bodies) {
    client.send(`SEND\ndestination:/queue/a\ncontent-length:${body.length}\n\n`);
    client.send(body);
    client.send('\0');
  }
  for (const body of bodies) expect((await client.frame()).body.equals(body)).toBe(true);
});
