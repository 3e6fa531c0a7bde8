// Records put one at a time on a timetable, and a subscription of enhanced fan-out that gets them, over HTTP/1.1: how long it
// took from the time at which each was meant to be put.

import type { Socket } from 'node:net';
import { now } from '../measure/clock.ts';
import { HttpConnection, request } from './http.ts';
import type { Load, LoadOptions, Order, Progress } from './orders.ts';
import { keepPace, stamp, stampLength } from './pace.ts';
import { Receiver } from './receiver.ts';
import { connected, Remainder } from './socket.ts';

/** Of one record a request; what finds no connection that is free waits for one, and the wait counts. */
export async function pacedPutter({ port, connections, destinations, bodyBytes }: LoadOptions): Promise<Load> {
  const StreamName = destinations[0]!;
  const rest = 'x'.repeat(bodyBytes - stampLength);
  const free: HttpConnection[] = [];
  const waiting: number[] = [];
  let sent = 0;
  let answered = 0;
  let settled: (() => void) | undefined;
  const put = (http: HttpConnection, meant: number): void => {
    const Data = Buffer.from(stamp(meant) + rest).toString('base64');
    http.socket.write(request(port, 'kinesis', 'PutRecord', { StreamName, PartitionKey: 'key', Data }));
  };
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    http.onAnswer = () => {
      answered++;
      const meant = waiting.shift();
      if (meant === undefined) free.push(http);
      else put(http, meant);
      if (answered === sent) settled?.();
    };
    free.push(http);
  }
  const send = (meant: readonly number[]): void => {
    for (const at of meant) {
      sent++;
      // By turns: a connection on which nothing is said would be closed.
      const http = free.shift();
      if (http === undefined) waiting.push(at);
      else put(http, at);
    }
  };
  return {
    obey: async (order: Order): Promise<Progress> => {
      await keepPace(order, send);
      if (answered < sent) await new Promise<void>((resolve) => (settled = resolve));
      return { count: sent, at: now() };
    },
  };
}

const firstShard = 'shardId-000000000000';
const dataPattern = /"Data":"([^"]{28})/g;

/** To the first shard, from its end on. `destinations`: the ARN of the consumer. */
export async function fanOutSubscriber({ port, destinations }: LoadOptions): Promise<Load> {
  const receiver = new Receiver();
  let latencies: number[] = [];
  const socket = await connected(port);
  const subscribed = new Promise<void>((resolve) => {
    followChunks(socket, (bytes) => {
      const arrivedAt = now();
      resolve();
      let count = 0;
      for (const [, stamped] of bytes.toString('latin1').matchAll(dataPattern)) {
        const meant = Buffer.from(stamped!, 'base64').toString('latin1', 0, stampLength);
        latencies.push(arrivedAt - Number(meant));
        count++;
      }
      receiver.received(count);
    });
  });
  const StartingPosition = { Type: 'LATEST' };
  const input = { ConsumerARN: destinations[0]!, ShardId: firstShard, StartingPosition };
  socket.write(request(port, 'kinesis', 'SubscribeToShard', input));
  await subscribed;
  return {
    obey: async (order: Order): Promise<Progress> => {
      const progress = await receiver.obey(order);
      const taken = latencies;
      latencies = [];
      return { ...progress, latencies: taken };
    },
  };
}

/** Transfer coding "chunked", as far as it is used: each event comes as one chunk. */
function followChunks(socket: Socket, onChunk: (bytes: Buffer) => void): void {
  const remainder = new Remainder();
  let isHeadRead = false;
  socket.on('data', (received) => {
    let bytes = remainder.join(received);
    for (;;) {
      const lineEnd = bytes.indexOf(isHeadRead ? '\r\n' : '\r\n\r\n');
      if (lineEnd < 0) break;
      const line = bytes.toString('latin1', 0, lineEnd);
      if (!isHeadRead) {
        if (!line.startsWith('HTTP/1.1 200')) throw new Error(bytes.toString());
        isHeadRead = true;
        bytes = bytes.subarray(lineEnd + 4);
        continue;
      }
      const start = lineEnd + 2;
      const end = start + Number.parseInt(line, 16);
      if (bytes.length < end + 2) break;
      onChunk(bytes.subarray(start, end));
      bytes = bytes.subarray(end + 2);
    }
    remainder.keep(bytes);
  });
}
