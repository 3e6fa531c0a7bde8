// Vitest's global set-up: gathers which Debian packages tests were skipped for, and says so in one line at the end.
// With CI=true nothing may be skipped for that reason: debian() throws instead (debian.ts).
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory: each file in it is named for a package that was missed. */
    missingPackages: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-missing-'));
  project.provide('missingPackages', directory);
  return async () => {
    const missing = await readdir(directory);
    await rm(directory, { recursive: true, force: true });
    if (missing.length === 0) return;
    process.stderr.write(`\nSkipped for want of Debian packages: apt-get install ${missing.sort().join(' ')}\n`);
  };
}
