// The loads of the benchmarks still speak with the engine: short measurements, whose figures mean nothing.

import { describe, expect, it } from 'vitest';
import { measureLongQueue, measureManyQueues, measureManyShards } from '../../bench/scenarios/cloud-breadth.ts';
import { measureEnhancedFanOut } from '../../bench/scenarios/enhanced-fan-out.ts';
import { measureKinesis } from '../../bench/scenarios/kinesis.ts';
import { measureLatency } from '../../bench/scenarios/latency.ts';
import { measurePairs } from '../../bench/scenarios/pairs.ts';
import type { PairsOptions } from '../../bench/scenarios/pairs.ts';
import { measureSns } from '../../bench/scenarios/sns.ts';
import { measureSqs } from '../../bench/scenarios/sqs.ts';
import { causeway } from '../../bench/systems/causeway.ts';

const timing = { warmUpMs: 50, measureMs: 200 };

describe('the loads of the benchmarks', () => {
  it.each<PairsOptions>([
    { protocol: 'mqtt', senders: 2, receivers: 1 },
    { protocol: 'stomp', senders: 2, receivers: 2 },
    { protocol: 'amqp', senders: 2, receivers: 2 },
  ])('move messages over $protocol', async (options) => {
    await using system = await causeway().start();
    const [sample] = await measurePairs(system, options, timing);
    expect(sample?.count).toBeGreaterThan(0);
    expect(sample?.perSecond).toBeGreaterThan(0);
  });

  it.each(['standard', 'fifo'] as const)('move messages over SQS, %s', async (kind) => {
    await using system = await causeway().start();
    const samples = await measureSqs(system, kind, timing);
    expect(samples.map(({ what }) => what)).toEqual(['send', 'receive and delete']);
    for (const { count } of samples) expect(count).toBeGreaterThan(0);
  });

  it.each([true, false])('publish to SNS, raw: %s', async (raw) => {
    await using system = await causeway().start();
    const [sample] = await measureSns(system, raw, timing);
    expect(sample?.count).toBeGreaterThan(0);
  });

  it('put and get records of Kinesis', async () => {
    await using system = await causeway().start();
    const samples = await measureKinesis(system, timing);
    expect(samples.map(({ what }) => what)).toEqual(['PutRecords', 'GetRecords']);
    for (const { count } of samples) expect(count).toBeGreaterThan(0);
  });

  it('time every record of the timetable', async () => {
    const { count, p50, most } = await measureEnhancedFanOut(timing);
    expect(count).toBe(200);
    expect(p50).toBeGreaterThan(0);
    expect(most).toBeGreaterThanOrEqual(p50);
  });

  it('go through several queues, and several shards', async () => {
    await using system = await causeway().start();
    const samples = [
      ...(await measureManyQueues(system, 50, timing)),
      ...(await measureManyShards(system, 20, timing)),
    ];
    expect(samples.map(({ what }) => what)).toEqual(['send', 'receive and delete', 'PutRecords']);
    for (const { count } of samples) expect(count).toBeGreaterThan(0);
  });

  it('look into a queue that is full, half empty and nearly empty', async () => {
    const { probes } = await measureLongQueue(causeway(), 3000, 50);
    const [full = 0, half = 0, little = 0] = probes.map(({ waiting }) => waiting);
    expect(full).toBeGreaterThanOrEqual(3000);
    expect(half).toBeLessThanOrEqual(full / 2);
    expect(little).toBeLessThan(half);
  });

  it('time every message of the timetable', async () => {
    const { count, p50, most } = await measureLatency({ warmUpMs: 50, measureMs: 200 });
    expect(count).toBe(200);
    expect(p50).toBeGreaterThan(0);
    expect(most).toBeGreaterThanOrEqual(p50);
  });
});
