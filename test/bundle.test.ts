// The engine as packages have it: built to JavaScript, with the store's thread in a file of its own, and the page.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createBuilder } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildRendererIfStale } from '../main/renderer-build.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
// Beside out/engine, so that packages and the page are found as they are from there.
const built = join(project, `out/engine-${process.pid}`);
const anyPort = ['amqp', 'mqtt', 'stomp', 'cloud', 'console'].flatMap((name) => ['--set', `listeners.${name}=0`]);
let data: string;

beforeAll(async () => {
  await buildRendererIfStale();
  data = await mkdtemp(join(tmpdir(), 'causeway-bundle-'));
  const builder = await createBuilder({
    configFile: join(project, 'vite.config.ts'),
    logLevel: 'warn',
    environments: { engine: { build: { outDir: built } } },
  });
  await builder.build(builder.environments['engine']!);
});

afterAll(async () => {
  await Promise.all([built, data].map((path) => rm(path, { recursive: true, force: true })));
});

it('has an entry for the command line, one for Electron, and one for the thread of the store', async () => {
  expect(await readdir(built)).toEqual(expect.arrayContaining(['cli.js', 'process.js', 'store-thread.js']));
});

it('serves, with its page, and stops in order', async () => {
  const cli = join(built, 'cli.js');
  const configuration = join(project, 'examples/causeway.yml');
  const args = [cli, 'serve', '--config', configuration, '--data', data, ...anyPort];
  const engine = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const events = createInterface({ input: engine.stdout })[Symbol.asyncIterator]();
  const ready = await events.next();
  const { consoleUrl } = JSON.parse(ready.value as string) as { consoleUrl: string };
  const page = await fetch(consoleUrl);
  expect(page.status).toBe(200);
  expect(await page.text()).toMatch(/<script type="module"/);
  engine.kill('SIGTERM');
  expect(await events.next()).toEqual({ done: false, value: '{"event":"stopped"}' });
  if (engine.exitCode === null) await once(engine, 'exit');
  expect(engine.exitCode).toBe(0);
});
