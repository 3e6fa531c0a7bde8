// DisableEnhancedMonitoring: removes metrics that are wanted of each shard.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import type { Kinesis } from './model/kinesis.ts';
import { metricsOf, monitoringInput, monitoringOutput, setMetrics } from './model/monitoring.ts';

export function disableEnhancedMonitoring({ streams }: Kinesis): Operation {
  return operation('DisableEnhancedMonitoring', monitoringInput, monitoringOutput, async (input, call) => {
    const { ShardLevelMetrics: given, ...names } = input;
    const stream = streams.named(names, call);
    stream.requireActive();
    const unwanted = metricsOf(given);
    const shown = await setMetrics(
      stream,
      new Set(stream.settings.metrics.filter((metric) => !unwanted.includes(metric))),
    );
    await streams.begin(stream, 'UPDATING', { kind: 'settle' });
    return shown;
  });
}
