// The command line, as a process.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from './support/engine-process.ts';
import { collect, connectStomp, StompLoad } from './support/stomp-load.ts';

const cli = fileURLToPath(new URL('../broker/cli.ts', import.meta.url));

function causeway(...args: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe('causeway', () => {
  it('explains itself', async () => {
    const { code, stdout } = await causeway('--help');
    expect(code).toBe(0);
    for (const option of ['--config', '--data', '--set', '--ha']) expect(stdout).toContain(option);
  });

  it.each([
    [['serv'], 'unknown command "serv", did you mean serve?'],
    [['serve', '--confg', 'x'], 'unknown option --confg, did you mean --config?'],
    [['serve', '--data'], 'option --data needs a value'],
    [['serve', '--ha=yes'], 'option --ha takes no value'],
    [['serve', 'extra'], 'unexpected argument "extra"'],
    [['serve', '--set', 'lisners.amqp=1'], 'unknown key "lisners", did you mean "listeners"?'],
  ])('refuses %o', async (args, words) => {
    const { code, stderr, stdout } = await causeway(...args);
    expect(stderr).toContain(words);
    expect(stdout).toBe('');
    expect(code).toBe(64);
  });
});

describe('causeway serve', () => {
  it('prints one line when it is ready, and stops in order', async () => {
    await using directory = await temporaryDirectory();
    await using engine = new EngineProcess({ dataDirectory: directory.path });
    const ready = await engine.seen('ready');
    expect(ready).toMatchObject({ event: 'ready', role: 'active' });
    for (const { host, port } of Object.values(ready.listeners)) {
      expect(host).toBe('127.0.0.1');
      expect(port).toBeGreaterThan(0);
    }
    expect(Object.keys(ready.listeners).sort()).toEqual(['amqp', 'cloud', 'console', 'mqtt', 'stomp']);
    const { port } = ready.listeners['console']!;
    expect(ready.consoleUrl).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/\\?token=.{16,}$`));
    engine.signal('SIGTERM');
    await engine.seen('stopped');
    expect(await engine.exited).toEqual({ code: 0, signal: null });
  });

  it("keeps the console's token with the data, unless one is given", async () => {
    await using directory = await temporaryDirectory();
    const tokenOf = async (...set: string[]): Promise<string | null> => {
      await using engine = new EngineProcess({ dataDirectory: directory.path, set });
      return new URL((await engine.seen('ready')).consoleUrl).searchParams.get('token');
    };
    const first = await tokenOf();
    expect(first).toMatch(/^[\w-]{32}$/);
    expect(await tokenOf()).toBe(first);
    expect(await tokenOf('console.token=0123456789abcdef')).toBe('0123456789abcdef');
  });

  it('says which port is in use', async () => {
    await using directory = await temporaryDirectory();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await using engine = new EngineProcess({ dataDirectory: directory.path, set: [`listeners.amqp=${port}`] });
    expect(await engine.exited).toMatchObject({ code: 1 });
    expect(engine.stderr).toContain(`listen for amqp on 127.0.0.1:${port}: the port is in use`);
    taken.close();
  });

  it('keeps what it acknowledged over kill -9 and a restart', async () => {
    await using directory = await temporaryDirectory();
    const acknowledged: string[] = [];
    {
      await using engine = new EngineProcess({ dataDirectory: directory.path });
      const { listeners } = await engine.seen('ready');
      const load = new StompLoad(await connectStomp(listeners['stomp']!.port), { queue: 'q', prefix: 'm' });
      await load.reached(300);
      await engine.kill();
      await load.ended;
      acknowledged.push(...load.acknowledged);
    }
    await using engine = new EngineProcess({ dataDirectory: directory.path });
    const { listeners } = await engine.seen('ready');
    const got = await collect(listeners['stomp']!.port, 'q', acknowledged);
    expect(new Set(got).size).toBe(got.length);
  });
});
