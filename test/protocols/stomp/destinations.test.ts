// Names of destinations as ActiveMQ's clients write them: several at once, with wildcards, with options, without a prefix.

import { expect, it } from 'vitest';
import type { Frame } from '../../../broker/protocols/stomp/wire/frame.ts';
import { message } from '../../support/messages.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';
import type { StompServer } from './stomp-server.ts';

async function publish(server: StompServer, kind: 'queue' | 'topic', name: string, text = name): Promise<void> {
  await server.broker.publish({ kind, name }, message({ to: `${kind}://${name}`, text }));
}

async function rest(server: StompServer, name: string): Promise<string[]> {
  const found = await server.broker.queue(name).browse(0, 1000);
  return found.map((each) => each.message.body.toString());
}

function seen(frames: readonly Frame[]): string[] {
  return frames.map(({ headers, body }) => `${headers.get('destination')} ${body.toString()}`);
}

it('sends to every destination of a list, and tells each receiver its own', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:1\ndestination:/topic/b\n\n\0SUBSCRIBE\nid:2\ndestination:/topic/c\n\n\0');
  client.send('SEND\ndestination:/queue/a, /topic/b,/topic/c,/queue/a\n\nhello\0');
  const frames = await client.settled();
  expect(seen(frames).toSorted()).toEqual(['/topic/b hello', '/topic/c hello']);
  expect(await rest(server, 'a')).toEqual(['hello']);
  client.send('SUBSCRIBE\nid:3\ndestination:/queue/a\n\n\0');
  expect(seen([await client.frame()])).toEqual(['/queue/a hello']);
});

it('sends to all of a list or to none', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SEND\ndestination:/queue/a,/remote-temp-queue/ID:gone\n\nhello\0');
  expect((await client.frame()).command).toBe('ERROR');
  await client.closed;
  expect(await rest(server, 'a')).toEqual([]);
});

it('receives from every destination of a list, in one window', async () => {
  await using server = await stompServer();
  for (const text of ['a1', 'a2', 'a3']) await publish(server, 'queue', 'a', text);
  for (const text of ['b1', 'b2', 'b3']) await publish(server, 'queue', 'b', text);
  await using client = await RawClient.connected(server.port);
  client.send(
    'SUBSCRIBE\nid:1\ndestination:/queue/a,/queue/b,/topic/c\nack:client-individual\nactivemq.prefetchSize:2\n\n\0',
  );
  await client.frames(2);
  expect(await client.settled()).toEqual([]);
  await publish(server, 'topic', 'c');
  const got: string[] = [];
  client.send('UNSUBSCRIBE\nid:1\n\n\0SUBSCRIBE\nid:1\ndestination:/queue/a,/queue/b\n\n\0');
  for (const frame of await client.frames(6)) {
    expect(frame.headers.get('destination')).toBe(`/queue/${frame.body.toString()[0]}`);
    expect(frame.headers.get('subscription')).toBe('1');
    got.push(frame.body.toString());
  }
  expect(got.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
});

it('acknowledges across the queues of a list in the order in which they were sent', async () => {
  await using server = await stompServer();
  for (const name of ['a', 'b', 'c']) await publish(server, 'queue', name);
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:1\ndestination:/queue/a,/queue/b,/queue/c\nack:client\n\n\0');
  const frames = await client.frames(3);
  client.send(`ACK\nid:${frames[1]?.headers.get('ack')}\n\n\0`);
  await client.settled();
  const left = [...(await rest(server, 'a')), ...(await rest(server, 'b')), ...(await rest(server, 'c'))];
  expect(left).toEqual([frames[2]?.body.toString()]);
});

it.each([
  ['orders.*', ['orders.eu', 'orders.us']],
  ['orders.>', ['orders', 'orders.eu', 'orders.eu.paid', 'orders.us']],
  ['*.eu', ['orders.eu']],
])('receives from the queues within %s, those that come later too', async (filter, expected) => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  const names = ['orders', 'orders.eu', 'orders.us', 'orders.eu.paid', 'other'];
  for (const name of names.slice(0, 2)) await publish(server, 'queue', name);
  client.send(`SUBSCRIBE\nid:1\ndestination:/queue/${filter}\n\n\0`);
  const frames = await client.settled();
  for (const name of names.slice(2)) client.send(`SEND\ndestination:/queue/${name}\n\n${name}\0`);
  frames.push(...(await client.frames(expected.length - frames.length)));
  expect(seen(frames).toSorted()).toEqual(expected.map((name) => `/queue/${name} ${name}`));
  await client.settled();
  expect(await rest(server, 'other')).toEqual(['other']);
});

it.each([
  ['orders', 'orders'],
  ['queue://orders', 'orders'],
  [' /queue/orders ', 'orders'],
])('takes %j for a queue, as ActiveMQ does', async (header, name) => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`SEND\ndestination:${header}\n\nhello\0`);
  await client.settled();
  expect(await rest(server, name)).toEqual(['hello']);
  client.send(`SUBSCRIBE\nid:1\ndestination:${header}\n\n\0`);
  expect(seen([await client.frame()])).toEqual([`/queue/${name} hello`]);
});

it('takes names without a prefix behind the first as queues', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SEND\ndestination:a,b\n\nhello\0SEND\ndestination:/queue/c,d\n\nhello\0');
  await client.settled();
  for (const name of ['a', 'b', 'c', 'd']) expect(await rest(server, name)).toEqual(['hello']);
});

it('knows a list again when a client of 1.0 unsubscribes by its name', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port, '1.0');
  client.send('SUBSCRIBE\ndestination:/queue/a,/topic/b\n\n\0UNSUBSCRIBE\ndestination:/queue/a,/topic/b\n\n\0');
  expect(await client.settled()).toEqual([]);
  expect(server.broker.queue('a').consumerCount).toBe(0);
});

it('takes what a destination says behind a question mark', async () => {
  await using server = await stompServer();
  for (const text of ['1', '2', '3']) await publish(server, 'queue', 'a', text);
  await using client = await RawClient.connected(server.port);
  client.send(
    'SUBSCRIBE\nid:1\nack:client-individual\n' +
      'destination:/queue/a?consumer.prefetchSize=2&consumer.exclusive=true&consumer.dispatchAsync=false\n\n\0',
  );
  expect(seen(await client.frames(2))).toEqual(['/queue/a 1', '/queue/a 2']);
  expect(await client.settled()).toEqual([]);
});

it.each([
  ['/queue/a?consumer.foo=1', 'destination option "consumer.foo" is not supported'],
  ['/queue/a?producer.foo=1', 'destination option "producer.foo" is not supported'],
])('refuses %s', async (destination, text) => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`SUBSCRIBE\nid:1\ndestination:${destination}\n\n\0`);
  expect((await client.frame()).headers.get('message')).toBe(text);
});

it('refuses a list that is too long', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`SEND\ndestination:${Array.from({ length: 101 }, (_, n) => `/queue/${n}`).join(',')}\n\n\0`);
  expect((await client.frame()).headers.get('message')).toBe('more than 100 destinations in one header');
});

it('gives everything to an exclusive consumer, and to the next when it goes', async () => {
  await using server = await stompServer();
  await using one = await RawClient.connected(server.port);
  await using two = await RawClient.connected(server.port);
  const subscribe = 'SUBSCRIBE\nid:1\ndestination:/queue/a\nactivemq.exclusive:true\n\n\0';
  one.send(subscribe);
  await one.settled();
  two.send(subscribe);
  await two.settled();
  for (const text of ['1', '2', '3']) await publish(server, 'queue', 'a', text);
  expect(seen(await one.frames(3))).toEqual(['/queue/a 1', '/queue/a 2', '/queue/a 3']);
  one.send('DISCONNECT\n\n\0');
  await one.closed;
  await publish(server, 'queue', 'a', '4');
  expect((await two.frame()).body.toString()).toBe('4');
});

it('serves consumers of a higher priority first', async () => {
  await using server = await stompServer();
  await using low = await RawClient.connected(server.port);
  await using high = await RawClient.connected(server.port);
  low.send('SUBSCRIBE\nid:1\ndestination:/queue/a\n\n\0');
  high.send('SUBSCRIBE\nid:1\ndestination:/queue/a\nactivemq.priority:10\n\n\0');
  await Promise.all([low.settled(), high.settled()]);
  for (const text of ['1', '2', '3']) await publish(server, 'queue', 'a', text);
  expect(seen(await high.frames(3))).toEqual(['/queue/a 1', '/queue/a 2', '/queue/a 3']);
  expect(await low.settled()).toEqual([]);
});

it('takes SUB and UNSUB, as ActiveMQ does', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SUB\nid:1\ndestination:/queue/a\n\n\0');
  await client.settled();
  expect(server.broker.queue('a').consumerCount).toBe(1);
  client.send('UNSUB\nid:1\n\n\0');
  await client.settled();
  expect(server.broker.queue('a').consumerCount).toBe(0);
});
