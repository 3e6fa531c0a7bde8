// The demo, as `npm run demo` runs it, against engines with the sample configuration.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SqsEnd } from '../interop/ends/sqs.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import type { ReadyEvent } from '../support/engine-process.ts';
import { freePort } from '../support/free-port.ts';

const demo = fileURLToPath(new URL('../../examples/demo/shop.ts', import.meta.url));
const config = fileURLToPath(new URL('../../examples/causeway.yml', import.meta.url));
const listeners = ['amqp', 'mqtt', 'stomp', 'cloud'] as const;

class Demo {
  readonly child: ChildProcess;
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;

  constructor(ports: ReadyEvent['listeners'], ...args: readonly string[]) {
    const addresses = listeners.flatMap((name) => [`--${name}`, String(ports[name]!.port)]);
    this.child = spawn(process.execPath, [demo, ...addresses, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.stdout = text(this.child.stdout!);
    this.stderr = text(this.child.stderr!);
  }

  /** Until it has printed a line of its counts: by then it has sent something. */
  async underWay(): Promise<void> {
    await once(this.child.stdout!, 'data');
  }

  async ended(): Promise<{ code: number; stdout: string; stderr: string }> {
    const [code] = (await once(this.child, 'exit')) as [number];
    return { code, stdout: await this.stdout, stderr: await this.stderr };
  }
}

/** What the summary says was sent and received, by kind. */
function summary(stdout: string): Record<string, { sent: number; received: number }> {
  const rows = [...stdout.matchAll(/^(\w+) +(\d+) sent +(\d+) received/gm)];
  return Object.fromEntries(
    rows.map(([, what, sent, received]) => [what, { sent: Number(sent), received: Number(received) }]),
  );
}

function expectSums(stdout: string): void {
  const sums = summary(stdout);
  expect(Object.keys(sums)).toEqual(['orders', 'invoices', 'readings']);
  for (const { sent, received } of Object.values(sums)) {
    expect(sent).toBeGreaterThan(0);
    expect(received).toBe(sent);
  }
}

it('shows its counts, stops after the time given, and adds up', async () => {
  await using directory = await temporaryDirectory();
  await using engine = new EngineProcess({ dataDirectory: directory.path, config });
  const run = new Demo((await engine.seen('ready')).listeners, '--seconds', '2.5');
  const { code, stdout, stderr } = await run.ended();
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^sent\/received: orders \d+\/\d+, invoices \d+\/\d+, readings \d+\/\d+$/m);
  expect(stdout).toContain('Everything that was sent was received.');
  expectSums(stdout);
  expect(code).toBe(0);
});

it('stops at Ctrl-C, even if npm passes it on once more, and tells its messages from others', async () => {
  await using directory = await temporaryDirectory();
  await using engine = new EngineProcess({ dataDirectory: directory.path, config });
  const ready = await engine.seen('ready');
  using sqs = new SqsEnd(ready.listeners['cloud']!.port);
  await sqs.send('orders', { MessageBody: 'left by someone' });
  const run = new Demo(ready.listeners);
  await run.underWay();
  run.child.kill('SIGINT');
  run.child.kill('SIGINT');
  const { code, stdout } = await run.ended();
  expectSums(stdout);
  expect(stdout).toContain('1 that others had left in the queues were taken too.');
  expect(code).toBe(0);
});

it('goes on with the standby when the engine is killed, and adds up', async () => {
  await using directory = await temporaryDirectory();
  const ports = await Promise.all(listeners.map(async (name) => `listeners.${name}=${await freePort()}`));
  const options = { dataDirectory: directory.path, config, ha: true, set: ports };
  await using active = new EngineProcess(options);
  const ready = await active.seen('ready');
  await using standby = new EngineProcess(options);
  await standby.seen('standby');
  const run = new Demo(ready.listeners);
  await run.underWay();
  await active.kill();
  await standby.seen('ready');
  await run.underWay();
  await run.underWay();
  run.child.kill('SIGINT');
  const { code, stdout, stderr } = await run.ended();
  expect(stderr).toBe('');
  expectSums(stdout);
  expect(code).toBe(0);
});

it('says how to start an engine when there is none', async () => {
  const port = await freePort();
  const nowhere = Object.fromEntries(listeners.map((name) => [name, { host: '127.0.0.1', port }]));
  const { code, stderr } = await new Demo(nowhere).ended();
  expect(stderr).toBe(
    `No engine answers at 127.0.0.1:${port} (stomp): start one in another terminal with "npm start".\n`,
  );
  expect(code).toBe(1);
});
