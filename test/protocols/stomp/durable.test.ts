// Durable subscriptions: the header `client-id` of CONNECT and a name in SUBSCRIBE, by ActiveMQ's header or Artemis's.

import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';
import type { StompServer } from './stomp-server.ts';

const till = 'client-id:till\n';
const subscribe = 'SUBSCRIBE\nid:1\ndestination:/topic/prices\nactivemq.subscriptionName:s\nreceipt:r\n\n\0';

async function disconnect(client: RawClient): Promise<void> {
  client.send('DISCONNECT\nreceipt:bye\n\n\0');
  await client.closed;
}

async function send(server: StompServer, text: string, headers = ''): Promise<void> {
  await using client = await RawClient.connected(server.port);
  client.send(`SEND\ndestination:/topic/prices\npersistent:true\n${headers}\n${text}\0`);
  await client.settled();
}

/** Made by a client that has gone. */
async function withSubscription(version = '1.2'): Promise<StompServer> {
  const server = await stompServer();
  await using client = await RawClient.connected(server.port, version, till);
  client.send(subscribe);
  await client.frame();
  await disconnect(client);
  return server;
}

describe.each([
  'activemq.subscriptionName',
  'activemq.subcriptionName',
  'durable-subscription-name',
  'durable-subscriber-name',
])('by the header %s', (header) => {
  it.each(['1.0', '1.1', '1.2'])('keeps what is sent while its client is away, in version %s', async (version) => {
    await using server = await stompServer();
    const frame = `SUBSCRIBE\nid:1\ndestination:/topic/prices\n${header}:s\nreceipt:r\n\n\0`;
    await using first = await RawClient.connected(server.port, version, till);
    first.send(frame);
    expect((await first.frame()).command).toBe('RECEIPT');
    await disconnect(first);
    await send(server, 'one');
    await using second = await RawClient.connected(server.port, version, till);
    second.send(frame);
    const [receipt, message] = await second.frames(2);
    expect([receipt?.command, message?.body.toString()]).toEqual(['RECEIPT', 'one']);
    expect(message?.headers.get('destination')).toBe('/topic/prices');
    expect(message?.headers.get('subscription')).toBe('1');
    second.send(`UNSUBSCRIBE\nid:1\n\n\0UNSUBSCRIBE\nid:1\n${header}:s\nreceipt:u\n\n\0`);
    expect((await second.frame()).headers.get('receipt-id')).toBe('u');
    expect(server.broker.subscriptions.find('till', 's')).toBeUndefined();
    expect(server.broker.topics.subscriptionCount).toBe(0);
  });
});

it('confirms with RECEIPT what is stored, not before', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port, '1.2', till);
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  client.send(`${subscribe}SEND\ndestination:/topic/nobody\nreceipt:later\n\n\0`);
  expect(await other.settled()).toEqual([]);
  expect(client.pending).toEqual([]);
  server.store.resume();
  const frames = await client.frames(2);
  expect(frames.map(({ headers }) => headers.get('receipt-id'))).toEqual(['r', 'later']);
});

it('answers ERROR when it cannot be stored', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port, '1.2', till);
  server.store.fail(new BrokerError('store-full', 'the disk is full'));
  client.send(subscribe);
  const { command, headers } = await client.frame();
  expect([command, headers.get('receipt-id')]).toEqual(['ERROR', 'r']);
  await client.closed;
  expect(server.broker.subscriptions.find('till', 's')).toBeUndefined();
});

it('leaves the subscription there when it is only unsubscribed by its id', async () => {
  await using server = await withSubscription();
  await using client = await RawClient.connected(server.port, '1.2', till);
  client.send(`${subscribe}UNSUBSCRIBE\nid:1\nreceipt:u\n\n\0`);
  await client.frames(2);
  await send(server, 'one');
  expect(await client.settled()).toEqual([]);
  client.send(subscribe);
  expect((await client.frames(2)).map(({ body }) => body.toString())).toEqual(['', 'one']);
});

it('ends it for its own subscriber too, when asked by its name', async () => {
  await using server = await withSubscription();
  await using client = await RawClient.connected(server.port, '1.2', till);
  client.send(`${subscribe}UNSUBSCRIBE\nid:1\nactivemq.subscriptionName:s\nreceipt:u\n\n\0`);
  expect((await client.frames(2)).map(({ headers }) => headers.get('receipt-id'))).toEqual(['r', 'u']);
  expect(server.broker.subscriptions.find('till', 's')).toBeUndefined();
  client.send(subscribe);
  expect((await client.frame()).command).toBe('RECEIPT');
});

it('gives back what is not acknowledged, to whom comes back', async () => {
  await using server = await withSubscription();
  for (const text of ['one', 'two']) await send(server, text);
  const mode = subscribe.replace('receipt:r', 'ack:client-individual');
  await using first = await RawClient.connected(server.port, '1.2', till);
  first.send(mode);
  const [one] = await first.frames(2);
  first.send(`ACK\nid:${one?.headers.get('ack')}\n\n\0`);
  await disconnect(first);
  await using second = await RawClient.connected(server.port, '1.2', till);
  second.send(mode);
  const again = await second.frame();
  expect([again.body.toString(), again.headers.get('redelivered')]).toEqual(['two', 'true']);
});

it('takes only what its selector takes, and begins anew with another one', async () => {
  await using server = await stompServer();
  const frame = (selector: string): string => subscribe.replace('receipt:r', `selector:${selector}`);
  await using first = await RawClient.connected(server.port, '1.2', till);
  first.send(frame('price > 10'));
  await first.settled();
  await disconnect(first);
  await send(server, 'dear', 'price:11\n');
  await send(server, 'cheap', 'price:9\n');
  await using second = await RawClient.connected(server.port, '1.2', till);
  second.send(frame('price > 10'));
  expect((await second.frame()).body.toString()).toBe('dear');
  await disconnect(second);
  await send(server, 'lost', 'price:12\n');
  await using third = await RawClient.connected(server.port, '1.2', till);
  third.send(frame('price < 10'));
  expect(await third.settled()).toEqual([]);
  await send(server, 'cheap', 'price:9\n');
  expect((await third.frame()).body.toString()).toBe('cheap');
});

it('does not take what its own client sends, if it says noLocal', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port, '1.2', till);
  client.send(subscribe.replace('receipt:r', 'activemq.noLocal:true'));
  client.send('SEND\ndestination:/topic/prices\n\nmine\0');
  expect(await client.settled()).toEqual([]);
  await send(server, 'theirs');
  expect((await client.frame()).body.toString()).toBe('theirs');
});

it('is not another client’s', async () => {
  await using server = await withSubscription();
  await send(server, 'one');
  await using other = await RawClient.connected(server.port, '1.2', 'client-id:other\n');
  other.send(subscribe);
  await other.frame();
  expect(await other.settled()).toEqual([]);
});

it('lets two clients of one identifier in, and one of them to the subscription', async () => {
  await using server = await stompServer();
  await using one = await RawClient.connected(server.port, '1.2', till);
  await using two = await RawClient.connected(server.port, '1.2', till);
  one.send(subscribe);
  await one.frame();
  two.send(subscribe);
  const error = await two.frame();
  expect(error.headers.get('message')).toBe('subscription "s" of client "till" is in use');
  expect(error.headers.get('receipt-id')).toBe('r');
  await two.closed;
  await using three = await RawClient.connected(server.port, '1.2', till);
  three.send('UNSUBSCRIBE\nid:1\nactivemq.subscriptionName:s\n\n\0');
  expect((await three.frame()).headers.get('message')).toContain('another connection receives from durable');
  expect(server.broker.subscriptions.find('till', 's')?.active).toBe(true);
});

it.each([
  ['a queue', 'destination:/queue/a\n', till, 'only subscriptions to topics have names'],
  ['a queue among topics', 'destination:/topic/a,/queue/a\n', till, 'only subscriptions to topics have names'],
  ['a client without an identifier', 'destination:/topic/a\n', '', 'needs the header "client-id" of CONNECT'],
])('refuses %s', async (_, destination, connect, text) => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port, '1.2', connect);
  client.send(`SUBSCRIBE\nid:1\n${destination}activemq.subscriptionName:s\nreceipt:r\n\n\0`);
  const error = await client.frame();
  expect(error.headers.get('message')).toContain(text);
  expect(error.headers.get('receipt-id')).toBe('r');
  expect([...server.broker.subscriptions]).toEqual([]);
});

it.each([
  ['SUBSCRIBE\nid:1\ndestination:/topic/a\nactivemq.subscriptionName:\n\n\0', 'has no value'],
  ['UNSUBSCRIBE\nid:1\nactivemq.subscriptionName:none\n\n\0', 'there is no durable subscription "none"'],
  ['UNSUBSCRIBE\nactivemq.subscriptionName:s\n\n\0', 'UNSUBSCRIBE without the header "id"'],
  [subscribe + subscribe.replace('id:1', 'id:2'), 'subscription "s" of client "till" is in use'],
])('refuses %j', async (frames, text) => {
  await using server = await withSubscription();
  await using client = await RawClient.connected(server.port, '1.2', till);
  client.send(frames);
  let frame = await client.frame();
  if (frame.command === 'RECEIPT') frame = await client.frame();
  expect(frame.headers.get('message')).toContain(text);
});

it('is of several topics, by filter and by list', async () => {
  await using server = await stompServer();
  const frame = 'SUBSCRIBE\nid:1\ndestination:/topic/a.*,/topic/b\nactivemq.subscriptionName:s\n\n\0';
  await using first = await RawClient.connected(server.port, '1.2', till);
  first.send(frame);
  await first.settled();
  await disconnect(first);
  await using other = await RawClient.connected(server.port);
  for (const name of ['a.x', 'b', 'c']) other.send(`SEND\ndestination:/topic/${name}\npersistent:true\n\n\0`);
  await other.settled();
  await using second = await RawClient.connected(server.port, '1.2', till);
  second.send(frame);
  const destinations = (await second.frames(2)).map(({ headers }) => headers.get('destination'));
  expect(destinations).toEqual(['/topic/a.x', '/topic/b']);
});
