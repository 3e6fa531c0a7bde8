// The tags of topics.

import { invalidParameter, refusal } from './errors.ts';
import { limits } from './limits.ts';
import type { TagList } from './shapes.ts';

export type Tags = Readonly<Record<string, string>>;

/** @throws AwsError InvalidParameter for a key that stands twice. */
export function readTags(given: TagList): ReadonlyMap<string, string> {
  const tags = new Map(given.map(({ Key, Value }) => [Key, Value]));
  if (tags.size < given.length) throw invalidParameter('Duplicated keys are not allowed.');
  return tags;
}

/** @throws AwsError TagLimitExceeded. */
export function withTags(tags: Tags, added: ReadonlyMap<string, string>): Tags {
  const result = new Map([...Object.entries(tags), ...added]);
  if (result.size > limits.tags) {
    throw refusal('TagLimitExceeded', 'Could not complete request: tag quota of per resource exceeded');
  }
  return Object.fromEntries(result);
}

export function withoutTags(tags: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}
