// The table of clauses.ts: complete, and of tests that are there.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mqtt311, mqtt5 } from './clauses.ts';
import type { Clauses } from './clauses.ts';

/** How many statements each section has, as in appendix B. */
const counts5: Readonly<Record<string, number>> = {
  '1.5.4': 3,
  '1.5.5': 1,
  '1.5.7': 1,
  '2.1.3': 1,
  '2.2.1': 5,
  '2.2.2': 1,
  '3.1.0': 2,
  '3.1.2': 30,
  '3.1.3': 12,
  '3.1.4': 6,
  '3.2.0': 2,
  '3.2.2': 22,
  '3.3.1': 13,
  '3.3.2': 20,
  '3.3.4': 10,
  '3.4.2': 3,
  '3.5.2': 3,
  '3.6.1': 1,
  '3.6.2': 3,
  '3.7.2': 3,
  '3.8.1': 1,
  '3.8.3': 5,
  '3.8.4': 8,
  '3.9.2': 2,
  '3.9.3': 2,
  '3.10.1': 1,
  '3.10.3': 2,
  '3.10.4': 6,
  '3.11.2': 2,
  '3.11.3': 2,
  '3.12.4': 1,
  '3.14.0': 1,
  '3.14.1': 1,
  '3.14.2': 4,
  '3.14.4': 3,
  '3.15.1': 1,
  '3.15.2': 3,
  '4.1.0': 2,
  '4.2.0': 1,
  '4.3.1': 1,
  '4.3.2': 5,
  '4.3.3': 13,
  '4.4.0': 2,
  '4.5.0': 2,
  '4.6.0': 6,
  '4.7.0': 1,
  '4.7.1': 2,
  '4.7.2': 1,
  '4.7.3': 4,
  '4.8.2': 6,
  '4.9.0': 3,
  '4.12.0': 7,
  '4.12.1': 2,
  '4.13.1': 1,
  '4.13.2': 1,
  '6.0.0': 4,
};

const counts311: Readonly<Record<string, number>> = {
  '1.5.3': 3,
  '2.2.2': 2,
  '2.3.1': 7,
  '3.1.0': 2,
  '3.1.2': 24,
  '3.1.3': 11,
  '3.1.4': 5,
  '3.2.0': 1,
  '3.2.2': 6,
  '3.3.1': 12,
  '3.3.2': 3,
  '3.3.4': 1,
  '3.3.5': 2,
  '3.6.1': 1,
  '3.8.1': 1,
  '3.8.3': 3,
  '3-8.3': 1,
  '3.8.4': 6,
  '3.9.3': 2,
  '3.10.1': 1,
  '3.10.3': 2,
  '3.10.4': 6,
  '3.12.4': 1,
  '3.14.1': 1,
  '3.14.4': 3,
  '4.1.0': 2,
  '4.3.1': 1,
  '4.3.2': 2,
  '4.3.3': 2,
  '4.4.0': 1,
  '4.5.0': 2,
  '4.6.0': 6,
  '4.7.1': 3,
  '4.7.2': 1,
  '4.7.3': 4,
  '4.8.0': 2,
  '6.0.0': 4,
  '7.0.0': 2,
};

function countsOf(clauses: Clauses): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of Object.keys(clauses)) {
    const section = id.slice(0, id.lastIndexOf('-'));
    counts[section] = (counts[section] ?? 0) + 1;
  }
  return counts;
}

const files = new Map<string, string>();

function read(file: string): string {
  const known = files.get(file) ?? readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  files.set(file, known);
  return known;
}

describe.each([
  ['MQTT 5.0', mqtt5, counts5],
  ['MQTT 3.1.1', mqtt311, counts311],
])('%s', (_, clauses, counts) => {
  it('has a line for every statement', () => {
    expect(countsOf(clauses)).toEqual(counts);
  });

  it('names tests that are there', () => {
    const missing = Object.entries(clauses).filter(([, held]) => {
      if ('reason' in held) return held.reason === '';
      const [file, title] = held;
      // As it stands in a table of bytes, or in a test.
      return !read(file).includes(title) && !read(file).includes(JSON.stringify(title).slice(1, -1));
    });
    expect(missing).toEqual([]);
  });
});
