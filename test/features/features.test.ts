// That docs/features.md says what the data of this folder says (`npx vitest run test/features -u` writes it), and that
// what Causeway is said to have, or not to have, is held by tests that are there.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';
import { inConfiguration, overAmqp, overStomp } from '../interop/absences.ts';
import { plainly } from '../interop/differences.ts';
import { filled } from '../interop/markdown.ts';
import { features, placeOf, tables } from './document.ts';
import { isThere } from './row.ts';
import type { Feature, TestName } from './row.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const document = `${project}docs/features.md`;

const rows: readonly Feature[] = Object.values(features).flat();

/** The first arguments of `it(…)`, `test(…)` and `it.each(…)(…)`, as they are written. */
function titles(file: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node) visit(each);
    else if (isNode(node)) {
      if (node['type'] === 'CallExpression' && isTestFunction(node['callee'])) {
        const [title] = Array.isArray(node['arguments']) ? (node['arguments'] as unknown[]) : [];
        if (isNode(title) && typeof title['value'] === 'string') found.add(title['value']);
      }
      for (const each of Object.values(node)) visit(each);
    }
  };
  visit(parseSync(file, readFileSync(`${project}${file}`, 'utf8')).program);
  return found;
}

/** `it`, `test`, or what their members give when they are called: `it.each(…)`, `` it.each`…` ``, `it.skipIf(…)`. */
function isTestFunction(node: unknown): boolean {
  if (!isNode(node)) return false;
  if (node['type'] === 'Identifier') return node['name'] === 'it' || node['name'] === 'test';
  const made = node['type'] === 'CallExpression' ? node['callee'] : node['tag'];
  return isNode(made) && made['type'] === 'MemberExpression' && isTestFunction(made['object']);
}

function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

const titlesOf = new Map<string, ReadonlySet<string>>();

function isMissing(name: TestName): boolean {
  const { file, title } = placeOf(name);
  if (!existsSync(`${project}${file}`)) return true;
  let known = titlesOf.get(file);
  if (known === undefined) titlesOf.set(file, (known = titles(file)));
  return !known.has(title);
}

describe('the features', () => {
  it('are there as tests say that have these titles', () => {
    const named = rows.flatMap(({ causeway }) => (isThere(causeway) ? causeway.tests : []));
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(isMissing)).toEqual([]);
  });

  it('are not there as tests say, or as docs/compatibility.md does', () => {
    const whats = new Set([...overAmqp, ...overStomp, ...inConfiguration].map(({ what }) => what));
    const unheld = rows.filter(({ causeway }) => {
      if (isThere(causeway)) return false;
      const { by } = causeway;
      if ('tests' in by) return by.tests.some(isMissing);
      return 'absence' in by ? !whats.has(by.absence) : plainly[by.plainly] === undefined;
    });
    expect(unheld).toEqual([]);
  });

  it('are in a table once, each with something to say of every broker', () => {
    for (const table of Object.values(features)) {
      const names = table.map(({ what }) => what);
      expect(new Set(names).size).toBe(names.length);
      for (const { activemq, rabbitmq, mosquitto } of table) expect([activemq, rabbitmq, mosquitto]).not.toContain('');
    }
  });
});

it('tests are found by their titles, and are not where there are none', () => {
  expect(isMissing('features/features: tests are found by their titles, and are not where there are none')).toBe(false);
  expect(isMissing('interop/differences: %s: %s')).toBe(false);
  expect(isMissing('features/features: tests are found')).toBe(true);
  expect(isMissing('features/nothing: tests are found by their titles, and are not where there are none')).toBe(true);
});

it('the document has the tables that are tested', async () => {
  await expect(filled(readFileSync(document, 'utf8'), tables)).toMatchFileSnapshot(document);
});
