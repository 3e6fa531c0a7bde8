// EnableEnhancedMonitoring: adds metrics that are wanted of each shard.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import type { Kinesis } from './model/kinesis.ts';
import { metricsOf, monitoringInput, monitoringOutput, setMetrics } from './model/monitoring.ts';

export function enableEnhancedMonitoring({ streams }: Kinesis): Operation {
  return operation('EnableEnhancedMonitoring', monitoringInput, monitoringOutput, async (input, call) => {
    const { ShardLevelMetrics: given, ...names } = input;
    const stream = streams.named(names, call);
    stream.requireActive();
    const shown = await setMetrics(stream, new Set([...stream.settings.metrics, ...metricsOf(given)]));
    await streams.begin(stream, 'UPDATING', { kind: 'settle' });
    return shown;
  });
}
