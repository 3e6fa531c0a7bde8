// Which bytes of an object are asked for (RFC 9110, section 14; of several ranges S3 gives none, but the whole).

import { refusal } from './errors.ts';

export interface Span {
  readonly start: number;
  readonly length: number;
}

/** Undefined: all of it. @throws AwsError InvalidRange. */
export function spanOf(range: string | undefined, size: number): Span | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '') ?? [];
  if (range === undefined || (from === '' && to === '')) return undefined;
  if (from === '') {
    const length = Math.min(Number(to), size);
    if (length === 0) throw invalidRange(range, size);
    return { start: size - length, length };
  }
  const start = Number(from);
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  // A range that ends before it begins is none.
  if (to !== '' && Number(to) < start) return undefined;
  if (start >= size) throw invalidRange(range, size);
  return { start, length: end - start + 1 };
}

function invalidRange(range: string, size: number): Error {
  return refusal('InvalidRange', { RangeRequested: range, ActualObjectSize: String(size) });
}
