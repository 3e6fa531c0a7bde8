// What a standby sees of an active engine that is in the middle of a commit, and keeps readers out.

import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { SharedStore, Store } from '../../broker/core/store.ts';
import { databaseFile } from '../../broker/store/database.ts';
import { openSharedStore } from '../../broker/store/sqlite-store.ts';
import { temporaryDirectory } from '../support/engine-process.ts';

const holder = { pid: 1, host: 'far', since: 2, processStart: '3' };

it('tells a commit that goes on from one that stands still, and who holds the store', async () => {
  await using directory = await temporaryDirectory();
  const open = (): SharedStore =>
    openSharedStore({ directory: directory.path, journal: 'rollback', maxBytes: undefined });
  const active = open();
  const store: Store = await active.activate(holder);
  const standby = open();
  const raw = new Database(databaseFile(directory.path));
  const locked = async () => {
    raw.exec('BEGIN EXCLUSIVE');
    try {
      return await standby.observe();
    } finally {
      raw.exec('ROLLBACK');
    }
  };
  try {
    const unknown = await locked();
    expect(unknown).toEqual({ sign: expect.stringMatching(/^change \d+$/), holder: undefined });
    const seen = await standby.observe();
    expect(seen?.holder).toEqual(holder);
    expect(await standby.observe()).toEqual(seen);
    const still = await locked();
    expect(still).toEqual({ ...unknown, holder });
    expect(await locked()).toEqual(still);
    await store.write([]);
    const moved = await locked();
    expect(moved?.holder).toEqual(holder);
    expect(moved?.sign).not.toBe(still?.sign);
    expect((await standby.observe())?.sign).not.toBe(seen?.sign);
  } finally {
    raw.close();
    await standby.close();
    await active.close();
  }
});
