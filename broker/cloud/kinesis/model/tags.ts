// Tags of streams and consumers: which characters they may have, how many there may be, and in what order they are shown.

import type { Value } from '../../shape.ts';
import { invalidArgument } from './errors.ts';
import { limits } from './limits.ts';
import type { Tags } from './settings.ts';
import type { tagList } from './shapes.ts';

const foreign = /[^\u00C0-\u1FFF\u2C00-\uD7FF\w./\-=+_ @%:]/;

/** `owner`: as AWS names it, `stream X under account Y`. @throws AwsError InvalidArgumentException. */
export function withTags(tags: Tags, added: ReadonlyMap<string, string>, owner: string): Tags {
  check([...added].flat(), `add tags to ${owner}`);
  const all = new Map([...tags, ...added]);
  if (all.size > limits.tags) {
    throw invalidArgument(
      `Failed to add tags to ${owner} because a given stream cannot have more than 10 tags associated with it.`,
    );
  }
  return sorted(all);
}

export function withoutTags(tags: Tags, removed: readonly string[], owner: string): Tags {
  check(removed, `remove tags from ${owner}`);
  return tags.filter(([key]) => !removed.includes(key));
}

export function showTags(tags: Tags): Value<typeof tagList> {
  return tags.map(([Key, Value]) => ({ Key, Value }));
}

function check(texts: readonly string[], doing: string): void {
  if (texts.some((text) => foreign.test(text))) {
    throw invalidArgument(
      'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.',
    );
  }
  if (texts.some((text) => text.includes('%'))) {
    throw invalidArgument(
      `Failed to ${doing} because some tags contained illegal characters. The allowed characters are ` +
        "Unicode letters, white-spaces, '_',',','/','=','+','-','@'.",
    );
  }
}

function sorted(tags: ReadonlyMap<string, string>): Tags {
  return [...tags].sort(([a], [b]) => (a < b ? -1 : 1));
}
