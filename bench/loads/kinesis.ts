// Kinesis over JSON 1.1 on HTTP/1.1: putters with one PutRecords under way each; readers that go through shards from the
// oldest record to the end, as fast as they are given records.

import { ask, HttpConnection, request } from './http.ts';
import type { Load, LoadOptions, Order, Progress } from './orders.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';

/** `window` records a request, each with a partition key of its own. `destinations`: names of streams. */
export async function kinesisPutter(options: LoadOptions): Promise<Sender> {
  const { port, connections, destinations, bodyBytes, window } = options;
  const sender = new Sender(window);
  const Data = Buffer.alloc(bodyBytes, 'x').toString('base64');
  const Records = Array.from({ length: window }, (_, index) => ({ Data, PartitionKey: `key-${index}` }));
  const frames = destinations.map((StreamName) => request(port, 'kinesis', 'PutRecords', { StreamName, Records }));
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const frame = frames[i % frames.length]!;
    const connection = { send: () => http.socket.write(frame) };
    sender.add(connection);
    http.onAnswer = (body) => {
      if (!body.includes('"FailedRecordCount":0')) throw new Error(body.toString());
      sender.acknowledged(connection, window);
    };
  }
  return sender;
}

const readLimit = 10_000;
const iteratorPattern = /"NextShardIterator":"([^"]+)"/;
/** An answer ends, or begins, with all but its records. */
const outerBytes = 2048;

/** A connection reads the shards of its own one after the other. */
export async function kinesisReader({ port, connections, destinations, bodyBytes }: LoadOptions): Promise<Load> {
  const receiver = new Receiver();
  const begin: (() => void)[] = [];
  const StreamName = destinations[0]!;
  const { Shards = [] } = (await ask(port, 'kinesis', 'ListShards', { StreamName })) as {
    readonly Shards?: readonly { readonly ShardId: string }[];
  };
  const base64Bytes = Math.ceil(bodyBytes / 3) * 4;
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const mine = Shards.filter((_, index) => index % connections === i);
    const startNext = (): void => {
      const shard = mine.shift();
      if (shard === undefined) return;
      const { ShardId } = shard;
      const input = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
      http.onAnswer = (body) => {
        const { ShardIterator } = JSON.parse(body.toString()) as { readonly ShardIterator: string };
        http.onAnswer = read;
        read(Buffer.from(`"NextShardIterator":"${ShardIterator}"`));
      };
      http.socket.write(request(port, 'kinesis', 'GetShardIterator', input));
    };
    let asked = false;
    const read = (body: Buffer): void => {
      const count = asked ? recordsOf(body, base64Bytes) : 0;
      receiver.received(count);
      if (asked && count === 0) {
        asked = false;
        startNext();
        return;
      }
      asked = true;
      const ends = body.toString('latin1', 0, outerBytes) + body.subarray(-outerBytes).toString('latin1');
      const ShardIterator = iteratorPattern.exec(ends)?.[1];
      http.socket.write(request(port, 'kinesis', 'GetRecords', { ShardIterator, Limit: readLimit }));
    };
    begin.push(startNext);
  }
  return {
    obey: (order: Order): Promise<Progress> => {
      for (const start of begin.splice(0)) start();
      return receiver.obey(order);
    },
  };
}

/** Counts without reading all of it: a reader that parses each record would be the limit. */
function recordsOf(body: Buffer, base64Bytes: number): number {
  let count = 0;
  for (let at = body.indexOf('"Data":'); at >= 0; at = body.indexOf('"Data":', at + base64Bytes)) count++;
  return count;
}
