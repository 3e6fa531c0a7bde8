// A shadow as its users see it: STOMP on the side that is production, the SDK of SQS on the other.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { Client } from 'stompit';
import type { RouteComparison } from '../../../broker/control/api-routes.ts';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { connectStomp } from '../../support/stomp-load.ts';

const cli = fileURLToPath(new URL('../../../broker/cli.ts', import.meta.url));
const example = fileURLToPath(new URL('../../../examples/shadow.yml', import.meta.url));

interface Sides extends AsyncDisposable {
  readonly engine: EngineProcess;
  readonly stomp: Client;
  send(queue: string, body: string, headers?: Record<string, string>): Promise<void>;
  /** Receives so many over STOMP, and acknowledges each. */
  consume(queue: string, count: number): Promise<string[]>;
  sqsSend(queue: string, body: string): Promise<void>;
  sqsReceive(queue: string): Promise<readonly Message[]>;
  sqsDelete(queue: string, message: Message): Promise<void>;
  compare(name: string): Promise<RouteComparison>;
  causeway(...args: string[]): Promise<string>;
}

async function start(config: string): Promise<Sides> {
  const directory = await temporaryDirectory();
  const engine = new EngineProcess({ dataDirectory: directory.path, config });
  const { listeners, consoleUrl } = await engine.seen('ready');
  const stomp = await connectStomp(listeners['stomp']!.port);
  const endpoint = `http://127.0.0.1:${listeners['cloud']!.port}`;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials });
  const url = (queue: string): string => `${endpoint}/000000000000/${queue}`;
  const causeway = (...args: string[]): Promise<string> =>
    new Promise((resolve) => {
      execFile(process.execPath, [cli, ...args, '--url', consoleUrl], (_, stdout, stderr) => resolve(stdout + stderr));
    });
  return {
    engine,
    stomp,
    causeway,
    send: (queue, body, headers = {}) =>
      new Promise((resolve) => {
        const frame = stomp.send(
          { destination: `/queue/${queue}`, persistent: 'true', ...headers },
          { onReceipt: () => resolve() },
        );
        frame.end(body);
      }),
    consume: (queue, count) => consume(stomp, queue, count),
    sqsSend: async (queue, MessageBody) => {
      await sqs.send(new SendMessageCommand({ QueueUrl: url(queue), MessageBody }));
    },
    sqsReceive: async (queue) => {
      const found: Message[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl: url(queue), MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
        );
        if (Messages.length === 0) return found;
        found.push(...Messages);
      }
    },
    sqsDelete: async (queue, { ReceiptHandle }) => {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url(queue), ReceiptHandle }));
    },
    compare: async (name) =>
      JSON.parse(await causeway('route', 'compare', name, '--format', 'json')) as RouteComparison,
    [Symbol.asyncDispose]: async () => {
      stomp.destroy();
      sqs.destroy();
      await engine[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

function consume(stomp: Client, queue: string, count: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const found: string[] = [];
    const subscription = stomp.subscribe(
      { destination: `/queue/${queue}`, ack: 'client-individual' },
      (error, message) => {
        if (error) {
          reject(error);
          return;
        }
        message.readString('utf8', (failure, body = '') => {
          if (failure) reject(failure);
          stomp.ack(message);
          if (found.push(body) < count) return;
          subscription.unsubscribe();
          resolve(found);
        });
      },
    );
  });
}

describe('a shadow', () => {
  it('compares consumers over STOMP with consumers of SQS, and reports once it is drained', async () => {
    await using directory = await temporaryDirectory();
    const config = join(directory.path, 'causeway.yml');
    const route = '{ name: s, from: queue://orders, to: sqs://orders, mode: shadow';
    const compare = 'compare: { lateMs: 200, windowMs: 6000 } }';
    await writeFile(config, `cloud: { queues: [{ name: orders }] }\nroutes: [${route}, ${compare}]\n`);
    await using sides = await start(config);
    for (let i = 0; i < 20; i++) await sides.send('orders', `{"order":${i}}`);
    expect(await sides.consume('orders', 20)).toHaveLength(20);
    const copies = await sides.sqsReceive('orders');
    expect(copies.map(({ Body }) => Body)).toEqual(Array.from({ length: 20 }, (_, i) => `{"order":${i}}`));
    // It took longer than it may; two change places, one never comes.
    const [first, second, , ...rest] = copies;
    for (const copy of [second!, first!, ...rest]) await sides.sqsDelete('orders', copy);
    await expect
      .poll(async () => (await sides.compare('s')).compared?.counts)
      .toMatchObject({ left: 20, right: 19, arrived: 19, missing: 1, extra: 0, reordered: 1, late: 19, different: 0 });
    await sides.causeway('route', 'drain', 's');
    await expect.poll(() => sides.engine.stderr).toMatch(/"arrived":19.*"compared"|compared.*"arrived":19/);
    const text = await sides.causeway('route', 'compare', 's');
    expect(text).toContain('s: shadow of queue://orders to sqs://orders');
    expect(text).toMatch(/ missing +1 {2}not done with in sqs:\/\/orders within 6 s/);
    expect(await sides.causeway('route', 'compare', 's', '--format', 'csv')).toContain('arrived,19,,,');
    expect(await sides.causeway('route', 'list')).toContain('queue://orders ~> sqs://orders');
  }, 60_000);
});

describe('examples/shadow.yml', () => {
  it('shadows, compares what two sides make of it, and runs dry', async () => {
    await using sides = await start(example);
    await sides.send('orders', 'order');
    expect(await sides.consume('orders', 1)).toEqual(['order']);
    const [copy] = await sides.sqsReceive('orders');
    await sides.sqsDelete('orders', copy!);
    expect((await sides.compare('orders')).compared?.counts).toMatchObject({
      left: 1,
      right: 1,
      arrived: 1,
      different: 0,
    });

    for (const [quote, total] of [
      [1, 10],
      [2, 20],
    ]) {
      const priced = JSON.stringify({ quote, total, currency: 'EUR', at: 'left' });
      await sides.send('quotes.priced', priced, { 'correlation-id': `c-${quote}` });
      const other = JSON.stringify({ quote, total: 10, currency: 'EUR', at: 'right' });
      await sides.send('quotes.priced-by-the-new-one', other, { 'correlation-id': `c-${quote}` });
    }
    await sides.consume('quotes.priced', 2);
    await sides.consume('quotes.priced-by-the-new-one', 2);
    await expect
      .poll(async () => (await sides.compare('quotes')).compared)
      .toMatchObject({
        counts: { arrived: 2, different: 1 },
        examples: [{ state: 'different', id: '2', difference: { field: 'json:$.total', left: '20', right: '10' } }],
      });

    await sides.send('parcels', 'in a group', { JMSXGroupID: 'g' });
    await sides.send('parcels', 'in none');
    await expect
      .poll(async () => sides.compare('parcels'))
      .toMatchObject({ mode: 'dry-run', sent: 1, refused: 1, behind: 0 });
    expect(await sides.sqsReceive('parcels.fifo')).toEqual([]);
    expect(await sides.consume('parcels', 2)).toHaveLength(2);
    expect(await sides.causeway('route', 'ledger', 'parcels', '--format', 'csv')).toContain('body,refused,');
  }, 60_000);
});
