// Do locks of the data directory's file system hold between two processes? A pair of engines rests on it. Takes as long
// as a process takes to start.

import Database from 'better-sqlite3';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BrokerError } from '../core/errors.ts';

const timeoutMs = 10_000;

/** Whether this program can be started again as plain Node: not from within a packaged desktop app. */
export const canTestLocks = process.versions['electron'] === undefined;

/** @throws BrokerError `store-failed` when a second process gets a lock that the first one holds. */
export async function testLocks(directory: string): Promise<void> {
  // A file of its own for each process: two engines may be at their test at once.
  const file = join(directory, `lock-test-${process.pid}.db`);
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    if (await otherProcessIsRefused(file)) return;
    throw new BrokerError(
      'store-failed',
      `data directory "${directory}": its file system does not hold locks between processes; two engines must not share it`,
    );
  } finally {
    database.close();
    rmSync(file, { force: true });
  }
}

function otherProcessIsRefused(file: string): Promise<boolean> {
  const probe = fileURLToPath(new URL('./lock-probe.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [probe, file], { timeout: timeoutMs }, (error) => {
      if (error === null) resolve(true);
      else if (error.code === 1) resolve(false);
      else reject(new BrokerError('store-failed', 'test the locks of the data directory', { cause: error }));
    });
  });
}
