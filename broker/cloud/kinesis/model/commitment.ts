// The minimum throughput billing commitment, as the settings of an account show it.

import { required, string, structure, timestamp } from '../../shape.ts';
import type { Value } from '../../shape.ts';
import type { Commitment } from './accounts.ts';
import { wholeSeconds } from './whole-seconds.ts';

export const accountSettings = structure({
  MinimumThroughputBillingCommitment: structure({
    Status: required(string()),
    StartedAt: timestamp(),
    EndedAt: timestamp(),
    EarliestAllowedEndAt: timestamp(),
  }),
});

export function showCommitment({ status, startedAt, endedAt, earliestEnd }: Commitment): Value<typeof accountSettings> {
  const shown = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : wholeSeconds(ms));
  return {
    MinimumThroughputBillingCommitment: {
      Status: status,
      StartedAt: shown(startedAt),
      EndedAt: shown(endedAt),
      EarliestAllowedEndAt: shown(earliestEnd),
    },
  };
}
