// The tags of a queue (Developer Guide, "Amazon SQS cost allocation tags"): which keys and values there may be.

import { invalidParameterValue } from '../../errors.ts';
import type { AwsError } from '../../errors.ts';
import { limits } from './limits.ts';

const { tagKeyLength, tagValueLength } = limits;

/** @throws AwsError for the first that may not be. */
export function checkTags(tags: ReadonlyMap<string, string>): void {
  for (const [key, value] of tags) {
    if (key === '' || key.length > tagKeyLength) throw invalidTagKey();
    if (value.length > tagValueLength) {
      throw invalidParameterValue(`Tag values must be between 0 and ${tagValueLength} characters in length.`);
    }
  }
}

export function invalidTagKey(): AwsError {
  return invalidParameterValue(`Tag keys must be between 1 and ${tagKeyLength} characters in length.`);
}
