// How many shards, and streams on demand, an account may have in a region.

import type { Location } from './arn.ts';
import { limitExceeded } from './errors.ts';
import { limits, shardLimit } from './limits.ts';
import type { StreamDirectory } from './stream-directory.ts';

/** Shards of provisioned streams, which alone are counted. */
export function openShards(streams: StreamDirectory, location: Location): number {
  let count = 0;
  for (const { settings, core } of streams.list(location)) {
    if (settings.mode === 'PROVISIONED') count += core.openShards.length;
  }
  return count;
}

/** @throws AwsError LimitExceededException where `more` shards are too many. */
export function requireShards(streams: StreamDirectory, location: Location, more: number): void {
  const open = openShards(streams, location);
  const limit = shardLimit(location.region);
  if (open + more <= limit) return;
  throw limitExceeded(
    `This request would exceed the shard limit for the account ${location.account} in ${location.region}. ` +
      `Current shard count for the account: ${open}. Limit: ${limit}. Number of additional shards that would have ` +
      `resulted from this request: ${more}. Refer to the AWS Service Limits page ` +
      '(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request ' +
      'higher limits.',
  );
}

/** @throws AwsError LimitExceededException for more than any stream on demand takes: each MiB a second is a shard. */
export function requireWarmth(target: number): void {
  if (target <= limits.warmMiBps) return;
  throw limitExceeded(`WarmThroughputMiBps can not be more than ${limits.warmMiBps}. Requested: ${target}.`);
}

/** @throws AwsError LimitExceededException where the account has as many streams on demand as it may have. */
export function requireOneMoreOnDemand(streams: StreamDirectory, location: Location): void {
  const onDemand = streams.list(location).filter(({ settings }) => settings.mode === 'ON_DEMAND');
  if (onDemand.length < limits.onDemandStreams) return;
  throw limitExceeded(
    `This request would exceed the on-demand stream limit for the account ${location.account}. ` +
      `Limit: ${limits.onDemandStreams}.`,
  );
}
