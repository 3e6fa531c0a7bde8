// causeway route, as a process beside an engine: how it finds that, and what it prints for a person.

import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ledgerText } from '../broker/cli-route-ledger.ts';
import { EngineProcess, temporaryDirectory } from './support/engine-process.ts';

const cli = fileURLToPath(new URL('../broker/cli.ts', import.meta.url));

function causeway(...args: string[]): Promise<string> {
  const env = { ...process.env };
  delete env['CAUSEWAY_CONSOLE_URL'];
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { env }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

it('asks the engine that runs in the data directory', async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const list = (): Promise<string> => causeway('route', 'list', '--data', path);
  const heads = 'NAME  WAY  TRANSFERRED  DEAD  STATE\n';
  {
    await using engine = new EngineProcess({ dataDirectory: path });
    await engine.seen('ready');
    expect(await list()).toBe(heads);
    expect((await stat(join(path, 'console.url'))).mode & 0o777).toBe(0o600);
    await engine.kill();
  }
  expect(await list()).toMatch(/^causeway: no engine answers at http:\/\/127\.0\.0\.1:\d+\n$/);
  await using engine = new EngineProcess({ dataDirectory: path });
  await engine.seen('ready');
  expect(await list()).toBe(heads);
  engine.signal('SIGTERM');
  await engine.exited;
  expect(await list()).toContain(`causeway: no engine runs in "${path}"`);
}, 120_000);

it('prints a ledger in columns', () => {
  const seen = { firstAt: 1, lastAt: 2 };
  expect(
    ledgerText([
      { field: 'body', outcome: 'kept', reason: '', count: 12, examples: [], ...seen },
      { field: 'a b', outcome: 'dropped', reason: 'no place', count: 7, examples: ['x', 'y'], ...seen },
    ]),
  ).toBe(
    [
      'FIELD  OUTCOME  COUNT  WHY       SUCH AS',
      'body   kept     12',
      'a b    dropped  7      no place  x, y',
      '',
    ].join('\n'),
  );
});
