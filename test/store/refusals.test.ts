// What the store says when it cannot be had, or cannot write.

import Database from 'better-sqlite3';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SharedStore } from '../../broker/core/store.ts';
import { migrations } from '../../broker/store/migrations/index.ts';
import { openSharedStore } from '../../broker/store/sqlite-store.ts';
import { temporaryDirectory } from '../support/engine-process.ts';
import { message } from '../support/messages.ts';
import { smallDisk } from '../support/small-disk.ts';

const holder = { pid: process.pid, host: 'test', since: 0 };

function open(directory: string, maxBytes?: number): SharedStore & AsyncDisposable {
  const shared = openSharedStore({ directory, journal: 'wal', maxBytes });
  return Object.assign(shared, { [Symbol.asyncDispose]: () => shared.close() });
}

describe('a store that cannot be opened', () => {
  it('refuses a database of another application', async () => {
    await using directory = await temporaryDirectory();
    const foreign = new Database(join(directory.path, 'causeway.db'));
    foreign.exec('CREATE TABLE theirs (x)');
    foreign.close();
    await using shared = open(directory.path);
    await expect(shared.activate(holder)).rejects.toThrow(/causeway\.db": it is another application's database/);
    const after = new Database(join(directory.path, 'causeway.db'), { readonly: true });
    expect(after.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['theirs']);
    after.close();
  });

  it('refuses a database that a newer version wrote', async () => {
    await using directory = await temporaryDirectory();
    {
      await using first = open(directory.path);
      await first.activate(holder);
    }
    const database = new Database(join(directory.path, 'causeway.db'));
    database.pragma(`user_version = ${migrations.length + 1}`);
    database.close();
    await using shared = open(directory.path);
    await expect(shared.activate(holder)).rejects.toThrow(
      /written by a newer Causeway \(schema \d+, this one knows \d+\)/,
    );
  });

  it('refuses a file that is no database', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'causeway.db'), 'not a database, but long enough to be looked at'.repeat(50));
    await using shared = open(directory.path);
    await expect(shared.activate(holder)).rejects.toThrow(/open store ".*causeway\.db": file is not a database/);
  });

  it('refuses a data directory that is a file', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'file');
    await writeFile(path, '');
    await using shared = open(path);
    await expect(shared.tryLock()).rejects.toThrow(/data directory ".*file" cannot be written/);
  });

  // To root, nothing is read-only.
  it.skipIf(process.getuid?.() === 0)('refuses a read-only data directory', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'readonly');
    await mkdir(path);
    await chmod(path, 0o500);
    await using shared = open(path);
    await expect(shared.tryLock()).rejects.toThrow(/cannot be written: EACCES/);
  });
});

describe('a store that is full', () => {
  it('refuses the put, keeps what it has, and takes more once there is room', async () => {
    await using directory = await temporaryDirectory();
    await using shared = open(directory.path, 512 * 1024);
    const store = await shared.activate(holder);
    const queueId = store.nextId();
    await store.write([
      { kind: 'queue', queue: { id: queueId, namespace: 'mq', name: 'q', createdAt: 0, attributes: {} } },
    ]);
    const put = (): Promise<void> => {
      const messageId = store.nextId();
      const entries = [{ queueId, seq: messageId }];
      const body = Buffer.alloc(10_000);
      return store.write([{ kind: 'put', messageId, message: message({ body }), entries, residence: 'durable' }]);
    };
    let stored = 0;
    await expect(
      (async () => {
        for (;;) {
          await put();
          stored++;
        }
      })(),
    ).rejects.toMatchObject({ code: 'store-full' });
    const page = await store.readPage(queueId, 0, { entries: 1000, bytes: 1e9 });
    expect(page).toHaveLength(stored);
    expect((await store.readQueues())[0]?.entries).toBe(stored);
    for (const { seq, messageId, sole, residence } of page.slice(0, 5)) {
      await store.write([{ kind: 'settle', entry: { queueId, seq, messageId, sole, residence }, delivered: false }]);
    }
    await put();
  });
});

describe.each(['wal', 'rollback'] as const)('a full disk (%s journal)', (journal) => {
  it('refuses puts while there is still room to settle what is there', async ({ skip }) => {
    using disk = smallDisk(48 * 1024 * 1024);
    if (disk === undefined) return skip('no disk can be mounted here');
    const shared = openSharedStore({ directory: disk.path, journal, maxBytes: undefined });
    const store = await shared.activate(holder);
    const queueId = store.nextId();
    const put = (): Promise<void> => {
      const messageId = store.nextId();
      const entries = [{ queueId, seq: messageId }];
      const body = Buffer.alloc(100_000);
      return store.write([{ kind: 'put', messageId, message: message({ body }), entries, residence: 'durable' }]);
    };
    let stored = 0;
    const fill = async (): Promise<never> => {
      for (;;) {
        await put();
        stored++;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'store-full' });
    const page = await store.readPage(queueId, 0, { entries: 10_000, bytes: 1e9 });
    expect(page).toHaveLength(stored);
    for (const { seq, messageId, sole, residence } of page) {
      await store.write([{ kind: 'settle', entry: { queueId, seq, messageId, sole, residence }, delivered: false }]);
    }
    expect(await store.readPage(queueId, 0, { entries: 1, bytes: 1 })).toEqual([]);
    await shared.close();
  });
});

describe('the fence', () => {
  it('refuses a writer whose epoch is over, tells it so, and leaves its successor alone', async () => {
    await using directory = await temporaryDirectory();
    await using first = open(directory.path);
    await first.tryLock();
    const stale = await first.activate(holder);
    await stale.write([{ kind: 'count', counter: 'c', by: 1 }]);
    await using second = open(directory.path);
    expect(await second.tryLock()).toBe(false);
    const successor = await second.activate(holder);
    await expect(stale.write([{ kind: 'count', counter: 'c', by: 10 }])).rejects.toMatchObject({ code: 'fenced' });
    expect((await first.lost).code).toBe('fenced');
    expect([...(await successor.readCounters('c'))]).toEqual([['c', 1]]);
    expect(successor.epoch).toBe(stale.epoch + 1);
  });

  it('never gives an identifier out twice, crash or not', async () => {
    await using directory = await temporaryDirectory();
    let last = 0;
    for (let i = 0; i < 3; i++) {
      await using shared = open(directory.path);
      const store = await shared.activate(holder);
      const id = store.nextId();
      expect(id).toBeGreaterThan(last);
      last = store.nextId();
      await store.write([]);
    }
  });
});
