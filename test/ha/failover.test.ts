// Two engines, one data directory.

import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { databaseFile } from '../../broker/store/database.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { collect, connectStomp, StompLoad } from '../support/stomp-load.ts';

const leaseMs = 900;

function engine(dataDirectory: string, journal: string): EngineProcess {
  return new EngineProcess({ dataDirectory, ha: true, set: [`store.journal=${journal}`, `ha.leaseMs=${leaseMs}`] });
}

describe.each(['wal', 'rollback'])('an active and a standby engine (%s journal)', (journal) => {
  it('takes over after kill -9 under load, with every acknowledged message', async () => {
    await using directory = await temporaryDirectory();
    await using active = engine(directory.path, journal);
    const { listeners } = await active.seen('ready');
    await using standby = engine(directory.path, journal);
    await standby.seen('standby');
    const load = new StompLoad(await connectStomp(listeners['stomp']!.port), { queue: 'load', prefix: 'a' });
    await load.reached(500);
    expect(standby.events.map(({ event }) => event)).toEqual(['standby']);
    await active.kill();
    await load.ended;
    const ready = await standby.seen('ready');
    const port = ready.listeners['stomp']!.port;
    const got = await collect(port, 'load', load.acknowledged);
    expect(new Set(got).size).toBe(got.length);
  });

  it('takes over when the active stops in order', async () => {
    await using directory = await temporaryDirectory();
    await using active = engine(directory.path, journal);
    await active.seen('ready');
    await using standby = engine(directory.path, journal);
    await standby.seen('standby');
    active.signal('SIGTERM');
    expect(await active.exited).toEqual({ code: 0, signal: null });
    await standby.seen('ready');
  });

  it('takes over from a stopped active past its lease, and fences it when it goes on', async () => {
    await using directory = await temporaryDirectory();
    await using active = engine(directory.path, journal);
    const { listeners } = await active.seen('ready');
    await using standby = engine(directory.path, journal);
    await standby.seen('standby');
    const before = new StompLoad(await connectStomp(listeners['stomp']!.port), { queue: 'load', prefix: 'before' });
    await before.reached(200);
    active.signal('SIGSTOP');
    const { listeners: successor } = await standby.seen('ready');
    const port = successor['stomp']!.port;
    const after = new StompLoad(await connectStomp(port), { queue: 'load', prefix: 'after' });
    await after.reached(200);
    // What the stopped one had in its buffers, it now tries to write.
    active.signal('SIGCONT');
    const { code, signal } = await active.exited;
    // It noticed and ended; or, stopped in the middle of a commit, it was killed so that the store came free.
    expect([75, null]).toContain(code);
    expect(code === null ? signal : null).toBe(code === null ? 'SIGKILL' : null);
    await after.reached(400);
    after.stop();
    const got = await collect(port, 'load', [...before.acknowledged, ...after.acknowledged]);
    expect(new Set(got).size).toBe(got.length);
  });

  it('takes over from an active that is stopped in the middle of a commit', async () => {
    await using directory = await temporaryDirectory();
    await using active = engine(directory.path, journal);
    await active.seen('ready');
    await using standby = engine(directory.path, journal);
    await standby.seen('standby');
    // Nobody gets past this lock, as past the one of a commit; the lease is not renewed meanwhile.
    const commit = new Database(databaseFile(directory.path));
    commit.exec('BEGIN EXCLUSIVE');
    active.signal('SIGSTOP');
    // The standby ends what holds up the store, once it has stood still for the lease.
    expect(await active.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(standby.isRunning).toBe(true);
    commit.exec('ROLLBACK');
    commit.close();
    await standby.seen('ready');
  });

  it('has one active engine when two start at once', async () => {
    await using directory = await temporaryDirectory();
    await using one = engine(directory.path, journal);
    await using other = engine(directory.path, journal);
    const first = await Promise.race([one.seen('ready').then(() => one), other.seen('ready').then(() => other)]);
    const second = first === one ? other : one;
    expect(await second.seen('standby')).toMatchObject({ event: 'standby' });
    await first.kill();
    await second.seen('ready');
  });
});

describe('a data directory in use', () => {
  it('is refused without --ha, with the name of its holder', async () => {
    await using directory = await temporaryDirectory();
    await using active = new EngineProcess({ dataDirectory: directory.path });
    await active.seen('ready');
    await using other = new EngineProcess({ dataDirectory: directory.path });
    expect(await other.exited).toMatchObject({ code: 1 });
    expect(other.stderr).toContain(`the data directory is in use by process ${active.pid} on `);
  });
});
