import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { testLocks } from '../../broker/store/lock-test.ts';
import { temporaryDirectory } from '../support/engine-process.ts';

it('finds that locks hold on this file system, and leaves nothing behind', async () => {
  await using directory = await temporaryDirectory();
  await testLocks(directory.path);
  expect(await readdir(directory.path)).toEqual([]);
});

it('has a probe that tells when a lock does not hold', async () => {
  await using directory = await temporaryDirectory();
  const probe = fileURLToPath(new URL('../../broker/store/lock-probe.ts', import.meta.url));
  const { promise, resolve } = Promise.withResolvers<unknown>();
  execFile(process.execPath, [probe, join(directory.path, 'free.db')], (error) => resolve(error?.code));
  expect(await promise).toBe(1);
});
