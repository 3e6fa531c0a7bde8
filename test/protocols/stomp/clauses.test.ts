// The table of clauses is about tests that are there.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clauses } from './clauses.ts';

function source(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

it('names for each statement a test that exists, or a reason', () => {
  const missing = clauses.filter((each) => 'by' in each && !source(each.by[0]).includes(each.by[1]));
  expect(missing).toEqual([]);
  for (const each of clauses) if ('reason' in each) expect(each.reason).toMatch(/.{10}/);
});

it('has each statement once', () => {
  const keys = clauses.flatMap(({ versions, section, says }) =>
    versions.map((version) => `${version} ${section} ${says}`),
  );
  expect(keys.length).toBe(new Set(keys).size);
});
