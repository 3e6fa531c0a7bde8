// Opening the database file: what it must be, the settings that durability and the fence rest on, and errors in words
// that a person can act on.

import Database from 'better-sqlite3';
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { BrokerError } from '../core/errors.ts';
import { migrations } from './migrations/index.ts';

/** WAL on local disks; the rollback journal on network ones, where WAL's shared memory does not work. */
export type Journal = 'wal' | 'rollback';

/** "Csw1": marks the file as Causeway's. */
const applicationId = 0x43737731;

const pageCacheKiB = 16_384;
/** What the journal keeps of its size after a checkpoint or commit. */
const journalBytes = 64 * 1024 * 1024;

/** How long one statement waits for another process: a standby reading the epoch, never more than a moment. */
const busyTimeoutMs = 2000;
/** The same of a standby: what it does not see in this time, it sees by other means. */
const observerTimeoutMs = 200;

const reservedShare = 0.05;
/** Twice what the write-ahead log grows to before its checkpoint. */
const leastReservedBytes = 8 * 1024 * 1024;
const mostReservedBytes = 64 * 1024 * 1024;

/** Types of statfs(2) for file systems of other machines: NFS, SMB, SMB2, CIFS, Ceph, AFS, 9P, FUSE, GFS2, OCFS2, Lustre. */
const networkFileSystems = new Set([
  0x6969, 0x517b, 0xfe534d42, 0xff534d42, 0x00c36400, 0x5346414f, 0x01021997, 0x65735546, 0x01161970, 0x7461636f,
  0x0bd00bd0,
]);

export function databaseFile(directory: string): string {
  return join(directory, 'causeway.db');
}

export function lockFile(directory: string): string {
  return join(directory, 'causeway.lock');
}

/** Makes the directory if need be. @throws BrokerError `store-failed` if it cannot be used. */
export function prepareDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new BrokerError('store-failed', `data directory "${directory}" cannot be written: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Whether the disk has more than what is kept free for settlements: removing rows takes room in the journal first, and a
 * disk that is full to the last byte could never be emptied.
 */
export function hasRoom(directory: string): boolean {
  const { bavail, blocks, bsize } = statfsSync(directory);
  const reserve = Math.min(mostReservedBytes, Math.max(leastReservedBytes, blocks * bsize * reservedShare));
  return bavail * bsize > reserve;
}

export function isOnNetwork(directory: string): boolean {
  return process.platform === 'win32'
    ? directory.startsWith('\\\\')
    : networkFileSystems.has(statfsSync(directory).type);
}

/**
 * Opens the database for writing, making or migrating it.
 * @throws BrokerError `store-failed`: it is not Causeway's, is newer, damaged, or cannot be written.
 */
export function openDatabase(directory: string, journal: Journal, maxBytes: number | undefined): Database.Database {
  const file = databaseFile(directory);
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: busyTimeoutMs });
    checkOwner(database, file);
    // NORMAL, always: in EXCLUSIVE mode SQLite trusts its cache, and would not see that another engine raised the epoch.
    database.pragma('locking_mode = NORMAL');
    database.pragma(journal === 'wal' ? 'journal_mode = WAL' : 'journal_mode = PERSIST');
    database.pragma('synchronous = FULL');
    database.pragma(`cache_size = -${pageCacheKiB}`);
    database.pragma(`journal_size_limit = ${journalBytes}`);
    database.pragma('temp_store = FILE');
    if (maxBytes !== undefined) {
      const pageSize = Number(database.pragma('page_size', { simple: true }));
      database.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
    }
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error, `open store "${file}"`);
  }
}

/** Opens an existing database to look at the engine's row; undefined while there is none yet. */
export function openForReading(directory: string): Database.Database | undefined {
  const file = databaseFile(directory);
  if (!existsSync(file)) return undefined;
  // Not readonly: in WAL mode even a reader has to be able to make the shared-memory file.
  return new Database(file, { timeout: observerTimeoutMs, fileMustExist: true });
}

/** A SQLite failure as a refusal. */
export function storeError(error: unknown, doing: string): BrokerError {
  if (error instanceof BrokerError) return error;
  const code = sqliteCode(error);
  if (code === 'SQLITE_FULL') {
    return new BrokerError('store-full', `${doing}: the disk or the store's limit is full`, { cause: error });
  }
  const reason = code === undefined ? reasonOf(error) : `${reasonOf(error)} (${code})`;
  return new BrokerError('store-failed', `${doing}: ${reason}`, { cause: error });
}

/** I/O errors on a shared store mean that it is no longer ours to write. */
export function isIoError(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_IOERR') === true;
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') === true;
}

function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkOwner(database: Database.Database, file: string): void {
  const owner = Number(database.pragma('application_id', { simple: true }));
  if (owner === applicationId) return;
  const tables = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (owner !== 0 || tables > 0) {
    throw new BrokerError('store-failed', `open store "${file}": it is another application's database`);
  }
}

function migrate(database: Database.Database, file: string): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new BrokerError(
      'store-failed',
      `open store "${file}": it was written by a newer Causeway (schema ${version}, this one knows ${migrations.length})`,
    );
  }
  if (version === migrations.length) return;
  const apply = database.transaction(() => {
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.pragma(`application_id = ${applicationId}`);
    database.pragma(`user_version = ${migrations.length}`);
  });
  apply.immediate();
}
