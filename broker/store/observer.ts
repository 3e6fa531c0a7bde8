// What a standby sees of the active engine: the engine's row, or, while a transaction keeps readers out, the count of changes
// in the file's header, which needs no lock. With the rollback journal an engine that is stopped in the middle of a commit
// keeps everyone out for as long as it is stopped.

import type Database from 'better-sqlite3';
import { closeSync, openSync, readSync } from 'node:fs';
import type { Holder, Pulse } from '../core/store.ts';
import { databaseFile, isBusy, openForReading } from './database.ts';

interface EngineRow {
  readonly epoch: number;
  readonly beat: number;
  readonly holder: string | null;
}

/** The file change counter: SQLite's file format, 1.3.7. */
const changeCounter = { offset: 24, bytes: 4 } as const;

export class Observer {
  readonly #directory: string;
  #database: Database.Database | undefined;
  /** As it was read last. */
  #holder: Holder | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Undefined: the store was never written. */
  observe(): Pulse | undefined {
    try {
      const row = this.#readRow();
      if (row === undefined) return undefined;
      this.#holder = row.holder === null ? undefined : parseHolder(row.holder);
      return { sign: `${row.epoch}/${row.beat}`, holder: this.#holder };
    } catch (error) {
      if (!isBusy(error)) throw error;
      // First: a POSIX lock of this process on the file ends when it closes the file anywhere.
      this.close();
      return { sign: `change ${readChanges(this.#directory)}`, holder: this.#holder };
    }
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #readRow(): EngineRow | undefined {
    this.#database ??= openForReading(this.#directory);
    if (this.#database === undefined) return undefined;
    const tables = this.#database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'engine'").pluck().get();
    if (tables === 0) return undefined;
    return this.#database.prepare<[], EngineRow>('SELECT epoch, beat, holder FROM engine').get();
  }
}

/** Opened anew each time: on a network file system, that is when what another machine wrote is seen. */
function readChanges(directory: string): number {
  const file = openSync(databaseFile(directory), 'r');
  try {
    const counter = Buffer.alloc(changeCounter.bytes);
    readSync(file, counter, 0, changeCounter.bytes, changeCounter.offset);
    return counter.readUInt32BE();
  } finally {
    closeSync(file);
  }
}

function parseHolder(text: string): Holder {
  const value: unknown = JSON.parse(text);
  const fields = typeof value === 'object' && value !== null ? value : {};
  const pid = 'pid' in fields && typeof fields.pid === 'number' ? fields.pid : 0;
  const host = 'host' in fields && typeof fields.host === 'string' ? fields.host : 'unknown';
  const since = 'since' in fields && typeof fields.since === 'number' ? fields.since : 0;
  const processStart =
    'processStart' in fields && typeof fields.processStart === 'string' ? fields.processStart : undefined;
  return { pid, host, since, processStart };
}
