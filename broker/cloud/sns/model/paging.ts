// Pages of what is listed by ARN, a hundred at a time: the token is the last ARN of the page before.

import { invalidParameter } from './errors.ts';
import { limits } from './limits.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/** @param items sorted by what `keyOf` gives. @throws AwsError InvalidParameter for a token that none of ours is. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  token: string | undefined,
  size: number = limits.pageSize,
): Page<T> {
  const after = token === undefined ? '' : decodeToken(token);
  const rest = after === '' ? items : items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const more = rest.length > page.length && last !== undefined;
  return { items: page, nextToken: more ? Buffer.from(keyOf(last)).toString('base64') : undefined };
}

function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64').toString();
  if (Buffer.from(key).toString('base64') !== token) throw invalidParameter('NextToken');
  return key;
}
