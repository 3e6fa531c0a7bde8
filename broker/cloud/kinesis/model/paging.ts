// NextTokens of lists: what the list is of, and what was shown last, for five minutes.

import type { Clock } from '../../../util/clock.ts';
import { expiredToken, invalidArgument } from './errors.ts';
import { limits } from './limits.ts';
import { open, seal } from './tokens.ts';

export interface ListPlace {
  /** Which list it is a place in. */
  readonly list: string;
  readonly after: string;
  /** What else the list was asked for with, as JSON. */
  readonly filter: string;
}

export function formatNextToken(place: ListPlace, clock: Clock): string {
  return seal({ t: clock.now(), l: place.list, a: place.after, f: place.filter });
}

/** @throws AwsError InvalidArgumentException, ExpiredNextTokenException. */
export function parseNextToken(token: string, list: string, clock: Clock): ListPlace {
  const { t, l, a, f } = open(token) ?? {};
  if (
    typeof t !== 'number' ||
    typeof a !== 'string' ||
    typeof f !== 'string' ||
    typeof l !== 'string' ||
    !l.startsWith(list)
  ) {
    throw invalidArgument('NextToken is invalid.');
  }
  const now = clock.now();
  if (now - t > limits.nextTokenMs) throw expiredToken(t, now, limits.nextTokenMs);
  return { list: l, after: a, filter: f };
}
