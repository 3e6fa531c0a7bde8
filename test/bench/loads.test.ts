// The loads of the benchmarks still speak with the engine: short measurements, whose figures mean nothing.

import { describe, expect, it } from 'vitest';
import { measureLatency } from '../../bench/scenarios/latency.ts';
import { measurePairs } from '../../bench/scenarios/pairs.ts';
import type { PairsOptions } from '../../bench/scenarios/pairs.ts';
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

  it('move messages over SQS', async () => {
    await using system = await causeway().start();
    const samples = await measureSqs(system, timing);
    expect(samples.map(({ what }) => what)).toEqual(['send', 'receive and delete']);
    for (const { count } of samples) expect(count).toBeGreaterThan(0);
  });

  it('time every message of the timetable', async () => {
    const { count, p50, most } = await measureLatency({ warmUpMs: 50, measureMs: 200 });
    expect(count).toBe(200);
    expect(p50).toBeGreaterThan(0);
    expect(most).toBeGreaterThanOrEqual(p50);
  });
});
