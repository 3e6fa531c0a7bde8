// The shortest time that records are kept.

import { invalidArgument } from './errors.ts';
import { limits } from './limits.ts';

/** @throws AwsError InvalidArgumentException. */
export function requireLongEnough(hours: number): void {
  if (hours >= limits.minRetentionHours) return;
  throw invalidArgument(
    `Minimum allowed retention period is ${limits.minRetentionHours} hours. Requested retention period (${hours} hours) is ` +
      'too short.',
  );
}
