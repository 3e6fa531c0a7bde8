// Kinesis: PutRecords of 500 records on 32 connections, then GetRecords from the oldest record of each shard to its end.

import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../loads/http.ts';
import { LoadProcess } from '../loads/load-process.ts';
import { now } from '../measure/clock.ts';
import { UsageMeter } from '../measure/usage.ts';
import type { System } from '../systems/system.ts';
import { bodyBytes } from './pairs.ts';
import type { Sample, Timing } from './sample.ts';
import { connections } from './sqs.ts';

/** Of one PutRecords: as many as it takes. */
export const recordsPerPut = 500;
const shards = 4;
const stream = 'bench';
const lookMs = 10;

export async function measureKinesis(system: System, timing: Timing): Promise<readonly Sample[]> {
  const port = system.ports.cloud!;
  await createStream(port, stream, shards);
  const common = { port, destinations: [stream], window: recordsPerPut, bodyBytes };
  await using putter = await LoadProcess.start({ ...common, role: 'kinesis-putter', connections });
  const warmedUp = await putter.order({ do: 'send', ms: timing.warmUpMs });

  const putting = new UsageMeter(system.pid, [putter.pid]);
  const startedAt = now();
  const put = await putter.order({ do: 'send', ms: timing.measureMs });
  const count = put.count - warmedUp.count;
  const puts = { what: 'PutRecords', perSecond: (count / (put.at - startedAt)) * 1000, count, usage: putting.read() };

  await using reader = await LoadProcess.start({ ...common, role: 'kinesis-reader', connections: shards });
  const reading = new UsageMeter(system.pid, [reader.pid]);
  const readFrom = now();
  const read = await reader.order({ do: 'reach', count: put.count });
  const perSecond = (put.count / (read.at - readFrom)) * 1000;
  return [puts, { what: 'GetRecords', perSecond, count: put.count, usage: reading.read() }];
}

/** Resolves once it is active. */
export async function createStream(port: number, StreamName: string, ShardCount: number): Promise<void> {
  await ask(port, 'kinesis', 'CreateStream', { StreamName, ShardCount });
  while ((await describe(port, StreamName))['StreamStatus'] !== 'ACTIVE') await delay(lookMs);
}

export async function describe(port: number, StreamName: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask(port, 'kinesis', 'DescribeStreamSummary', { StreamName });
  const { StreamDescriptionSummary: summary } = answer as { StreamDescriptionSummary: Record<string, unknown> };
  return summary;
}
