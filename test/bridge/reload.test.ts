// Routes that change while they run.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../broker/config.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { message } from '../support/messages.ts';
import { world } from './world.ts';

const cli = fileURLToPath(new URL('../../broker/cli.ts', import.meta.url));
const one = '{name: one, from: queue://a, to: sqs://out}';

function routesOf(text: string) {
  return loadConfig({ set: [`routes=${text}`] });
}

describe('another configuration', () => {
  it('leaves a route that is the same, ends one that is no more, and starts a new one', async () => {
    await using w = await world({ queues: ['out'], routes: `[${one}, {name: two, from: queue://b, to: sqs://out}]` });
    const kept = w.route('one');
    const change = await w.routes.apply(routesOf(`[{name: three, from: queue://c, to: sqs://out}, ${one}]`));
    expect(change).toEqual({ started: ['three'], ended: ['two'], kept: ['one'] });
    expect(w.routes.all.map(({ name }) => name)).toEqual(['three', 'one']);
    expect(w.route('one')).toBe(kept);
    for (const name of ['a', 'b', 'c']) await w.broker.publish({ kind: 'queue', name }, message({ text: name }));
    await expect
      .poll(async () => (await w.messages(w.sqs('out'))).map(({ body }) => body.toString()).sort())
      .toEqual(['a', 'c']);
    expect(w.broker.queue('b').readyCount).toBe(1);
  });

  it('neither loses nor doubles what is on its way, and keeps the counts of a route that became another', async () => {
    await using w = await world({ queues: ['x', 'y'], routes: '[{name: r, from: queue://a, to: sqs://x}]' });
    const total = 3000;
    const sending = (async () => {
      for (let i = 0; i < total; i++) {
        await w.broker.publish({ kind: 'queue', name: 'a' }, message({ text: String(i) }));
      }
    })();
    for (const target of ['y', 'x', 'y', 'x', 'y']) {
      await expect.poll(() => w.route('r').transferred).toBeGreaterThan(w.route('r').deadLettered);
      const { ended, started } = await w.routes.apply(routesOf(`[{name: r, from: queue://a, to: sqs://${target}}]`));
      expect([ended, started]).toEqual([['r'], ['r']]);
    }
    await sending;
    await expect.poll(() => w.route('r').transferred).toBe(total);
    const arrived = [...(await w.messages(w.sqs('x'))), ...(await w.messages(w.sqs('y')))];
    const numbers = arrived.map(({ body }) => Number(body.toString())).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: total }, (_, i) => i));
  });

  it('misses nothing that is published while the route of a topic becomes another', async () => {
    await using w = await world({ queues: ['x', 'y'], routes: '[{name: r, from: topic://t, to: sqs://x}]' });
    const changed = w.routes.apply(routesOf('[{name: r, from: topic://t, to: sqs://y}]'));
    for (let i = 0; i < 100; i++) await w.broker.publish({ kind: 'topic', name: 't' }, message({ text: String(i) }));
    await changed;
    await expect.poll(() => w.sqs('x').readyCount + w.sqs('y').readyCount).toBe(100);
  });
});

it('is read again by the command line and by SIGHUP, as a whole or not at all', async () => {
  await using directory = await temporaryDirectory();
  const config = join(directory.path, 'causeway.yml');
  const write = (text: string) => writeFile(config, text);
  const queues = 'cloud: {queues: [{name: out}]}\n';
  await write(`${queues}routes: [${one}]\n`);
  await using engine = new EngineProcess({ dataDirectory: join(directory.path, 'data'), config });
  const { consoleUrl } = await engine.seen('ready');
  const route = (...args: string[]) =>
    promisify(execFile)(process.execPath, [cli, 'route', ...args, '--url', consoleUrl], { timeout: 20_000 });

  await write(
    `cloud: {iam: observe, queues: [{name: out}, {name: more}]}\nroutes: [${one}, {name: two, from: queue://b, to: sqs://more}]\n`,
  );
  const { stdout } = await route('reload');
  expect(stdout).toBe('started\ttwo\nended\t-\nkept\tone\nwaiting for a restart\tcloud.iam\n');
  expect((await route('list')).stdout).toMatch(/^two +queue:\/\/b -> sqs:\/\/more .* running$/m);

  await write(`${queues}routes: [${one}, {name: two, from: queue://b, too: sqs://more}]\n`);
  await expect(route('reload')).rejects.toMatchObject({
    stderr: expect.stringContaining('unknown key "routes.1.too"') as string,
  });
  expect((await route('list')).stdout).toMatch(/^two +queue:\/\/b -> sqs:\/\/more .* running$/m);

  await write(`${queues}routes: [${one}]\n`);
  engine.signal('SIGHUP');
  await expect.poll(async () => (await route('list')).stdout).not.toContain('two');
}, 60_000);
