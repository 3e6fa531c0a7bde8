// causeway quotas: what went beyond the quotas of AWS, or would have been refused, as an engine that runs has counted it.

import { call, reach } from './cli-engine.ts';
import type { EngineNamed } from './cli-engine.ts';

/** @returns what to print. @throws BrokerError in words for a person. */
export async function runQuotasCommand(engine: EngineNamed): Promise<string> {
  const { excesses } = await call(reach(engine), 'cloudQuotas', {});
  const lines = excesses
    .toSorted((a, b) => b.count - a.count)
    .map(({ quota, resource, count }) => [quota, resource, count].join('\t'));
  return `${['QUOTA\tRESOURCE\tTIMES', ...lines].join('\n')}\n`;
}
