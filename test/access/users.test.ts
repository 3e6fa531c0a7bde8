// Who is let in, how guessing is slowed down, and what a change of the file does to those who are in.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Door } from '../../broker/access/door.ts';
import type { AuditEntry } from '../../broker/access/audit-log.ts';
import { withoutUsers } from '../../broker/access/no-users.ts';
import { hashPassword, isPassword, parsePasswordHash } from '../../broker/access/password-hash.ts';
import type { Rule } from '../../broker/access/rules.ts';
import { makeScramRecord, parseScramRecord } from '../../broker/access/scram-record.ts';
import { parseUsers, withoutUser, withUser } from '../../broker/access/user-records.ts';
import { UsersFile } from '../../broker/access/users-file.ts';
import { Users } from '../../broker/access/users.ts';
import type { Peer } from '../../broker/core/access.ts';
import { silent } from '../../broker/util/log.ts';
import type { Log } from '../../broker/util/log.ts';
import { temporaryDirectory } from '../support/engine-process.ts';
import { ManualClock } from '../support/manual-clock.ts';

let annsHash: string;
let annsScram: string;

beforeAll(async () => {
  annsHash = await hashPassword(Buffer.from('secret'));
  annsScram = await makeScramRecord(Buffer.from('secret'));
});

let port = 1000;
function peer(options: Partial<Peer> & { readonly ip?: string } = {}): Peer {
  const { ip = '10.0.0.1', ...rest } = options;
  return { address: `${ip}:${++port}`, anonymous: false, ...rest };
}

function password(text: string, user = 'ann') {
  return { user, password: Buffer.from(text) };
}

interface Guarded extends AsyncDisposable {
  readonly door: Door;
  readonly users: Users;
  /** What attempts wait by. */
  readonly clock: ManualClock;
  readonly watchClock: ManualClock;
  readonly entries: readonly AuditEntry[];
  readonly told: readonly string[];
  readonly file: UsersFile;
  write(text: string): Promise<void>;
}

function annsEntry(extra = ''): string {
  return `users:\n  ann:\n    password: ${annsHash}\n    groups: [staff]\n${extra}`;
}

async function guarded(text: string, rules?: Rule[], mostConnectionsOfUser = 100): Promise<Guarded> {
  const directory = await temporaryDirectory();
  const path = join(directory.path, 'users.yml');
  const write = (next: string): Promise<void> => writeFile(path, next);
  await write(text);
  const [clock, watchClock] = [new ManualClock(), new ManualClock()];
  const told: string[] = [];
  const log: Log = { ...silent, info: (_, words) => told.push(words), error: (_, words) => told.push(words) };
  const file = new UsersFile(path, watchClock, log);
  const users = new Users({ file, rules, mostConnectionsOfUser, clock });
  await file.start();
  const entries: AuditEntry[] = [];
  const door = new Door(users, clock, (entry) => entries.push(entry));
  return {
    door,
    users,
    clock,
    watchClock,
    entries,
    told,
    file,
    write,
    [Symbol.asyncDispose]: async () => {
      file.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const queue = { kind: 'queue', name: 'orders' } as const;
const nobody = { read: [], write: [], create: [], admin: [], final: false };
const staffReads: Rule = { ...nobody, kind: 'queue', pattern: '>', read: ['staff'] };

describe('passwords', () => {
  it('are kept as scrypt hashes with their cost', async () => {
    expect(annsHash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await isPassword(Buffer.from('secret'), parsePasswordHash(annsHash))).toBe(true);
    expect(await isPassword(Buffer.from('Secret'), parsePasswordHash(annsHash))).toBe(false);
  });

  it.each([
    '',
    'secret',
    '$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=1,t=1,p=1$a$b',
  ])('are not read from %j', (text) => {
    expect(() => parsePasswordHash(text)).toThrow('expected $scrypt$');
  });

  it('are kept for SCRAM as RFC 5803 writes it', () => {
    expect(annsScram).toMatch(/^SCRAM-SHA-256\$65536:[\w+/=]{24}\$[\w+/=]{44}:[\w+/=]{44}$/);
    expect(parseScramRecord(annsScram).iterations).toBe(65_536);
    expect(() => parseScramRecord('SCRAM-SHA-1$4096:a$b:c')).toThrow('RFC 5803');
  });
});

describe('the file of users', () => {
  it('keeps its comments when a user is added, changed and removed', () => {
    const begun = `# ours\nusers:\n  ann: # the first\n    password: ${annsHash}\n`;
    const added = withUser(begun, 'bob', { password: annsHash, groups: ['a', 'b'] });
    expect(added).toContain('# ours');
    expect(added).toContain('# the first');
    expect(parseUsers(added).get('bob')?.groups).toEqual(['a', 'b']);
    expect(parseUsers(withUser(added, 'bob', { scram: annsScram })).get('bob')?.scram).toBeDefined();
    expect([...parseUsers(withoutUser(added, 'ann')).keys()]).toEqual(['bob']);
    expect(parseUsers(withUser('# empty\n', 'bob', { certificate: 'CN=b' })).get('bob')?.certificate).toBe('CN=b');
    expect(parseUsers('users:\n').size).toBe(0);
  });

  it.each([
    ['users:\n  ann: { password: secret }', 'users.ann.password: expected $scrypt$'],
    ['users:\n  ann: { pasword: x }', 'users.ann: Unrecognized key: "pasword"'],
    ['users:\n  "a:b": {}', 'users.a:b: '],
    ['users:\n  anonymous: {}', 'users.anonymous: '],
    ['users: [', 'Flow sequence'],
    ['users: 1', 'users: '],
  ])('is refused with %j', (text, words) => {
    expect(() => parseUsers(text)).toThrow(words);
  });
});

describe('users', () => {
  it('are let in with their password, and nobody else is', async () => {
    await using guard = await guarded(annsEntry());
    const { door, entries } = guard;
    const connection = peer();
    door.opened(connection, 'mqtts', 'mqtt');
    expect((await door.authenticate(connection, password('secret')))?.user).toBe('ann');
    expect(await door.authenticate(peer(), password('wrong'))).toBeUndefined();
    expect(await door.authenticate(peer(), password('secret', 'bob'))).toBeUndefined();
    expect(await door.authenticate(peer(), password('', 'ann'))).toBeUndefined();
    expect(await door.authenticate(peer(), undefined)).toBeUndefined();
    expect(await door.authenticate(peer(), password('x', 'anonymous'))).toBeUndefined();
    guard.clock.turn(90_000);
    door.closed(connection);
    const { address } = connection;
    expect(entries[0]).toEqual({
      event: 'connected',
      address,
      listener: 'mqtts',
      protocol: 'mqtt',
      user: 'ann',
      by: 'password',
    });
    expect(entries.at(-1)).toEqual({
      event: 'disconnected',
      address,
      listener: 'mqtts',
      protocol: 'mqtt',
      user: 'ann',
      seconds: 90,
    });
    expect(entries.slice(1, 5).map(({ event, user, reason }) => [event, user, reason])).toEqual([
      ['refused', 'ann', 'unknown user or wrong password'],
      ['refused', 'bob', 'unknown user or wrong password'],
      ['refused', 'ann', 'unknown user or wrong password'],
      ['refused', undefined, 'no user name was given'],
    ]);
    expect(JSON.stringify(entries)).not.toContain('secret');
  });

  it('are let in by their certificate, whether they ask for that or say nothing', async () => {
    await using guard = await guarded(annsEntry('    certificate: CN=ann,O=Acme\n'));
    const { door } = guard;
    const known = { certificateSubject: 'CN=ann,O=Acme' };
    expect((await door.authenticateByCertificate(peer(known)))?.user).toBe('ann');
    expect((await door.authenticate(peer(known), undefined))?.user).toBe('ann');
    expect(await door.authenticateByCertificate(peer({ certificateSubject: 'CN=bob' }))).toBeUndefined();
    expect(await door.authenticateByCertificate(peer())).toBeUndefined();
    expect(await door.authenticate(peer(known), password('wrong'))).toBeUndefined();
  });

  it('may be joined by those without a name, where a listener says so', async () => {
    const anyoneWrites: Rule = { ...nobody, kind: 'queue', pattern: '>', write: ['anonymous'] };
    await using guard = await guarded(annsEntry(), [anyoneWrites]);
    const guest = await guard.door.authenticate(peer({ anonymous: true }), undefined);
    expect(guest?.user).toBe('anonymous');
    expect(() => guest?.authorize('write', queue)).not.toThrow();
    expect(() => guest?.authorize('read', queue)).toThrow('user "anonymous" may not read queue://orders');
  });

  it('have keys for SCRAM, and those who are not there have some that never change', async () => {
    await using guard = await guarded(annsEntry(`    scram: ${annsScram}\n`));
    const { door } = guard;
    expect(door.knowsScram).toBe(true);
    expect(await door.scramKeys('ann')).toEqual(parseScramRecord(annsScram));
    const unknown = await door.scramKeys('bob');
    expect(await door.scramKeys('bob')).toEqual(unknown);
    expect(await door.scramKeys('eve')).not.toEqual(unknown);
    expect([unknown.salt.length, unknown.iterations]).toEqual([16, 65_536]);
    expect((await door.authenticateByScram(peer(), 'ann', true))?.user).toBe('ann');
    expect(await door.authenticateByScram(peer(), 'ann', false)).toBeUndefined();
    expect(await door.authenticateByScram(peer(), 'bob', true)).toBeUndefined();
  });

  it('have a bound on their connections', async () => {
    await using guard = await guarded(annsEntry('    maxConnections: 2\n'));
    const { door, entries } = guard;
    const peers = [peer(), peer(), peer()];
    for (const one of peers) door.opened(one, 'amqp', 'amqp');
    const admitted = await Promise.all(peers.map((one) => door.authenticate(one, password('secret'))));
    expect(admitted.map((principal) => principal !== undefined)).toEqual([true, true, false]);
    expect(entries.at(-1)?.['reason']).toBe('user "ann" has 2 connections already');
    door.closed(peers[0]!);
    expect(await door.authenticate(peers[2]!, password('secret'))).toBeDefined();
  });

  it('are denied what the rules do not give, which is written down once', async () => {
    await using guard = await guarded(annsEntry(), [staffReads]);
    const ann = await guard.door.authenticate(peer(), password('secret'));
    expect(() => ann!.authorize('read', queue)).not.toThrow();
    for (let i = 0; i < 3; i++) expect(() => ann!.authorize('write', queue)).toThrow('may not write queue://orders');
    const denials = guard.entries.filter(({ event }) => event === 'denied');
    expect(denials).toMatchObject([{ user: 'ann', operation: 'write', destination: 'queue://orders' }]);
  });

  it('have what the file says now, also those who are in', async () => {
    await using guard = await guarded(annsEntry(), [staffReads]);
    const ann = await guard.door.authenticate(peer(), password('secret'));
    ann!.authorize('read', queue);
    await guard.write(annsEntry().replace('[staff]', '[others, more]'));
    guard.watchClock.turn(2000);
    await expect.poll(() => guard.told.at(-1)).toBe('read the users again');
    expect(() => ann!.authorize('read', queue)).toThrow('may not read');
    await guard.write('users: nonsense, and more of it');
    await guard.file.reload();
    expect(guard.told.at(-1)).toBe('the users that were there before stay');
    expect(await guard.door.authenticate(peer(), password('secret'))).toBeDefined();
    await guard.write('users: {}');
    await guard.file.reload();
    expect(() => ann!.authorize('read', queue)).toThrow('user "ann" is no longer there');
    expect(await guard.door.authenticate(peer(), password('secret'))).toBeUndefined();
  });

  it('need their new password once it has changed', async () => {
    await using guard = await guarded(annsEntry());
    expect(await guard.door.authenticate(peer(), password('secret'))).toBeDefined();
    await guard.write(annsEntry().replace(annsHash, await hashPassword(Buffer.from('new'))));
    await guard.file.reload();
    expect(await guard.door.authenticate(peer(), password('secret'))).toBeUndefined();
    expect(await guard.door.authenticate(peer(), password('new'))).toBeDefined();
  });

  it('are refused a start with a file that is not there', async () => {
    const file = new UsersFile('/nowhere/users.yml', new ManualClock(), silent);
    await expect(file.start()).rejects.toThrow('read users "/nowhere/users.yml": ENOENT');
  });
});

describe('guessing', () => {
  async function fail(guard: Guarded, times: number, ip: string, user = 'ann'): Promise<void> {
    for (let i = 0; i < times; i++) {
      const attempt = guard.door.authenticate(peer({ ip }), password(`guess ${i}`, user));
      const state = { isOver: false };
      const over = attempt.then(() => (state.isOver = true));
      // Turned until the attempt has had its turn.
      while (!state.isOver) {
        if (guard.clock.pending > 0) guard.clock.turn(8000);
        await Promise.race([over, new Promise(setImmediate)]);
      }
    }
  }

  it('becomes slower with each failure, for this user from this address', async () => {
    await using guard = await guarded(annsEntry());
    await fail(guard, 5, '10.0.0.9');
    const pending = guard.clock.pending;
    const next = guard.door.authenticate(peer({ ip: '10.0.0.9' }), password('secret'));
    expect(guard.clock.pending).toBe(pending + 1);
    guard.clock.turn(999);
    expect(guard.clock.pending).toBe(pending + 1);
    guard.clock.turn(1);
    // The right password is right, late as it is.
    expect(await next).toBeDefined();
  });

  it('from one address does not keep others from logging in', async () => {
    await using guard = await guarded(annsEntry());
    await fail(guard, 10, '10.0.0.9');
    const pending = guard.clock.pending;
    expect(await guard.door.authenticate(peer({ ip: '10.0.0.1' }), password('secret'))).toBeDefined();
    expect(guard.clock.pending).toBe(pending);
  });

  it('does not slow down who has logged in before, not even from the same address', async () => {
    await using guard = await guarded(annsEntry());
    expect(await guard.door.authenticate(peer({ ip: '10.0.0.9' }), password('secret'))).toBeDefined();
    await fail(guard, 10, '10.0.0.9');
    const pending = guard.clock.pending;
    expect(await guard.door.authenticate(peer({ ip: '10.0.0.9' }), password('secret'))).toBeDefined();
    expect(guard.clock.pending).toBe(pending);
  });

  it('in parallel is refused beyond a few', async () => {
    await using guard = await guarded(annsEntry());
    await fail(guard, 4, '10.0.0.9');
    const attempts = Array.from({ length: 9 }, (_, i) =>
      guard.door.authenticate(peer({ ip: '10.0.0.9' }), password(`again ${i}`)),
    );
    await expect(attempts[8]).rejects.toThrow('too many failed attempts');
    expect(guard.entries.at(-1)).toMatchObject({ event: 'refused', user: 'ann' });
    guard.clock.turn(60_000);
    expect(await Promise.all(attempts.slice(0, 8))).toEqual(Array.from({ length: 8 }, () => undefined));
  });

  it('ends with the engine', async () => {
    const guard = await guarded(annsEntry());
    await fail(guard, 5, '10.0.0.9');
    const attempt = guard.door.authenticate(peer({ ip: '10.0.0.9' }), password('wrong'));
    guard.users.close();
    await expect(attempt).rejects.toThrow('the engine stops');
    expect(guard.clock.pending).toBe(0);
    await guard[Symbol.asyncDispose]();
  });

  it('is forgotten after a while', async () => {
    await using guard = await guarded(annsEntry());
    await fail(guard, 6, '10.0.0.9');
    guard.clock.turn(15 * 60_000);
    const pending = guard.clock.pending;
    expect(await guard.door.authenticate(peer({ ip: '10.0.0.9' }), password('wrong'))).toBeUndefined();
    expect(guard.clock.pending).toBe(pending);
  });
});

describe('without users', () => {
  const door = new Door(withoutUsers(10), new ManualClock(), () => undefined);

  it('whoever may come without a name may also give one', async () => {
    const loopback = peer({ anonymous: true });
    expect((await door.authenticate(loopback, undefined))?.user).toBe('anonymous');
    expect((await door.authenticate(loopback, password('x')))?.user).toBe('ann');
    expect(await door.authenticate(peer(), password('x'))).toBeUndefined();
    expect(door.knowsScram).toBe(false);
  });

  it('a certificate that TLS trusts is enough', async () => {
    const known = peer({ certificateSubject: 'CN=press-7' });
    expect((await door.authenticate(known, undefined))?.user).toBe('CN=press-7');
    expect((await door.authenticateByCertificate(known))?.user).toBe('CN=press-7');
    expect(await door.authenticate(known, password('x'))).toBeUndefined();
  });
});
