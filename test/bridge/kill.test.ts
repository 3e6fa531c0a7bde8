// Messages that go through every kind of local end, one after the other, while the engine is killed: each comes out once.

import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { freePort } from '../support/free-port.ts';

const kills = 5;
const perRound = 60;

const configuration = `
cloud: { queues: [{ name: in }, { name: fifo.fifo }] }
console: { token: a-token-of-this-test }
routes:
  - { name: a, from: sqs://in, to: topic://t.a }
  - { name: b, from: "topic://t.*", to: kinesis://s, key: "json:$.k", envelope: structured }
  - { name: c, from: kinesis://s, to: sns://n }
  - { name: d, from: sns://n, to: sqs://fifo.fifo, key: "json:$.k" }
  - name: e
    from: sqs://fifo.fifo
    to:
      - { address: queue://out, name: out }
      - { address: queue://copy, name: copy }
`;

it('comes out once, whatever is killed', async () => {
  await using directory = await temporaryDirectory();
  const config = join(directory.path, 'causeway.yml');
  await writeFile(config, configuration);
  const [cloud, console] = [await freePort(), await freePort()];
  const start = () =>
    new EngineProcess({
      dataDirectory: directory.path,
      config,
      set: [`listeners.cloud=${cloud}`, `listeners.console=${console}`],
    });
  const endpoint = `http://127.0.0.1:${cloud}`;
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
  const sqs = new SQSClient(settings);
  const call = async (method: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { authorization: 'Bearer a-token-of-this-test', 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${console}/api/${method}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
  const bodies = async (destination: string): Promise<string[]> => {
    const found: string[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const page: { messages?: { bodyBase64: string }[]; next?: number } = await call('peek', {
        destination,
        after,
        limit: 100,
      });
      for (const { bodyBase64 } of page.messages ?? []) found.push(Buffer.from(bodyBase64, 'base64').toString());
      after = page.next;
    }
    return found;
  };

  const accepted = new Set<string>();
  let engine = start();
  await engine.seen('ready');
  await new KinesisClient(settings).send(new CreateStreamCommand({ StreamName: 's', ShardCount: 2 }));
  await new SNSClient(settings).send(new CreateTopicCommand({ Name: 'n' }));
  // A topic keeps nothing for those who have not subscribed yet.
  const states = async (): Promise<unknown> =>
    ((await call('listRoutes', {})) as { routes: { state: string }[] }).routes.map(({ state }) => state);
  await expect.poll(states, { timeout: 10_000 }).toEqual(Array.from({ length: 6 }, () => 'running'));
  for (let round = 0; round <= kills; round++) {
    const sends = Array.from({ length: perRound }, async (_, i) => {
      const body = JSON.stringify({ k: `k${i % 5}`, n: `${round}-${i}` });
      await sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/in`, MessageBody: body }));
      accepted.add(body);
    });
    // What was not answered may have come or not.
    const all = Promise.allSettled(sends);
    if (round < kills) {
      await expect.poll(() => accepted.size).toBeGreaterThan(round * 20);
      engine.signal('SIGKILL');
      await engine.exited;
      await all;
      engine = start();
      await engine.seen('ready');
    } else await all;
  }
  const isComplete = async (destination: string): Promise<boolean> => {
    const found = new Set(await bodies(destination));
    return [...accepted].every((body) => found.has(body));
  };
  await expect.poll(() => isComplete('mq:out'), { timeout: 40_000, interval: 500 }).toBe(true);
  await expect.poll(() => isComplete('mq:copy'), { timeout: 10_000, interval: 500 }).toBe(true);
  for (const destination of ['mq:out', 'mq:copy']) {
    const found = await bodies(destination);
    expect(found).toHaveLength(new Set(found).size);
  }
  engine.signal('SIGTERM');
  await engine.exited;
}, 120_000);
