// Where the console of the engine that runs is, with its token: a file of the data directory, which only its owner reads. By
// it, commands for a running engine find it.

import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

function fileIn(dataDirectory: string): string {
  return join(dataDirectory, 'console.url');
}

export async function leaveConsoleUrl(dataDirectory: string, url: string): Promise<void> {
  const file = fileIn(dataDirectory);
  // Made anew: a mode is given to new files only.
  await rm(file, { force: true });
  await writeFile(file, `${url}\n`, { mode: 0o600 });
}

/** An engine that is killed leaves it behind. */
export function removeConsoleUrl(dataDirectory: string): Promise<void> {
  return rm(fileIn(dataDirectory), { force: true });
}

/** Undefined: no engine has left one. */
export function readConsoleUrl(dataDirectory: string): string | undefined {
  try {
    return readFileSync(fileIn(dataDirectory), 'utf8').trim();
  } catch {
    return undefined;
  }
}
