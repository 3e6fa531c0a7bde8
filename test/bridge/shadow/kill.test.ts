// Messages that are put into shadowed queues while the engine is killed: each has its copy, once. A put and its copy are one
// transaction, and so are the copy's end and its arrival.

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { freePort } from '../../support/free-port.ts';
import { connectStomp, StompLoad } from '../../support/stomp-load.ts';

const kills = 5;
const perRound = 400;

const configuration = `
cloud: { queues: [{ name: feed }] }
console: { token: a-token-of-this-test }
routes:
  - { name: orders, from: "queue://in.*", to: queue://copy, mode: shadow }
  - { name: feed, from: sqs://feed, to: queue://feed-copy, mode: shadow }
`;

it('copies each once, whatever is killed', async () => {
  await using directory = await temporaryDirectory();
  const config = join(directory.path, 'causeway.yml');
  await writeFile(config, configuration);
  const [cloud, console, stomp] = [await freePort(), await freePort(), await freePort()];
  const set = [`listeners.cloud=${cloud}`, `listeners.console=${console}`, `listeners.stomp=${stomp}`];
  const start = () => new EngineProcess({ dataDirectory: directory.path, config, set });
  const endpoint = `http://127.0.0.1:${cloud}`;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  const peek = async (destination: string, after: number): Promise<Page> => {
    const headers = { authorization: 'Bearer a-token-of-this-test', 'content-type': 'application/json' };
    const body = JSON.stringify({ destination, after, limit: 100 });
    const answer = await fetch(`http://127.0.0.1:${console}/api/peek`, { method: 'POST', headers, body });
    return (await answer.json()) as Page;
  };
  const bodies = async (destination: string): Promise<string[]> => {
    const found: string[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const page: Page = await peek(destination, after);
      for (const { bodyBase64 } of page.messages ?? []) found.push(Buffer.from(bodyBase64, 'base64').toString());
      after = page.next;
    }
    return found.sort();
  };

  const accepted: string[] = [];
  for (let round = 0; round <= kills; round++) {
    const engine = start();
    await engine.seen('ready');
    const load = new StompLoad(await connectStomp(stomp), { queue: `in.${round % 2}`, prefix: `${round}` });
    const sends = Promise.allSettled(
      Array.from({ length: 50 }, async (_, i) => {
        const MessageBody = `sqs-${round}-${i}`;
        await sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/feed`, MessageBody }));
        accepted.push(MessageBody);
      }),
    );
    await load.reached(perRound);
    engine.signal(round < kills ? 'SIGKILL' : 'SIGTERM');
    await engine.exited;
    load.stop();
    await sends;
    accepted.push(...load.acknowledged);
  }
  await using engine = start();
  await engine.seen('ready');
  const sent = [...(await bodies('mq:in.0')), ...(await bodies('mq:in.1'))].sort();
  const fed = await bodies('aws/000000000000/us-east-1:feed');
  const there = new Set([...sent, ...fed]);
  expect(accepted.filter((body) => !there.has(body))).toEqual([]);
  expect(sent.length).toBeGreaterThan(kills * perRound);
  await expect.poll(() => bodies('mq:copy'), { timeout: 30_000, interval: 500 }).toEqual(sent);
  await expect.poll(() => bodies('mq:feed-copy'), { timeout: 30_000, interval: 500 }).toEqual(fed);
}, 120_000);

interface Page {
  readonly messages?: readonly { readonly bodyBase64: string }[];
  readonly next?: number;
}
