// Requests that come a byte at a time: whoever sends them is let go in time, however often a byte comes.

import { expect, it } from 'vitest';
import type { CloudLimits } from '../../broker/cloud/limits.ts';
import { flags, frame, frameTypes, http2Peer, kinesisHeaders, preface } from './http2-frames.ts';
import type { Http2Peer } from './http2-frames.ts';
import { kinesisEndpoint } from './kinesis/endpoint.ts';
import { closed, open } from './raw-http.ts';

/** So short that nobody waits long for them, and long enough for a slow machine's own requests. A byte every 20 ms is never a stall. */
const limits: Partial<CloudLimits> = { headersMs: 1000, requestMs: 1000, idleMs: 1000, stalledMs: 10_000 };
const everyMs = 20;

/** Writes one byte after the other until the other side closes; gives back what came. */
async function drip(port: number, head: string, tail: string): Promise<string> {
  const socket = await open(port);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const gone = closed(socket);
  socket.write(head);
  let at = 0;
  const timer = setInterval(() => socket.write(tail[at++ % tail.length]!), everyMs);
  await gone;
  clearInterval(timer);
  return answer;
}

it.each([
  ['the name of a protocol', '', preface.toString().slice(0, 20), ''],
  ['a line of a request', 'POST /', 'a', ''],
  ['headers', 'POST / HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n', ''],
  ['a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n', 'a', 'HTTP/1.1 408 '],
  ['the length of a chunk', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', '0', ''],
  ['chunks', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\na\r\n', 'HTTP/1.1 408 '],
])('%s, over HTTP/1.1', async (_, head, tail, answer) => {
  await using endpoint = await kinesisEndpoint({ limits });
  expect(await drip(endpoint.port, head, tail)).toContain(answer);
  expect((await endpoint.ok('ListStreams')).StreamNames).toEqual([]);
});

async function dripFrames(peer: Http2Peer, bytes: Buffer): Promise<void> {
  const timer = setInterval(() => void peer.write(bytes), everyMs);
  await expect.poll(() => peer.socket.destroyed || peer.count(frameTypes.headers) > 0).toBe(true);
  clearInterval(timer);
}

it('a body, over HTTP/2', async () => {
  await using endpoint = await kinesisEndpoint({ limits });
  using peer = await http2Peer(endpoint.port);
  await peer.write(frame(frameTypes.headers, flags.endHeaders, 1, kinesisHeaders('PutRecord')));
  await dripFrames(peer, frame(frameTypes.data, flags.none, 1, Buffer.of(0x61)));
  expect((await endpoint.ok('ListStreams')).StreamNames).toEqual([]);
});

it('headers, over HTTP/2', async () => {
  await using endpoint = await kinesisEndpoint({ limits });
  using peer = await http2Peer(endpoint.port);
  await peer.write(frame(frameTypes.headers, flags.none, 1, kinesisHeaders('PutRecord')));
  await dripFrames(peer, frame(frameTypes.continuation, flags.none, 1));
  expect(peer.socket.destroyed).toBe(true);
});

it('nothing at all, over HTTP/2', async () => {
  await using endpoint = await kinesisEndpoint({ limits: { ...limits, stalledMs: 1000 } });
  using peer = await http2Peer(endpoint.port);
  await peer.goneAway;
  expect((await endpoint.ok('ListStreams')).StreamNames).toEqual([]);
});
