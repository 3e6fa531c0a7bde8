// From a publish on MQTT to the message in the hands of an SQS worker that long-polls, through a route, at a fixed rate.

import { fileURLToPath } from 'node:url';
import { LoadProcess } from '../loads/load-process.ts';
import { percentile } from '../measure/statistics.ts';
import { UsageMeter } from '../measure/usage.ts';
import type { Usage } from '../measure/usage.ts';
import { causeway } from '../systems/causeway.ts';
import { bodyBytes } from './pairs.ts';
import type { Timing } from './sample.ts';

const perSecond = 1000;
const pollers = 4;

/** Milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly most: number;
  readonly usage: Usage;
}

export async function measureLatency({ warmUpMs, measureMs }: Timing): Promise<Latency> {
  const config = fileURLToPath(new URL('../../examples/causeway.yml', import.meta.url));
  await using system = await causeway({ config }).start();
  const common = { connections: pollers, window: 1, bodyBytes };
  await using worker = await LoadProcess.start({
    ...common,
    role: 'latency-worker',
    port: system.ports.cloud!,
    destinations: ['telemetry'],
  });
  await using publisher = await LoadProcess.start({
    ...common,
    role: 'paced-publisher',
    port: system.ports.mqtt!,
    destinations: ['telemetry/bench'],
  });
  const warmedUp = await publisher.order({ do: 'send', ms: warmUpMs, perSecond });
  await worker.order({ do: 'reach', count: warmedUp.count });
  const meter = new UsageMeter(system.pid, [publisher.pid, worker.pid]);
  const sent = await publisher.order({ do: 'send', ms: measureMs, perSecond });
  const { latencies = [] } = await worker.order({ do: 'reach', count: sent.count });
  return latencyOf(latencies, meter.read());
}

export function latencyOf(latencies: readonly number[], usage: Usage): Latency {
  const sorted = [...latencies].sort((a, b) => a - b);
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    most: sorted.at(-1) ?? NaN,
    usage,
  };
}
