// The example of a secure broker, run as its users run it: certificates, users made by the command, rules, audit, reload.

import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overAmqp, overMqtt, overStompit } from '../protocols/round-trips.ts';
import { openssl, TestAuthority } from '../support/certificates.ts';
import type { TestCertificate } from '../support/certificates.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';

const cli = fileURLToPath(new URL('../../broker/cli.ts', import.meta.url));
const config = fileURLToPath(new URL('../../examples/secure.yml', import.meta.url));
const set = ['amqps', 'mqtts', 'stomps', 'wss'].map((name) => `listeners.${name}.port=0`);

describe.skipIf(!openssl.present)('examples/secure.yml', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let authority: TestAuthority;
  let press: TestCertificate;
  let ca: Buffer;
  let engine: EngineProcess;
  const ports: Record<string, number> = {};

  function user(args: readonly string[], password = ''): Promise<{ code: number | string; out: string }> {
    return new Promise((resolve) => {
      const options = { cwd: directory.path };
      const child = execFile(
        process.execPath,
        [cli, 'user', ...args, '--config', config],
        options,
        (error, out, err) => {
          resolve({ code: error?.code ?? 0, out: out + err });
        },
      );
      child.stdin?.end(`${password}\nignored\n`);
    });
  }

  async function audited(): Promise<Record<string, unknown>[]> {
    const text = await readFile(join(directory.path, 'audit.jsonl'), 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  beforeAll(async () => {
    directory = await temporaryDirectory();
    const certificates = join(directory.path, 'certificates');
    await mkdir(certificates);
    authority = await TestAuthority.make(certificates);
    ca = await authority.bytes;
    const server = await authority.server();
    await copyFile(server.certificate, join(certificates, 'server.pem'));
    await copyFile(server.key, join(certificates, 'server-key.pem'));
    press = await authority.issue('/O=Acme/CN=press-7');
    await user(['add', 'ann', '--group', 'staff', '--group', 'admins'], 'anns secret');
    await user(['add', 'bob', '--group', 'hr', '--no-scram'], 'bobs secret');
    const byCertificate = ['--group', 'devices', '--group', 'staff', '--certificate', 'CN=press-7,O=Acme'];
    await user(['add', 'press-7', ...byCertificate, '--no-password']);
    engine = new EngineProcess({ dataDirectory: join(directory.path, 'data'), config, set, cwd: directory.path });
    const { listeners } = await engine.seen('ready');
    for (const [name, { port }] of Object.entries(listeners)) ports[name] = port;
  });

  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it('lets users in over each protocol', async () => {
    const login = { username: 'ann', password: 'anns secret' };
    expect(await overAmqp({ port: ports['amqps']!, transport: 'tls', ca, ...login })).toBe('Grüße');
    const connectHeaders = { host: 'h', login: 'ann', passcode: 'anns secret' };
    const tls = { ssl: true, ca, connectHeaders };
    expect(await overStompit({ host: '127.0.0.1', port: ports['stomps']!, ...tls })).toBe('Grüße');
    const client = await connectAsync(
      `mqtts://127.0.0.1:${ports['mqtts']}`,
      { ca, ...login, reconnectPeriod: 0 },
      false,
    );
    await client.endAsync(true);
    await expect
      .poll(async () => (await audited()).filter(({ event }) => event === 'connected').map(({ protocol }) => protocol))
      .toEqual(expect.arrayContaining(['amqp', 'stomp', 'mqtt']));
  });

  it('lets a device in by its certificate', async () => {
    const pair = { cert: await readFile(press.certificate), key: await readFile(press.key) };
    const url = `mqtts://127.0.0.1:${ports['mqtts']}`;
    const device = await connectAsync(url, { ca, ...pair, reconnectPeriod: 0 }, false);
    await device.endAsync(true);
    // SASL EXTERNAL asks for it by name.
    const external = { transport: 'tls', ca, ...pair, enable_sasl_external: true } as const;
    expect(await overAmqp({ port: ports['amqps']!, ...external })).toBe('Grüße');
    await expect
      .poll(async () => (await audited()).filter(({ by }) => by === 'certificate').map(({ protocol }) => protocol))
      .toEqual(['mqtt', 'amqp']);
  });

  it('refuses in terms of the protocol who is not known', async () => {
    const url = `mqtts://127.0.0.1:${ports['mqtts']}`;
    await expect(overMqtt(url, { ca })).rejects.toThrow('Not authorized');
    await expect(overMqtt(url, { ca, username: 'ann', password: 'x' })).rejects.toThrow('Not authorized');
    const login = { username: 'ann', password: 'y' };
    await expect(overAmqp({ port: ports['amqps']!, transport: 'tls', ca, ...login })).rejects.toThrow(
      'Failed to authenticate',
    );
    const connectHeaders = { host: 'h', login: 'eve', passcode: 'z' };
    await expect(overStompit({ host: '127.0.0.1', port: ports['stomp']!, connectHeaders })).rejects.toThrow(
      'login or passcode is wrong',
    );
  });

  it('takes users up that are added, and drops those that are removed', async () => {
    expect(await user(['add', 'eve', '--group', 'staff'], 'eves')).toEqual({
      code: 0,
      out: 'added user "eve" to users.yml\n',
    });
    engine.signal('SIGHUP');
    const options = { ca, username: 'eve', password: 'eves', reconnectPeriod: 0 };
    const url = `mqtts://127.0.0.1:${ports['mqtts']}`;
    await expect.poll(() => engine.stderr).toContain('read the users again');
    const eve = await connectAsync(url, options, false);
    const closed = new Promise<void>((resolve) => {
      eve.once('close', resolve);
    });
    expect(await user(['remove', 'eve'])).toEqual({ code: 0, out: 'removed user "eve" from users.yml\n' });
    engine.signal('SIGHUP');
    await closed;
    await eve.endAsync(true);
    await expect(overMqtt(url, options)).rejects.toThrow('Not authorized');
  });

  it('tells a standby what is wrong with its files when it starts, and lets it read them again while it waits', async () => {
    const shared = ['--data', join(directory.path, 'data'), '--ha', '--set', 'tls.certificate=missing.pem'];
    const args = [cli, 'serve', '--config', config, ...shared];
    const run = promisify(execFile)(process.execPath, args, { cwd: directory.path });
    await expect(run).rejects.toMatchObject({ code: 64, stderr: expect.stringContaining('read tls.certificate') });
    const options = { dataDirectory: join(directory.path, 'pair'), config, set, cwd: directory.path, ha: true };
    await using active = new EngineProcess(options);
    await active.seen('ready');
    await using standby = new EngineProcess(options);
    await standby.seen('standby');
    standby.signal('SIGHUP');
    await expect.poll(() => standby.stderr).toContain('read the certificates again');
    expect(standby.isRunning).toBe(true);
  });

  it('never writes a password down', async () => {
    for (const text of [await readFile(join(directory.path, 'audit.jsonl'), 'utf8'), engine.stderr]) {
      expect(text).not.toMatch(/anns secret|bobs secret|eves\b/);
    }
  });

  it('lists users, and says what is wrong with a command', async () => {
    const { out } = await user(['list']);
    expect(out.split('\n').slice(0, 3)).toEqual([
      'ann\tstaff,admins\tpassword, SCRAM-SHA-256',
      'bob\thr\tpassword',
      'press-7\tdevices,staff\tcertificate CN=press-7,O=Acme',
    ]);
    expect(await user(['add', 'ann'], 'x')).toEqual({ code: 1, out: 'causeway: user "ann" is there already\n' });
    expect((await user(['passwd', 'zoe'], 'x')).out).toContain('there is no user "zoe" in users.yml');
    expect((await user(['add', 'zoe'], '')).out).toContain('a password is needed');
    expect((await user(['add', 'a:b'], 'x')).out).toContain('no comma or colon');
    expect((await user(['add', 'zoe', '--group', 'a b'], 'x')).out).toContain('group "a b"');
    expect((await user(['add', 'zoe', '--no-password'])).out).toContain('--no-password needs --certificate');
    expect((await user(['ad', 'zoe'])).out).toContain('unknown command "user ad", did you mean add?');
    expect((await user(['remove'])).out).toContain('user remove needs the name of a user');
    expect(await user(['passwd', 'bob'], 'new')).toEqual({
      code: 0,
      out: 'changed the password of "bob" in users.yml\n',
    });
  });
});
