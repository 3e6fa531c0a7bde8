// Whole sessions under frames that no client means: mutated recordings. Each ends in answers or in an ERROR and a close; the
// server stays, and nothing is left behind.

import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { mq, subscriptions, temporary } from '../../../broker/core/namespaces.ts';
import type { Log } from '../../../broker/util/log.ts';
import { silent } from '../../../broker/util/log.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';
import type { StompServer } from './stomp-server.ts';
import { fuzzTest } from '../../support/fuzz.ts';

/** Sessions under way at the same time. */
const atOnce = 20;

const recording = [
  'CONNECT\naccept-version:1.0,1.1,1.2\nhost:h\nheart-beat:0,0\nclient-id:c\n\n\0',
  'SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual\nreceipt:1\n\n\0',
  'SUBSCRIBE\nid:1\ndestination:/topic/a.>\nactivemq.maximumPendingMessageLimit:2\n\n\0',
  'SUBSCRIBE\nid:2\ndestination:/temp-queue/x,/queue/b.*,/topic/c\nack:client\nactivemq.prefetchSize:3\n\n\0',
  'SUBSCRIBE\nid:3\ndestination:/queue/a\nbrowser:true\nselector:foo = 1\n\n\0',
  'SUBSCRIBE\nid:4\ndestination:/topic/d?consumer.priority=3\nactivemq.subscriptionName:s\nreceipt:4\n\n\0',
  'BEGIN\ntransaction:t\n\n\0',
  'SEND\ndestination:/queue/a\ntransaction:t\npersistent:true\ncontent-length:5\n\nhello\0',
  'SEND\ndestination:/topic/a.b\nfoo:a\\cb\n\nhello\0',
  'SEND\ndestination:/queue/a,/topic/d\nreply-to:/temp-topic/y\nfoo:1\npersistent:true\n\nhello\0',
  'SEND\ndestination:/temp-queue/x\ntransformation:jms-map-json\n\n{"map":{"entry":{"string":["a","b"]}}}\0',
  'SEND\ndestination:/queue/b.c\ntransformation:jms-map-xml\n\n<map><entry><string>a</string><int>1</int></entry></map>\0',
  'COMMIT\ntransaction:t\nreceipt:2\n\n\0',
  'UNSUBSCRIBE\nid:1\n\n\0',
  'UNSUBSCRIBE\nid:4\ndurable-subscription-name:s\n\n\0',
  'DISCONNECT\nreceipt:3\n\n\0',
];

/** What a client may also send, at a time when it has not always a meaning. */
const strays = [
  'ACK\nid:1-1\ntransaction:t\n\n\0',
  'ACK\nid:1-1\n\n\0',
  'NACK\nid:1-1\n\n\0',
  'ACK\nid:3-1\n\n\0',
  'SEND\ndestination:/remote-temp-queue/ID:x\n\n\0',
  'SEND\ndestination:/topic/d\nAMQ_SCHEDULED_DELAY:5\nAMQ_SCHEDULED_REPEAT:1\n\n\0',
  'ABORT\ntransaction:t\n\n\0',
  'SEND\ndestination:/queue/a\ncontent-length:99999999\n\n',
  '\n\r\n\n',
];

/** mulberry32 */
function randomOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutated(random: (below: number) => number): Buffer {
  const frames = [...recording];
  // Frames in another order, twice, or not at all; CONNECT mostly first.
  for (let times = random(4); times > 0; times--) {
    const from = random(8) === 0 ? 0 : 1;
    const at = from + random(frames.length - from);
    const frame = frames[at]!;
    frames.splice(at, 1);
    for (let copies = random(3); copies > 0; copies--) frames.splice(from + random(frames.length), 0, frame);
  }
  for (let times = random(3); times > 0; times--) {
    frames.splice(1 + random(frames.length - 1), 0, strays[random(strays.length)]!);
  }
  const bytes = Buffer.from(frames.join(''));
  for (let times = random(3); times > 0; times--) bytes[random(bytes.length)] = random(256);
  return bytes;
}

/** Sends the bytes and ends; resolves with what came when the server has closed too. */
async function play(server: StompServer, random: (below: number) => number): Promise<Buffer> {
  const bytes = mutated(random);
  const [client, socket] = duplexPair();
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  client.on('error', () => undefined);
  socket.pause();
  server.accept(socket);
  const at = random(bytes.length);
  client.write(bytes.subarray(0, at));
  // Sometimes with time in which what was sent is stored and comes back.
  for (let turns = random(4) === 0 ? 6 : 0; turns > 0; turns--) await setImmediate();
  client.end(bytes.subarray(at));
  if (!client.readableEnded) await once(client, 'close');
  return Buffer.concat(chunks);
}

fuzzTest('survives mutated sessions', { cases: 10_000, seed: 1_613 }, async ({ cases, seed }) => {
  const faults: object[] = [];
  const log: Log = { ...silent, error: (details) => void faults.push(details), child: () => log };
  await using server = await stompServer({ log });
  const random = randomOf(seed);
  const ends = { error: 0, orderly: 0 };
  for (let number = 0; number < cases; number += atOnce) {
    const answers = await Promise.all(Array.from({ length: atOnce }, () => play(server, random)));
    for (const answer of answers) ends[answer.includes('ERROR\n') ? 'error' : 'orderly'] += 1;
    // What was sent is there by right, and would be looked through again and again.
    if (number % 500 === 0) for (const queue of server.broker.queues(mq)) await queue.purge();
  }
  expect(faults).toEqual([]);
  expect(ends.error).toBeGreaterThan(cases / 10);
  expect(ends.orderly).toBeGreaterThan(cases / 20);
  await using client = await RawClient.connected(server.port);
  expect(await client.settled()).toEqual([]);
  expect(server.context.clients.size).toBe(1);
  // What is durable stays, with one subscription.
  const durables = [...server.broker.subscriptions];
  expect(durables.every(({ active }) => !active)).toBe(true);
  expect(server.broker.topics.subscriptionCount).toBe(durables.length);
  expect([...server.broker.queues(temporary)]).toEqual([]);
  for (const queue of [...server.broker.queues(mq), ...server.broker.queues(subscriptions)]) {
    expect([queue.consumerCount, queue.inFlightCount]).toEqual([0, 0]);
  }
});
