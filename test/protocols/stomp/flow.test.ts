// Back-pressure in both directions, and bounds on what a connection can make the server hold.

import { expect, it } from 'vitest';
import { message } from '../../support/messages.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

const kibibyte = 1024;

it('stops reading a producer whose messages are not stored yet, and goes on when they are', async () => {
  await using server = await stompServer({ limits: { maxUncommitted: 10 } });
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  for (let number = 0; number < 100; number++) {
    client.send(`SEND\ndestination:/queue/a\npersistent:true\nreceipt:${number}\n\n${number}\0`);
  }
  await other.settled();
  await other.settled();
  expect(server.broker.received).toBe(10);
  server.store.resume();
  const receipts = await client.frames(100);
  expect(receipts.map(({ headers }) => headers.get('receipt-id'))).toEqual(
    Array.from({ length: 100 }, (_, n) => `${n}`),
  );
  expect(server.broker.queue('a').readyCount).toBe(100);
});

it('counts bytes as well as messages', async () => {
  await using server = await stompServer({ limits: { maxUncommittedBytes: 100 * kibibyte } });
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  const body = 'x'.repeat(40 * kibibyte);
  for (let number = 0; number < 20; number++) {
    client.send(`SEND\ndestination:/queue/a\npersistent:true\nreceipt:${number}\n\n${body}\0`);
  }
  while (server.broker.received < 3) await other.settled();
  await other.settled();
  await other.settled();
  expect(server.broker.received).toBe(3);
  server.store.resume();
  await client.frames(20);
});

it.each(['auto', 'client'])(
  'stops sending to a client that does not read (ack:%s), and goes on when it does',
  async (ack) => {
    await using server = await stompServer({ limits: { maxUnsentBytes: 64 * kibibyte } });
    const count = 2000;
    // Far more than the system's buffers between the two ends take.
    const body = Buffer.alloc(10 * kibibyte, 'x');
    const sends = Array.from({ length: count }, () =>
      server.broker.publish({ kind: 'queue', name: 'a' }, message({ body })),
    );
    await Promise.all(sends);
    await using client = await RawClient.connected(server.port);
    await using other = await RawClient.connected(server.port);
    client.socket.pause();
    client.send(`SUBSCRIBE\nid:0\ndestination:/queue/a\nack:${ack}\nactivemq.prefetchSize:${count}\n\n\0`);
    const queue = server.broker.queue('a');
    const [held] = server.context.clients;
    let sent = -1;
    while (held!.messagesOut !== sent || sent === 0) {
      sent = held!.messagesOut;
      for (let turn = 0; turn < 20; turn++) await other.settled();
    }
    expect(sent).toBeLessThan(count);
    // Meanwhile others are served.
    other.send('SEND\ndestination:/queue/b\n\nb\0SUBSCRIBE\nid:0\ndestination:/queue/b\n\n\0');
    expect((await other.frame()).body.toString()).toBe('b');
    client.socket.resume();
    const frames = await client.frames(count);
    expect(frames.every((frame) => frame.body.equals(body))).toBe(true);
    expect(queue.readyCount).toBe(0);
  },
);

it('gives what a stalled client leaves to others', async () => {
  await using server = await stompServer({ limits: { maxUnsentBytes: 64 * kibibyte } });
  await using stalled = await RawClient.connected(server.port);
  await using quick = await RawClient.connected(server.port);
  stalled.socket.pause();
  const subscribe = 'SUBSCRIBE\nid:0\ndestination:/queue/a\nactivemq.prefetchSize:10000\n\n\0';
  stalled.send(subscribe);
  quick.send(subscribe);
  await quick.settled();
  while (server.broker.queue('a').consumerCount < 2) await quick.settled();
  const body = Buffer.alloc(10 * kibibyte, 'x');
  const count = 3000;
  await Promise.all(
    Array.from({ length: count }, () => server.broker.publish({ kind: 'queue', name: 'a' }, message({ body }))),
  );
  const [first] = server.context.clients;
  const toOthers = count - first!.messagesOut;
  expect(toOthers).toBeGreaterThan(count / 2);
  await quick.frames(toOthers);
});

it('stops reading a client that does not read its receipts', async () => {
  await using server = await stompServer({ limits: { maxUnsentBytes: 16 * kibibyte } });
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  client.socket.pause();
  // Each asks for a receipt of 8 KiB.
  const count = 4000;
  const receipt = 'r'.repeat(8 * kibibyte);
  for (let number = 0; number < count; number++) {
    client.send(`SEND\ndestination:/topic/nobody\nreceipt:${receipt}\n\n\0`);
  }
  let received = -1;
  while (received !== server.broker.received || received <= 0) {
    received = server.broker.received;
    for (let turn = 0; turn < 20; turn++) await other.settled();
  }
  expect(received).toBeLessThan(count);
  client.socket.resume();
  expect(await client.frames(count)).toHaveLength(count);
});

it('stops reading a client whose receipts wait for a commit', async () => {
  await using server = await stompServer({ limits: { maxUncommitted: 10 } });
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  client.send('SEND\ndestination:/queue/a\npersistent:true\n\n\0');
  await other.settled();
  const count = 100;
  // They need no commit of their own, but their receipts are in line behind one.
  for (let number = 0; number < count; number++) {
    client.send(`SUBSCRIBE\nid:${number}\ndestination:/topic/a\nreceipt:${number}\n\n\0`);
  }
  await other.settled();
  await other.settled();
  expect(server.broker.topics.subscriptionCount).toBe(10);
  server.store.resume();
  await client.frames(count);
  expect(server.broker.topics.subscriptionCount).toBe(count);
});

it('keeps a small body apart from the chunk that it came in', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`SEND\ndestination:/queue/a\n\nsmall\0SEND\ndestination:/topic/nobody\n\n${'x'.repeat(60_000)}\0`);
  await client.settled();
  const [found] = await server.broker.queue('a').browse(0, 1);
  expect(found?.message.body.toString()).toBe('small');
  expect(found?.message.body.buffer.byteLength).toBeLessThanOrEqual(8 * kibibyte);
});

const bounded = { policies: [{ kind: 'queue', filter: 'full', maxMessages: 3 }] } as const;

it('stops reading a producer whose queue is at its bound, and goes on when there is room', async () => {
  await using server = await stompServer(bounded);
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  const send = (number: number): string => `SEND\ndestination:/queue/full\nreceipt:${number}\n\n${number}\0`;
  client.send([0, 1, 2].map(send).join(''));
  await client.frames(3);
  client.send([3, 4, 5, 6, 7, 8, 9].map(send).join(''));
  // The first that finds the queue full is the last that is taken.
  await client.frame();
  await other.settled();
  expect(server.broker.queue('full').readyCount).toBe(4);
  // Others go on meanwhile, elsewhere.
  other.send('SEND\ndestination:/queue/b\n\n\0');
  await other.settled();
  other.send('SUBSCRIBE\nid:0\ndestination:/queue/full\n\n\0');
  const frames = await other.frames(10);
  expect(frames.map(({ body }) => body.toString())).toEqual(Array.from({ length: 10 }, (_, number) => String(number)));
  expect(await client.frames(6)).toHaveLength(6);
});

it('goes on reading one whose acknowledgements are to make the room', async () => {
  await using server = await stompServer(bounded);
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/full\nack:client\nactivemq.prefetchSize:1\n\n\0');
  for (let number = 0; number < 10; number++) client.send(`SEND\ndestination:/queue/full\n\n${number}\0`);
  for (let number = 0; number < 10; number++) {
    const { headers, body } = await client.frame();
    expect(body.toString()).toBe(String(number));
    client.send(`ACK\nid:${headers.get('ack')}\n\n\0`);
  }
});

it('ends a producer that went while it was held back', async () => {
  await using server = await stompServer(bounded);
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  const send = 'SEND\ndestination:/queue/full\n\n\0';
  client.send(send.repeat(3));
  await client.settled();
  client.send(send.repeat(2));
  while (server.broker.queue('full').readyCount < 4) await other.settled();
  client.socket.destroy();
  await server.broker.queue('full').purge();
  while (server.context.clients.size > 1) await other.settled();
  expect(server.broker.received).toBe(5);
});
