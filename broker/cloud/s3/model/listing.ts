// Pages of a listing: names in the order of their bytes, those with the same beginning up to a delimiter as one (Amazon S3 User
// Guide, "Organizing objects using prefixes"). What is skipped is not read.

import type { Store } from '../../../core/store.ts';

export interface Asked {
  readonly prefix: string;
  readonly delimiter: string;
  /** What comes after it, and after all that it stands for if it is a common prefix. */
  readonly after: string;
  readonly most: number;
}

export interface Page<T> {
  readonly items: readonly (T & { readonly key: string })[];
  readonly prefixes: readonly string[];
  /** The last name of the page, if there are more. */
  readonly next: string | undefined;
}

/** The longest name, in the highest characters: whatever begins with something comes before that with this behind it. */
const beyond = '\u{10FFFF}'.repeat(256);
const pageRecords = 1000;

/** `nameOf`: of a record's key, the name that is listed. */
export async function list<T>(
  store: Store,
  type: string,
  { prefix, delimiter, after, most }: Asked,
  read: (key: string, value: Buffer) => T & { readonly key: string },
): Promise<Page<T>> {
  const items: (T & { readonly key: string })[] = [];
  const prefixes: string[] = [];
  let next: string | undefined;
  let from = firstAfter(prefix, delimiter, after);
  const isFull = (): boolean => items.length + prefixes.length >= most;
  for (;;) {
    // One more than is wanted tells whether there are more.
    const limit = Math.min(pageRecords, most - items.length - prefixes.length + 1);
    const records = await store.readRecordPage(type, from, limit);
    let seek: string | undefined;
    for (const { key, value } of records) {
      const item = read(key, value);
      if (!item.key.startsWith(prefix)) return { items, prefixes, next: undefined };
      if (isFull()) return { items, prefixes, next };
      const common = commonPrefix(item.key, prefix, delimiter);
      next = common ?? item.key;
      if (common === undefined) items.push(item);
      else {
        prefixes.push(common);
        seek = common + beyond;
        break;
      }
      from = `${key}\0`;
    }
    if (seek !== undefined) from = seek;
    else if (records.length < limit) return { items, prefixes, next: undefined };
  }
}

function firstAfter(prefix: string, delimiter: string, after: string): string {
  if (after === '' || isBefore(after, prefix)) return prefix;
  const isCommon = commonPrefix(after, prefix, delimiter) === after;
  return isCommon ? after + beyond : `${after}\0`;
}

/** What a name is listed as, together with all that begin alike. */
export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
