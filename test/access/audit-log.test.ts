// The audit log: lines of JSON, bounded on disk, never with more than it should.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AuditLog } from '../../broker/access/audit-log.ts';
import type { Log } from '../../broker/util/log.ts';
import { silent } from '../../broker/util/log.ts';
import { temporaryDirectory } from '../support/engine-process.ts';
import { ManualClock } from '../support/manual-clock.ts';

async function audit(path: string, maxBytes = 1_000_000, keep = 2, log: Log = silent) {
  const file = join(path, 'audit.jsonl');
  const written = new AuditLog({ file, maxBytes, keep, clock: new ManualClock(), log });
  await written.start();
  return { file, written };
}

async function linesOf(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('has a line for each entry, with its time, readable by its owner alone', async () => {
  await using directory = await temporaryDirectory();
  const { file, written } = await audit(directory.path);
  written.write({ event: 'connected', user: 'ann\n"' });
  written.write({ event: 'refused', user: 'x'.repeat(10_000) });
  await written.close();
  const [first, second] = await linesOf(file);
  expect(first).toEqual({ at: '2023-11-14T22:13:20.000Z', event: 'connected', user: 'ann\n"' });
  expect(second?.['user']).toHaveLength(501);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('goes on where it was after a restart, and keeps so many files of a size', async () => {
  await using directory = await temporaryDirectory();
  for (let run = 0; run < 5; run++) {
    const { written } = await audit(directory.path, 1000);
    for (let i = 0; i < 8; i++) written.write({ event: 'refused', run, i });
    await written.close();
  }
  const names = (await readdir(directory.path)).sort();
  expect(names).toEqual(['audit.jsonl', 'audit.jsonl.1', 'audit.jsonl.2']);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory.path, name))).size));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
  expect((await linesOf(join(directory.path, 'audit.jsonl'))).at(-1)).toMatchObject({ run: 4, i: 7 });
});

it('says how many lines were lost when more came than could be written', async () => {
  await using directory = await temporaryDirectory();
  const { file, written } = await audit(directory.path, 100_000_000);
  const reason = 'x'.repeat(490);
  for (let i = 0; i < 20_000; i++) written.write({ event: 'refused', reason });
  await written.close();
  const lines = await linesOf(file);
  const lost = lines.find(({ event }) => event === 'dropped');
  expect(lines.length - 1 + Number(lost?.['lines'])).toBe(20_000);
});

it('is refused a file that cannot be written', async () => {
  await expect(audit('/nowhere')).rejects.toThrow('open audit.file "/nowhere/audit.jsonl": ENOENT');
});
