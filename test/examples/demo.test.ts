// The demo against an engine with the sample configuration.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';

const demo = fileURLToPath(new URL('../../examples/demo/shop.ts', import.meta.url));
const sample = fileURLToPath(new URL('../../examples/causeway.yml', import.meta.url));

function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [demo, ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

it('the demo moves orders and readings into SQS, and its sums add up', async () => {
  await using directory = await temporaryDirectory();
  await using engine = new EngineProcess({ dataDirectory: directory.path, config: sample });
  const { listeners } = await engine.seen('ready');
  const ports = ['amqp', 'mqtt', 'stomp', 'cloud'].flatMap((name) => [`--${name}`, String(listeners[name]!.port)]);
  const { code, stdout, stderr } = await run('--seconds', '2', ...ports);
  expect(stderr).toBe('');
  expect(stdout).toContain('Everything that was sent was finished.');
  expect(code).toBe(0);
  const last = [
    ...stdout.matchAll(/orders: (\d+) sent.*?(\d+) finished.*?(\d+) sent.*?(\d+) heard.*?(\d+) finished/g),
  ].at(-1)!;
  const [, ordersSent, ordersDone, readingsSent, heard, readingsDone] = last.map(Number);
  expect(ordersSent).toBeGreaterThan(0);
  expect([ordersDone, heard, readingsDone]).toEqual([ordersSent, readingsSent, readingsSent]);
});

it('the demo says how to start an engine when there is none', async () => {
  const { code, stderr } = await run('--stomp', '1');
  expect(stderr).toBe('No engine answers at 127.0.0.1:1. Start one in another terminal: npm start\n');
  expect(code).toBe(1);
});
