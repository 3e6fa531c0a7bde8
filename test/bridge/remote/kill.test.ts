// The engine is killed while its routes write to AWS and take from it: nothing is lost, FIFO has nothing twice.

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { freePort } from '../../support/free-port.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { duplicates, farAws, random } from './far-aws.ts';

const kills = 4;
const perRound = 60;
const groups = 5;

it('loses nothing when the near engine is killed and calls fail, through standard and FIFO queues and a stream', async () => {
  await using far = await farAws();
  await using directory = await temporaryDirectory();
  for (const queue of ['standard', 'ordered.fifo', 'back']) await far.queue(queue);
  await far.stream('records', 2);
  const config = join(directory.path, 'causeway.yml');
  await writeFile(
    config,
    `
cloud: { queues: [{ name: a }, { name: b }, { name: c }, { name: d }, { name: home }, { name: home-records }] }
remotes:
  far: ${far.remote}
routes:
  - { name: a, from: sqs://a, to: sqs://standard@far }
  - { name: b, from: sqs://b, to: sqs://ordered.fifo@far, key: "json:$.k" }
  - { name: c, from: sqs://c, to: kinesis://records@far, key: "json:$.k" }
  - { name: d, from: sqs://d, to: sqs://back@far }
  - { name: e, from: sqs://back@far, to: sqs://home }
  - { name: f, from: kinesis://records@far, to: sqs://home-records }
`,
  );
  const cloud = await freePort();
  const start = (): EngineProcess =>
    new EngineProcess({ dataDirectory: directory.path, config, set: [`listeners.cloud=${cloud}`, 'log.level=error'] });
  const endpoint = `http://127.0.0.1:${cloud}`;
  const settings = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 };
  const sqs = new SQSClient({ ...settings, endpoint });
  const accepted = { a: new Set<string>(), b: new Set<string>(), c: new Set<string>(), d: new Set<string>() };
  const queues = ['a', 'b', 'c', 'd'] as const;

  // The network does its part: of ten calls that write, one fails, and the half of these too late.
  const next = random(8);
  const faults: readonly Fault[] = ['drop', 'fail', 'throttle', 'lose', 'fail-after', 'cut'];
  far.proxy.faults = ({ action }) => {
    if (!/^(SendMessageBatch|PutRecords)$/.test(action) || next() < 0.9) return 'pass';
    return faults[Math.floor(next() * faults.length)]!;
  };

  let engine = start();
  await engine.seen('ready');
  for (let round = 0; round <= kills; round++) {
    const sends = queues.map(async (queue) => {
      // One after the other: what was accepted has an order.
      for (let i = 0; i < perRound; i++) {
        const n = round * perRound + i;
        const body = JSON.stringify({ k: `k${n % groups}`, n });
        await sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/${queue}`, MessageBody: body }));
        accepted[queue].add(body);
      }
    });
    const all = Promise.allSettled(sends);
    if (round < kills) {
      await expect.poll(() => accepted.a.size).toBeGreaterThan(round * 15 + 15);
      await engine.kill();
      await all;
      engine = start();
      await engine.seen('ready');
    } else await all;
  }

  const near = new SQSClient({ ...settings, endpoint });
  const collect = async (drain: () => Promise<string[]>, wanted: ReadonlySet<string>): Promise<string[]> => {
    const found: string[] = [];
    const isComplete = async (): Promise<boolean> => {
      found.push(...(await drain()));
      const seen = new Set(found);
      return [...wanted].every((body) => seen.has(body));
    };
    // What a killed engine had taken from far away is visible again after half a minute.
    await expect.poll(isComplete, { timeout: 60_000, interval: 500 }).toBe(true);
    return found;
  };
  const farBodies = (queue: string) => async (): Promise<string[]> =>
    (await far.drain(queue)).map(({ Body = '' }) => Body);
  const nearBodies = (queue: string) => async (): Promise<string[]> =>
    (await far.drain(queue, near, endpoint)).map(({ Body = '' }) => Body);

  const standard = await collect(farBodies('standard'), accepted.a);
  const ordered = await collect(farBodies('ordered.fifo'), accepted.b);
  const home = await collect(nearBodies('home'), accepted.d);
  const records = await collect(nearBodies('home-records'), accepted.c);
  expect(duplicates(ordered)).toBe(0);
  // Of each key, what is there is in its order: one that was sent twice is counted where it was first.
  const numbers = (bodies: readonly string[], key: string): number[] =>
    [...new Set(bodies)]
      .map((body) => JSON.parse(body) as { readonly k: string; readonly n: number })
      .filter(({ k }) => k === key)
      .map(({ n }) => n);
  for (let key = 0; key < groups; key++) {
    const ofGroup = numbers(ordered, `k${key}`);
    expect(ofGroup).toEqual(ofGroup.toSorted((a, b) => a - b));
  }
  const counts = { standard, home, records };
  for (const [name, bodies] of Object.entries(counts)) {
    expect({ name, duplicates: duplicates(bodies) }).toEqual({ name, duplicates: expect.any(Number) });
    expect(duplicates(bodies)).toBeLessThan(kills * 200);
  }
  for (const client of [sqs, near]) client.destroy();
  engine.signal('SIGTERM');
  await engine.exited;
}, 240_000);
