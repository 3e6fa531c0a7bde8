// Reads so many records of the stream, from the oldest on, and prints those of each machine in the order in which they stand
// in their shard.
//   node examples/bridging/read-stream.ts [RECORDS]

import { setTimeout as pause } from 'node:timers/promises';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';

const StreamName = 'telemetry';
const count = Number(process.argv[2] ?? 9);
const client = new KinesisClient({});
const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
const iterators = await Promise.all(
  Shards.map(async ({ ShardId }) => {
    const ShardIteratorType = 'TRIM_HORIZON';
    return (await client.send(new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType }))).ShardIterator;
  }),
);

const lines = new Map<string, string[]>();
for (let left = count; left > 0;) {
  for (const [index, ShardIterator] of iterators.entries()) {
    if (ShardIterator === undefined || ShardIterator === null) continue;
    const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator }));
    iterators[index] = NextShardIterator;
    for (const { PartitionKey = '', Data } of Records) {
      const line = `shard ${index}, ${PartitionKey}: ${Buffer.from(Data ?? []).toString()}`;
      lines.set(PartitionKey, [...(lines.get(PartitionKey) ?? []), line]);
    }
    left -= Records.length;
  }
  // A shard answers five times a second.
  await pause(250);
}
console.log(
  Array.from(lines.keys())
    .toSorted()
    .flatMap((machine) => lines.get(machine))
    .join('\n'),
);
client.destroy();
