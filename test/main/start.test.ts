// `npm start` where there is no desktop app to open: it says in one line what is missing, and runs the engine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const start = fileURLToPath(new URL('../../main/start.ts', import.meta.url));
const anyPort = ['amqp', 'mqtt', 'stomp', 'cloud', 'console'].flatMap((name) => ['--set', `listeners.${name}=0`]);
const isRoot = process.getuid?.() === 0;

describe.skipIf(process.platform !== 'linux')('npm start', () => {
  let home: string;
  const variables = { DISPLAY: '', WAYLAND_DISPLAY: '' };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'causeway-start-'));
  });

  afterEach(() => rm(home, { recursive: true }));

  it("runs the engine where Electron's binary is missing, with its data where the platform keeps data", async () => {
    const { said, ready } = await run({ ELECTRON_OVERRIDE_DIST_PATH: home, DISPLAY: ':0' });
    expect(said).toMatch(/^No desktop app: Electron's binary is not installed/);
    expect(ready).toMatchObject({ event: 'ready', role: 'active' });
    expect(new URL(ready.consoleUrl).searchParams.get('token')).toMatch(/.{16}/);
    expect(await readdir(join(home, 'causeway'))).toContain('causeway.db');
  });

  it('runs the engine where there is no display', async () => {
    await writeElectron();
    const { said } = await run({ ELECTRON_OVERRIDE_DIST_PATH: home });
    expect(said).toMatch(/^No desktop app: there is no display\./);
  });

  it.skipIf(!isRoot)('runs the engine for root, with whom the sandbox does not work', async () => {
    await writeElectron();
    const { said } = await run({ ELECTRON_OVERRIDE_DIST_PATH: home, WAYLAND_DISPLAY: 'wayland-0' });
    expect(said).toMatch(/^No desktop app: Electron's sandbox does not run as root\./);
  });

  async function writeElectron(): Promise<void> {
    await writeFile(join(home, 'electron'), '#!/bin/sh\nexit 3\n');
    await chmod(join(home, 'electron'), 0o755);
  }

  /** Until the engine is ready and was stopped: what the first line of each stream said. */
  async function run(environment: Record<string, string>) {
    const env = { ...process.env, ...variables, XDG_DATA_HOME: home, ...environment };
    const started = spawn(process.execPath, [start, ...anyPort], { stdio: ['ignore', 'pipe', 'pipe'], env });
    const [said] = (await once(createInterface({ input: started.stderr }), 'line')) as [string];
    const [line] = (await once(createInterface({ input: started.stdout }), 'line')) as [string];
    started.kill('SIGTERM');
    await once(started, 'exit');
    expect(started.exitCode).toBe(0);
    return { said, ready: JSON.parse(line) as { consoleUrl: string } };
  }
});
