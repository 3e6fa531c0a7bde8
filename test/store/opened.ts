// A store of each kind, for suites that hold for all of them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../broker/core/store.ts';
import type { Journal } from '../../broker/store/database.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { openSharedStore } from '../../broker/store/sqlite-store.ts';

export interface Opened extends AsyncDisposable {
  readonly store: Store;
  /** Closes it and opens what it kept; what is in memory is kept by itself. */
  reopen(): Promise<Store>;
}

export async function memory(): Promise<Opened> {
  const store = new MemoryStore();
  return { store, reopen: async () => store, [Symbol.asyncDispose]: () => store.close() };
}

export async function sqlite(journal: Journal): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-store-'));
  let shared = openSharedStore({ directory, journal, maxBytes: undefined });
  const activate = async (): Promise<Store> => {
    await shared.tryLock();
    return shared.activate({ pid: process.pid, host: 'test', since: 0 });
  };
  return {
    store: await activate(),
    reopen: async () => {
      await shared.close();
      shared = openSharedStore({ directory, journal, maxBytes: undefined });
      return activate();
    },
    [Symbol.asyncDispose]: async () => {
      await shared.close();
      await rm(directory, { recursive: true });
    },
  };
}
