// causeway doctor: what it says of an engine that is well, and of everything that can be wrong, each in a sentence.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targetsOfUrl } from '../../broker/doctor/target.ts';
import { openssl, TestAuthority } from '../support/certificates.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { freePort } from '../support/free-port.ts';

const cli = fileURLToPath(new URL('../../broker/cli.ts', import.meta.url));

interface Outcome {
  readonly code: number | string;
  readonly lines: readonly string[];
  readonly stderr: string;
}

function doctor(args: readonly string[], password = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, 'doctor', ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, lines: stdout.trim().split('\n'), stderr });
    });
    child.stdin?.end(`${password}\n`);
  });
}

/** What it says of one address. */
async function sentence(url: string, ...args: string[]): Promise<string> {
  const { lines, stderr } = await doctor(['--url', url, ...args]);
  return `${lines[1] ?? ''}${stderr}`;
}

async function answering(answer: (socket: Socket) => void): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('an address', () => {
  it.each([
    ['amqp://h', [['amqp', 5672, false, false]]],
    ['mqtts://h:1', [['mqtt', 1, true, false]]],
    ['stomp+ssl://h', [['stomp', 61_614, true, false]]],
    ['mqtt://[::1]:80', [['mqtt', 80, false, false]]],
    [
      'wss://h/path',
      [
        ['amqp', 61_619, true, true],
        ['mqtt', 61_619, true, true],
        ['stomp', 61_619, true, true],
      ],
    ],
  ])('%s is understood', (url, expected) => {
    const targets = targetsOfUrl(url);
    expect(targets.map(({ protocol, port, tls, webSocket }) => [protocol, port, tls, webSocket])).toEqual(expected);
  });

  it.each(['http://h', 'h:1883', 'mqtt://', 'mqtt://user:password@h'])('%s is refused', (url) => {
    expect(() => targetsOfUrl(url)).toThrow('--url');
  });
});

describe('causeway doctor', () => {
  it('says what is wrong with a port', async () => {
    const closed = await freePort();
    expect(await sentence(`mqtt://127.0.0.1:${closed}`)).toBe(
      `fail  MQTT on 127.0.0.1:${closed}: nothing listens there: the engine does not run, is a standby, or this listener is closed`,
    );
    await using http = await answering((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await sentence(`amqp://127.0.0.1:${http.port}`)).toMatch(/: the port does not speak AMQP 1.0 but HTTP$/);
    await using rabbit = await answering((socket) => socket.end('AMQP\0\0\x09\x01'));
    expect(await sentence(`amqp://127.0.0.1:${rabbit.port}`)).toMatch(/does not speak AMQP 1.0 but AMQP 0-9-1$/);
    await using silent = await answering((socket) => socket.end());
    expect(await sentence(`stomp://127.0.0.1:${silent.port}`)).toMatch(/ends the connection without a word/);
    expect(await sentence(`ws://127.0.0.1:${silent.port}`)).toMatch(/does not speak WebSocket/);
    expect(await sentence(`mqtts://127.0.0.1:${http.port}`)).toMatch(
      /the port does not speak TLS$|closed in the middle/,
    );
  });

  it('says what a web server answers that is asked for a WebSocket', async () => {
    const server = createHttpServer().on('upgrade', (_, socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await sentence(`ws://127.0.0.1:${port}`)).toMatch(
      /it answers HTTP 404 Not Found where a WebSocket was asked/,
    );
    server.close();
  });

  it('is used rightly, or says how', async () => {
    expect(await doctor(['--url', 'ftp://x'])).toMatchObject({ code: 64, stderr: expect.stringContaining('--url') });
    expect(await doctor(['--cert', 'x'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('belong together'),
    });
    expect(await doctor(['--ha'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('doctor has no option --ha'),
    });
  });
});

describe.skipIf(!openssl.present)('causeway doctor, of an engine', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let authority: TestAuthority;
  let engine: EngineProcess;
  let config: string;
  let data: string;
  const ports: Record<string, number> = {};
  const names = ['amqp', 'mqtt', 'stomp', 'amqps', 'mqtts', 'stomps', 'ws', 'wss', 'any', 'console'];

  beforeAll(async () => {
    directory = await temporaryDirectory();
    authority = await TestAuthority.make(directory.path);
    const server = await authority.issue('/CN=broker.example', 'subjectAltName=DNS:broker.example');
    for (const name of names) ports[name] = await freePort();
    config = join(directory.path, 'causeway.yml');
    data = join(directory.path, 'data');
    const users = join(directory.path, 'users.yml');
    const listeners = names.map((name) => `  ${name}: ${ports[name]}\n`).join('');
    const rules =
      '[{ topic: causeway.doctor.>, read: [ok], write: [ok] }, { temp: ">", read: [ok], write: [ok], create: [ok] }]';
    await writeFile(
      config,
      `listeners:\n${listeners}  cloud: false\ndataDirectory: ${data}\n` +
        `tls: { certificate: ${server.certificate}, key: ${server.key} }\n` +
        `access: { users: ${users}, rules: ${rules} }\n`,
    );
    for (const [name, group] of [
      ['ann', 'ok'],
      ['bob', 'others'],
    ] as const) {
      await new Promise<void>((resolve) => {
        const args = [cli, 'user', 'add', name, '--group', group, '--file', users];
        execFile(process.execPath, args, () => resolve()).stdin?.end('secret\n');
      });
    }
    const set = names.map((name) => `listeners.${name}=${ports[name]}`);
    engine = new EngineProcess({ dataDirectory: data, config, set: [...set, 'listeners.cloud=false'] });
    await engine.seen('ready');
  });

  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it('finds it well, on every listener', async () => {
    const { code, lines } = await doctor(['--config', config, '--user', 'ann'], 'secret');
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(new RegExp(`^causeway \\d+\\.\\d+\\.\\d+, data in ${data}$`)),
      expect.stringMatching(/^role: active, version /),
    ]);
    expect(lines[2]).toMatch(/^ok {4}store: journal wal, [\d.]+ MiB used, [\d.]+ MiB free on its disk$/);
    expect(lines.slice(3).map((line) => line.replace(/ on .*?: a message went .*/, ''))).toEqual([
      'ok    amqp, AMQP 1.0',
      'ok    mqtt, MQTT',
      'ok    stomp, STOMP',
      'ok    amqps, AMQP 1.0 over TLS',
      'ok    mqtts, MQTT over TLS',
      'ok    stomps, STOMP over TLS',
      'ok    ws, AMQP 1.0 over WebSocket',
      'ok    ws, MQTT over WebSocket',
      'ok    ws, STOMP over WebSocket',
      'ok    wss, AMQP 1.0 over WebSocket in TLS',
      'ok    wss, MQTT over WebSocket in TLS',
      'ok    wss, STOMP over WebSocket in TLS',
      'ok    any, AMQP 1.0',
      'ok    any, MQTT',
      'ok    any, STOMP',
      'ok    any, MQTT over WebSocket',
      'ok    any, AMQP 1.0 over TLS',
      'ok    any, MQTT over TLS',
      'ok    any, STOMP over TLS',
    ]);
    expect(code).toBe(0);
  });

  it('leaves nothing behind', async () => {
    const token = engine.events.flatMap((event) => ('consoleUrl' in event ? [event.consoleUrl] : []))[0]!;
    const { origin, searchParams } = new URL(token);
    const response = await fetch(`${origin}/api/destinations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${searchParams.get('token')}` },
      body: '{}',
    });
    expect(await response.text()).not.toMatch(/doctor/);
  });

  it('says who is not let in, and why', async () => {
    for (const name of ['amqp', 'mqtt', 'stomp']) {
      const url = `${name}://127.0.0.1:${ports[name]}`;
      expect(await sentence(url)).toMatch(/clients need a user: name one by --user/);
      const { lines, code } = await doctor(['--url', url, '--user', 'ann'], 'wrong');
      expect(lines[1]).toMatch(/the user is unknown, or the password wrong/);
      expect(code).toBe(1);
    }
  });

  it('says who may not do it', async () => {
    for (const name of ['amqp', 'mqtt', 'stomp']) {
      const { lines } = await doctor(['--url', `${name}://127.0.0.1:${ports[name]}`, '--user', 'bob'], 'secret');
      expect(lines[1]).toMatch(/user "bob" may not do it/);
    }
  });

  it('says what is wrong with a certificate', async () => {
    const url = `mqtts://127.0.0.1:${ports['mqtts']}`;
    expect(await sentence(url)).toMatch(/of no authority that is trusted here: name that authority by --ca/);
    expect(await sentence(url, '--ca', authority.ca)).toMatch(/its certificate is for another name/);
    expect(await sentence(`mqtts://127.0.0.1:${ports['mqtt']}`)).toMatch(
      /does not speak TLS|closed in the middle of TLS/,
    );
  });

  it('says that an engine does not run', async () => {
    const set = ['--set', `listeners.console=${await freePort()}`, '--set', `listeners.mqtt=${await freePort()}`];
    const empty = join(directory.path, 'empty');
    const { code, lines } = await doctor(['--config', config, '--data', empty, ...set, '--set', 'listeners.amqp=0']);
    expect(code).toBe(1);
    expect(lines).toContain('role: none to be seen: not running');
    expect(lines).toContain(`fail  store: there is none in ${empty}: no engine has run with it`);
    expect(lines).toContain('fail  amqp: its port is any free one: give its address by --url');
    expect(lines.find((line) => line.includes('mqtt, '))).toMatch(/nothing listens there/);
  });
});
