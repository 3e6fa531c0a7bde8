// lifion-kinesis (npm), unchanged: leases, checkpoints, polling, and enhanced fan-out over HTTP/1.1, with version 2 of the
// SDK and a reader of event streams of its own.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CreateStreamCommand,
  PutRecordsCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.ts';
import { target } from '../target.ts';
import type { Target } from '../target.ts';
import { stateTable } from './state-table.ts';
import type { StateTable } from './state-table.ts';

const worker = fileURLToPath(new URL('lifion-consumer.ts', import.meta.url));

interface Worker extends Disposable {
  /** What came, by its partition key. */
  readonly seen: ReadonlyMap<string, number[]>;
  readonly count: () => number;
}

function startWorker(aws: Target, table: StateTable, how: object): Worker {
  const { credentials, ...config } = aws.config;
  const options = {
    ...config,
    ...credentials,
    local: aws.url !== undefined,
    dynamoDb: { region: aws.region, endpoint: table.url, accessKeyId: 'test', secretAccessKey: 'test' },
    consumerGroup: 'group',
    streamName: aws.name('s'),
    initialPositionInStream: 'TRIM_HORIZON',
    leaseAcquisitionInterval: 500,
    maxEnhancedConsumers: 1,
    ...how,
  };
  const env = { ...process.env, AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1' };
  const child = spawn(process.execPath, [worker, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const seen = new Map<string, number[]>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { partitionKey, n } = JSON.parse(line) as { partitionKey: string; n: number };
    seen.set(partitionKey, [...(seen.get(partitionKey) ?? []), n]);
  });
  return {
    seen,
    count: () => [...seen.values()].flat().length,
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

const keys = ['a', 'b', 'c', 'd', 'e'];

it.each([
  ['polling', {}],
  ['enhanced fan-out', { useEnhancedFanOut: true }],
])('reads every record once and in order, through a split: %s', { timeout: 120_000 }, async (_, how) => {
  await using aws = await target();
  await using table = await stateTable();
  const StreamName = aws.name('s');
  await aws.kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
  await waitUntilStreamExists({ client: aws.kinesis, maxWaitTime: 60 }, { StreamName });
  const put = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++) {
      const Records = keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from(JSON.stringify({ n })) }));
      await aws.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    }
  };
  using consumer = startWorker(aws, table, how);
  await put(0, 10);
  await waitUntil(() => consumer.count() === 50);
  const split = { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: String(2n ** 126n) };
  await aws.kinesis.send(new SplitShardCommand({ StreamName, ...split }));
  await put(10, 20);
  await waitUntil(() => consumer.count() === 100);
  const numbers = Array.from({ length: 20 }, (_each, n) => n);
  for (const key of keys) expect(consumer.seen.get(key)).toEqual(numbers);
});
