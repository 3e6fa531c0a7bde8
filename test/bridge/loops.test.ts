// Messages that come back: in a circle, which ends, and because people have turned a route round, which is what they want.

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attributesOf } from '../../broker/cloud/sqs/model/message.ts';
import { loadConfig } from '../../broker/config.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { freePort } from '../support/free-port.ts';
import { message } from '../support/messages.ts';
import { world } from './world.ts';
import type { World } from './world.ts';

const toQueue = (name: string) => ({ kind: 'queue', name }) as const;
const there = '{name: r, from: queue://in, to: sqs://out}';
const back = '{name: back, from: sqs://out, to: queue://in}';
const routesOf = (text: string) => loadConfig({ set: [`routes=${text}`] });

/** As somebody who carries it round the engine. */
async function carryBack(w: World): Promise<void> {
  const [{ properties, path } = message()] = await w.messages(w.sqs('out'));
  await w.broker.publish(toQueue('in'), message({ text: 'again', properties, path }));
}

const reasons = async (w: World): Promise<unknown[]> =>
  (await w.broker.queue('ActiveMQ.DLQ').browse(0, 10)).map(({ entry }) => entry.dead?.reason);

describe('a message that meets a route again', () => {
  it('becomes a dead letter, with its way, after a restart too', async () => {
    const first = await world({ queues: ['out'], routes: `[${there}]` });
    await first.broker.publish(toQueue('in'), message({ text: 'x' }));
    await expect.poll(() => first.sqs('out').readyCount).toBe(1);
    await carryBack(first);
    await expect.poll(() => reasons(first)).toEqual(['route r: it came back: r -> r']);
    await first[Symbol.asyncDispose]();
    await using again = await world({ routes: `[${there}]`, store: first.store });
    await carryBack(again);
    await expect.poll(() => reasons(again)).toHaveLength(2);
  });

  it('crosses once more when the way was turned round in between, and back', async () => {
    await using w = await world({ queues: ['out'], routes: `[${there}]` });
    await w.broker.publish(toQueue('in'), message({ text: 'x' }));
    await expect.poll(() => w.sqs('out').readyCount).toBe(1);
    for (let turn = 0; turn < 3; turn++) {
      await w.routes.apply(routesOf(`[${back}]`));
      await expect.poll(() => w.broker.queue('in').readyCount).toBe(1);
      await w.routes.apply(routesOf(`[${there}]`));
      await expect.poll(() => w.sqs('out').readyCount).toBe(1);
    }
    expect(w.broker.find('mq', 'ActiveMQ.DLQ')?.readyCount ?? 0).toBe(0);
  });

  it('crosses once more when the route itself was turned round, under the same name', async () => {
    await using w = await world({ queues: ['out'], routes: `[${there}]` });
    await w.broker.publish(toQueue('in'), message({ text: 'x' }));
    await expect.poll(() => w.sqs('out').readyCount).toBe(1);
    await w.routes.apply(routesOf('[{name: r, from: sqs://out, to: queue://in}]'));
    await expect.poll(() => w.broker.queue('in').readyCount).toBe(1);
    expect(w.route('r').deadLettered).toBe(0);
  });

  it('is none that an engine without identifiers marked with the same name', async () => {
    await using w = await world({ queues: ['out'], routes: `[${there}]` });
    await w.broker.publish(toQueue('in'), message({ text: 'x', path: 'r,other' }));
    await expect.poll(() => w.sqs('out').readyCount).toBe(1);
    expect((await w.messages(w.sqs('out')))[0]?.path).toMatch(/^r,other,r@[\w-]{8}$/);
    // The next time it is: there is no circle without an end.
    await carryBack(w);
    await expect.poll(() => reasons(w)).toEqual(['route r: it came back: r -> other -> r -> r']);
  });

  it('remembers sixteen routes, however long their names are', async () => {
    const name = 'n'.repeat(80);
    await using w = await world({ queues: ['out'], routes: `[{name: ${name}, from: queue://in, to: sqs://out}]` });
    const path = Array.from({ length: 16 }, (_, i) => `${name}@0000000${i % 10}`).join(',');
    await w.broker.publish(toQueue('in'), message({ text: 'x', path }));
    await expect.poll(() => w.sqs('out').readyCount).toBe(1);
    const steps = (await w.messages(w.sqs('out')))[0]?.path?.split(',') ?? [];
    expect([steps.length, steps[0], steps.at(-1)?.startsWith(`${name}@`)]).toEqual([16, `${name}@00000001`, true]);
  });
});

it('tells its path to those who ask for it by name, and to no other receiver', () => {
  const crossed = message({ path: 'r@12345678' });
  for (const names of [['All'], ['.*'], ['causeway.*'], ['colour']]) expect(attributesOf(crossed, names).size).toBe(0);
  expect([...attributesOf(crossed, ['All', 'causeway.path'])]).toEqual([
    ['causeway.path', { DataType: 'String', StringValue: 'r@12345678' }],
  ]);
});

it('goes through two engines that name their routes alike, and once round them at most', async () => {
  await using directory = await temporaryDirectory();
  const [near, far] = [await freePort(), await freePort()];
  const config = join(directory.path, 'near.yml');
  await writeFile(
    config,
    `
cloud: { queues: [{ name: in }] }
remotes: { far: { type: aws, endpoint: "http://127.0.0.1:${far}", credentials: { accessKeyId: a, secretAccessKey: b } } }
routes:
  - { name: orders, from: sqs://in, to: sqs://one@far }
  - { name: back, from: sqs://two@far, to: sqs://in }
`,
  );
  const farConfig = join(directory.path, 'far.yml');
  await writeFile(
    farConfig,
    `
cloud: { queues: [{ name: one }, { name: two }] }
routes:
  - { name: orders, from: sqs://one, to: sqs://two }
`,
  );
  const start = (name: string, port: number, file: string): EngineProcess =>
    new EngineProcess({
      dataDirectory: join(directory.path, name),
      config: file,
      set: [`listeners.cloud=${port}`, 'console.token=a-token-of-this-test', 'log.level=error'],
    });
  await using farEngine = start('far', far, farConfig);
  await farEngine.seen('ready');
  await using nearEngine = start('near', near, config);
  const { listeners } = await nearEngine.seen('ready');
  const endpoint = `http://127.0.0.1:${near}`;
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  await sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/in`, MessageBody: 'x' }));
  sqs.destroy();
  const dead = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${listeners['console']!.port}/api/peek`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-token-of-this-test', 'content-type': 'application/json' },
      body: JSON.stringify({ destination: 'mq:ActiveMQ.DLQ', limit: 1 }),
    });
    return response.text();
  };
  await expect
    .poll(dead, { timeout: 20_000, interval: 100 })
    .toContain('route orders: it came back: orders -> orders -> back -> orders');
}, 60_000);
