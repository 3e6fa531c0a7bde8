// Records put one at a time on a timetable, over HTTP/1.1, and a subscription of enhanced fan-out that gets them, over HTTP/2:
// how long it took from the time at which each was meant to be put.

import { connect } from 'node:http2';
import type { ClientHttp2Stream } from 'node:http2';
import { now } from '../measure/clock.ts';
import { action, HttpConnection, request } from './http.ts';
import type { Load, LoadOptions, Order, Progress } from './orders.ts';
import { keepPace, stamp, stampLength } from './pace.ts';
import { Receiver } from './receiver.ts';
import { Remainder } from './socket.ts';

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
  const input = { ConsumerARN: destinations[0]!, ShardId: firstShard, StartingPosition: { Type: 'LATEST' } };
  const { headers, body } = action('kinesis', 'SubscribeToShard', input);
  const stream = connect(`http://127.0.0.1:${port}`).request({ ':method': 'POST', ':path': '/', ...headers });
  stream.end(body);
  // The first one is the answer itself; the place to begin at was found before that.
  const subscribed = new Promise<void>((resolve) => {
    followMessages(stream, (message) => {
      const arrivedAt = now();
      resolve();
      let count = 0;
      for (const [, stamped] of message.toString('latin1').matchAll(dataPattern)) {
        const meant = Buffer.from(stamped!, 'base64').toString('latin1', 0, stampLength);
        latencies.push(arrivedAt - Number(meant));
        count++;
      }
      receiver.received(count);
    });
  });
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

/** Messages of an event stream: each begins with its length. */
function followMessages(stream: ClientHttp2Stream, onMessage: (bytes: Buffer) => void): void {
  const remainder = new Remainder();
  stream.on('response', ({ ':status': status }) => {
    if (status !== 200) throw new Error(`SubscribeToShard: ${status}`);
  });
  stream.on('data', (chunk: Buffer) => {
    let bytes = remainder.join(chunk);
    while (bytes.length >= 4 && bytes.length >= bytes.readUInt32BE()) {
      const length = bytes.readUInt32BE();
      onMessage(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
    }
    remainder.keep(bytes);
  });
  stream.on('close', () => {
    throw new Error('the subscription was ended');
  });
}
