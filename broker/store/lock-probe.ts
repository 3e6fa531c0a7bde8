// The other process of the lock test: tries to take the lock of the file it is given. Exit status 0: it was refused, as
// it should be; 1: it got the lock.

import Database from 'better-sqlite3';
import { isBusy } from './database.ts';

const [, , file = ''] = process.argv;
const database = new Database(file, { timeout: 0 });
let refused = false;
try {
  database.exec('BEGIN EXCLUSIVE');
} catch (error) {
  if (!isBusy(error)) throw error;
  refused = true;
}
database.close();
process.exitCode = refused ? 0 : 1;
