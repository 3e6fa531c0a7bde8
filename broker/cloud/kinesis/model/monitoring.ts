// Enhanced monitoring: which metrics of a stream's shards are wanted. Both actions answer with what was and what is to be.

import { list, required, string, structure } from '../../shape.ts';
import type { Value } from '../../shape.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { metricNames, metrics, streamMembers } from './shapes.ts';

export const monitoringInput = structure({ ShardLevelMetrics: required(metricNames), ...streamMembers });
export const monitoringOutput = structure({
  StreamName: string(),
  CurrentShardLevelMetrics: list(string()),
  DesiredShardLevelMetrics: list(string()),
  StreamARN: string(),
});

/** Those that are named; `ALL` names every one. */
export function metricsOf(given: readonly string[]): readonly string[] {
  return given.includes('ALL') ? metrics : given;
}

export async function setMetrics(
  stream: KinesisStream,
  wanted: ReadonlySet<string>,
): Promise<Value<typeof monitoringOutput>> {
  const current = stream.settings.metrics;
  const desired = metrics.filter((metric) => wanted.has(metric));
  await stream.change({ metrics: desired });
  return {
    StreamName: stream.name,
    CurrentShardLevelMetrics: current,
    DesiredShardLevelMetrics: desired,
    StreamARN: stream.arn,
  };
}
