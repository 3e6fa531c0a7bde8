// SEND (STOMP 1.2, "SEND", "RECEIPT"): stored, then acknowledged, in order.

import { expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

const persistent = 'SEND\ndestination:/queue/a\npersistent:true\n';

function receipts(frames: { command: string; headers: ReadonlyMap<string, string> }[]): (string | undefined)[] {
  return frames.map(({ command, headers }) => (command === 'RECEIPT' ? headers.get('receipt-id') : command));
}

it('gives a RECEIPT for a persistent message only once it is stored', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  client.send(`${persistent}receipt:1\n\nhello\0`);
  // The other's frames are handled after the first's, and need no commit.
  other.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  expect(await other.settled()).toEqual([]);
  expect(await other.settled()).toEqual([]);
  expect(server.broker.received).toBe(1);
  expect(client.pending).toEqual([]);
  server.store.resume();
  expect(receipts([await client.frame()])).toEqual(['1']);
  expect((await other.frame()).body.toString()).toBe('hello');
});

it('sends receipts in the order of the frames, those that wait for no disk too', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  client.send(`${persistent}receipt:1\n\n\0`);
  expect(await other.settled()).toEqual([]);
  client.send('SEND\ndestination:/queue/b\nreceipt:2\n\n\0BEGIN\ntransaction:t\nreceipt:3\n\n\0');
  expect(await other.settled()).toEqual([]);
  client.send(`${persistent}receipt:4\n\n\0`);
  expect(await other.settled()).toEqual([]);
  expect(client.pending).toEqual([]);
  server.store.resume();
  expect(receipts(await client.frames(4))).toEqual(['1', '2', '3', '4']);
});

it('stores a message that says persistent:true, and no other', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(
    `${persistent}\na\0SEND\ndestination:/queue/a\n\nb\0SEND\ndestination:/queue/a\npersistent:false\nreceipt:1\n\nc\0`,
  );
  await client.frame();
  const found = await server.broker.queue('a').browse(0, 10);
  expect(found.map(({ message, entry }) => [message.body.toString(), message.durable, entry.residence])).toEqual([
    ['a', true, 'durable'],
    ['b', false, 'memory'],
    ['c', false, 'memory'],
  ]);
});

it('answers ERROR with the receipt when a message cannot be stored, and no RECEIPT for those behind it', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  server.store.fail(new BrokerError('store-full', 'the disk is full'));
  client.send(`${persistent}receipt:1\n\n\0SEND\ndestination:/queue/a\nreceipt:2\n\n\0`);
  const { command, headers } = await client.frame();
  expect(command).toBe('ERROR');
  expect(headers.get('message')).toBe('the disk is full');
  expect(headers.get('receipt-id')).toBe('1');
  await client.closed;
  expect(client.pending).toEqual([]);
  server.store.fail(undefined);
  expect(await server.broker.queue('a').browse(0, 10)).toEqual([]);
});

it.each([
  ['no destination', 'foo:bar\n', 'SEND without the header "destination"'],
  ['an empty name', 'destination:/queue/\n', 'a destination needs a name'],
  ['a path of another broker', 'destination:/exchange/a\n', 'destination "/exchange/a" does not begin with /queue/'],
  ['another scheme', 'destination:amqp://a\n', 'no such kind of destination: "amqp://a"'],
  ['a wildcard', 'destination:/topic/a.*\n', 'nothing can be sent to it'],
  ['a rest wildcard', 'destination:/queue/a.>\n', 'nothing can be sent to it'],
  ['a temporary queue that is gone', 'destination:/remote-temp-queue/ID:1\n', 'temp-queue://ID:1 does not exist'],
  ['a composite with an empty name', 'destination:/queue/a,\n', 'a destination needs a name'],
  ['a composite with one that is gone', 'destination:/queue/a,/remote-temp-topic/x\n', 'temp-topic://x does not exist'],
  ['options', 'destination:/queue/a?x=1\n', 'destination options are for SUBSCRIBE'],
  ['a priority in words', 'destination:/queue/a\npriority:high\n', 'header "priority" is not an integer: "high"'],
  ['an expiry in words', 'destination:/queue/a\nexpires:soon\n', 'header "expires" is not an integer'],
  ['an unknown body type', 'destination:/queue/a\namq-msg-type:map\n', 'amq-msg-type "map" is not supported'],
  ['a cron that is none', 'destination:/queue/a\nAMQ_SCHEDULED_CRON:* * *\n', 'cron'],
  ['a period in words', 'destination:/queue/a\nAMQ_SCHEDULED_PERIOD:soon\n', 'header "AMQ_SCHEDULED_PERIOD" is not'],
  ['a repeat below -1', 'destination:/queue/a\nAMQ_SCHEDULED_REPEAT:-2\n', 'a repeat of -2'],
  ['a transaction that has not begun', 'destination:/queue/a\ntransaction:t\n', 'transaction "t" has not begun'],
])('refuses %s, and closes', async (_, headers, message) => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`SEND\n${headers}receipt:r\n\nhello\0`);
  const error = await client.frame();
  expect(error.command).toBe('ERROR');
  expect(error.headers.get('message')).toContain(message);
  expect(error.headers.get('receipt-id')).toBe('r');
  expect(error.body.toString()).toContain('SEND');
  await client.closed;
  expect(await server.broker.queue('a').browse(0, 1)).toEqual([]);
});

it('keeps what came before a frame that it refuses', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`${persistent}receipt:1\n\na\0FROB\nreceipt:2\n\n\0${persistent}receipt:3\n\nb\0`);
  const frames = await client.frames(2);
  expect(receipts(frames)).toEqual(['1', 'ERROR']);
  expect(frames[1]?.headers.get('receipt-id')).toBe('2');
  await client.closed;
  const found = await server.broker.queue('a').browse(0, 10);
  expect(found.map(({ message }) => message.body.toString())).toEqual(['a']);
});

it('refuses a body beyond the largest message, with the receipt of its frame', async () => {
  await using server = await stompServer({ limits: { maxMessageBytes: 1000 } });
  await using client = await RawClient.connected(server.port);
  client.send('SEND\ndestination:/queue/a\nreceipt:r\ncontent-length:1000\n\n');
  client.send(`${'x'.repeat(1000)}\0`);
  expect(receipts([await client.frame()])).toEqual(['r']);
  client.send(`SEND\ndestination:/queue/a\nreceipt:r\n\n${'x'.repeat(1001)}`);
  const { command, headers } = await client.frame();
  expect(command).toBe('ERROR');
  expect(headers.get('message')).toBe('body longer than 1000 bytes');
  expect(headers.get('receipt-id')).toBe('r');
  await client.closed;
});

it('delivers a delayed message when it is due', async () => {
  const clock = new ManualClock();
  await using server = await stompServer({ clock });
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  client.send('SEND\ndestination:/queue/a\nAMQ_SCHEDULED_DELAY:5000\nreceipt:1\n\nhello\0');
  expect(receipts([await client.frame()])).toEqual(['1']);
  expect(server.broker.queue('a').delayedCount).toBe(1);
  clock.turn(5000);
  const message = await client.frame();
  expect(message.body.toString()).toBe('hello');
  expect(message.headers.has('AMQ_SCHEDULED_DELAY')).toBe(false);
});

it('counts the delay of a message in a transaction from its SEND', async () => {
  const clock = new ManualClock();
  await using server = await stompServer({ clock });
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0BEGIN\ntransaction:t\n\n\0');
  await client.settled();
  clock.turn(60_000);
  const send = 'SEND\ndestination:/queue/a\ntransaction:t\nAMQ_SCHEDULED_DELAY:5000\n\nhello\0';
  client.send(`${send}COMMIT\ntransaction:t\n\n\0`);
  expect(await client.settled()).toEqual([]);
  clock.turn(4999);
  expect(await client.settled()).toEqual([]);
  clock.turn(1);
  expect((await client.frame()).body.toString()).toBe('hello');
});

it('does not deliver what has expired', async () => {
  const clock = new ManualClock();
  await using server = await stompServer({ clock });
  await using client = await RawClient.connected(server.port);
  client.send(
    `SEND\ndestination:/queue/a\nexpires:${clock.now() + 100}\n\nlate\0SEND\ndestination:/queue/a\n\nin time\0`,
  );
  expect(await client.settled()).toEqual([]);
  clock.turn(101);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  expect((await client.frame()).body.toString()).toBe('in time');
});

it('delivers a message again and again, as it asks', async () => {
  const clock = new ManualClock();
  await using server = await stompServer({ clock });
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:0\ndestination:/topic/a\n\n\0');
  client.send(
    'SEND\ndestination:/topic/a\nAMQ_SCHEDULED_DELAY:5000\nAMQ_SCHEDULED_PERIOD:1000\nAMQ_SCHEDULED_REPEAT:2\n\nhello\0',
  );
  expect(await client.settled()).toEqual([]);
  for (const ms of [5000, 1000, 1000]) {
    clock.turn(ms);
    const frame = await client.frame();
    expect(frame.body.toString()).toBe('hello');
    expect(Array.from(frame.headers.keys()).filter((name) => /AMQ_|causeway/.test(name))).toEqual([]);
  }
  clock.turn(10_000);
  expect(await client.settled()).toEqual([]);
});

it('delivers a message when its cron expression says', async () => {
  const clock = new ManualClock();
  await using server = await stompServer({ clock });
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  client.send('SEND\ndestination:/queue/a\nAMQ_SCHEDULED_CRON:* * * * *\n\nhello\0');
  expect(await client.settled()).toEqual([]);
  for (let times = 0; times < 2; times++) {
    clock.turn(60_000);
    expect((await client.frame()).body.toString()).toBe('hello');
  }
});
