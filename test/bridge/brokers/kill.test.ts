// Routes from, to and between other brokers while the engine is killed: everything arrives, and what comes twice is counted.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listening } from '../../protocols/listening.ts';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { message } from '../../support/messages.ts';

const kills = 3;
const perRound = 300;

it('everything arrives, whatever is killed', async () => {
  await using far = await listening('any');
  await using directory = await temporaryDirectory();
  const config = join(directory.path, 'causeway.yml');
  const at = (type: string) => `{ type: ${type}, url: "${type}://127.0.0.1:${far.port}" }`;
  await writeFile(
    config,
    `
remotes: { a: ${at('amqp')}, m: ${at('mqtt')}, s: ${at('stomp')} }
routes:
  - { name: one, from: queue://in@a, to: queue://here }
  - { name: two, from: queue://here, to: queue://there@a }
  - { name: three, from: queue://there@s, to: topic://t.x@m }
  - { name: four, from: "topic://t.>@m", to: queue://out@s }
`,
  );
  const start = () => new EngineProcess({ dataDirectory: directory.path, config });
  const out = far.broker.queue('out');
  let engine = start();
  await engine.seen('ready');
  await expect.poll(() => far.broker.topics.match('t.x').length).toBe(1);
  let sent = 0;
  for (let round = 0; round <= kills; round++) {
    const before = out.readyCount;
    for (let i = 0; i < perRound; i++) {
      await far.broker.publish({ kind: 'queue', name: 'in' }, message({ text: String(sent++) }));
    }
    if (round === kills) break;
    await expect.poll(() => out.readyCount).toBeGreaterThan(before + 50);
    await engine.kill();
    engine = start();
    await engine.seen('ready');
  }
  const bodies = async (): Promise<number[]> =>
    (await out.browse(0, 100_000)).map(({ message: { body } }) => Number(body));
  await expect.poll(async () => new Set(await bodies()).size, { timeout: 30_000, interval: 300 }).toBe(sent);
  // At most what was under way on each of the four when the engine was killed.
  expect((await bodies()).length).toBeLessThan(sent + kills * 4 * 1000);
  // Nothing of the connections keeps it.
  engine.signal('SIGTERM');
  await expect.poll(() => engine.isRunning).toBe(false);
}, 120_000);
