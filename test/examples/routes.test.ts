// examples/routes.yml, in an engine of its own, and directed from the command line.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';

const cli = fileURLToPath(new URL('../../broker/cli.ts', import.meta.url));
const config = fileURLToPath(new URL('../../examples/routes.yml', import.meta.url));

function causeway(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

describe('examples/routes.yml', () => {
  it('moves messages over every kind of route', async () => {
    await using directory = await temporaryDirectory();
    await using engine = new EngineProcess({ dataDirectory: directory.path, config });
    const { listeners, consoleUrl } = await engine.seen('ready');
    const endpoint = `http://127.0.0.1:${listeners['cloud']!.port}`;
    const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    using sqs = new Disposing(new SQSClient(settings));
    using sns = new Disposing(new SNSClient(settings));
    using kinesis = new Disposing(new KinesisClient(settings));
    const receive = async (name: string): Promise<Message> => {
      const QueueUrl = `${endpoint}/000000000000/${name}`;
      const { Messages = [] } = await sqs.client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          WaitTimeSeconds: 10,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      return Messages[0]!;
    };
    const { origin, searchParams } = new URL(consoleUrl);
    const call = async (method: string, body: object): Promise<Record<string, unknown>> => {
      const headers = { authorization: `Bearer ${searchParams.get('token')}`, 'content-type': 'application/json' };
      const answer = await fetch(`${origin}/api/${method}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await answer.json()) as Record<string, unknown>;
    };
    const send = (destination: string, body: string, properties: Record<string, string> = {}) =>
      call('send', { destination, body, encoding: 'text', properties });
    const held = async (destination: string): Promise<readonly { readonly bodyBase64: string }[]> =>
      ((await call('peek', { destination })) as { messages?: { bodyBase64: string }[] }).messages ?? [];

    await send('queue://orders', 'order', { 'legacy-number': '7', 'session-token': 'hidden', 'a b': 'packed' });
    const order = await receive('orders');
    expect(order.Body).toBe('order');
    expect(order.MessageAttributes).toMatchObject({
      OrderNumber: { StringValue: '7' },
      'causeway.packed': { DataType: 'String' },
    });

    await send('queue://purchases', '{"customer":"c-1"}');
    expect((await receive('orders-by-customer.fifo')).Attributes).toMatchObject({ MessageGroupId: 'c-1' });

    await send('queue://parcels', '{"size":"large"}');
    await send('queue://parcels', '{"size":"tiny"}');
    expect((await receive('large')).Body).toBe('{"size":"large"}');
    expect((await receive('small')).Body).toBe('{"size":"tiny"}');

    const invoices = `${endpoint}/000000000000/invoices`;
    await sqs.client.send(new SendMessageCommand({ QueueUrl: invoices, MessageBody: 'invoice' }));
    await expect.poll(() => held('mq:invoices')).toHaveLength(1);

    await kinesis.client.send(new CreateStreamCommand({ StreamName: 'telemetry', ShardCount: 2 }));
    const { TopicArn } = await sns.client.send(new CreateTopicCommand({ Name: 'news' }));
    await send('topic://telemetry.press-7.heat', '21.5');
    await expect.poll(() => state(consoleUrl, 'replay')).toMatch(/ 1 +0 +running$/);
    await expect.poll(() => state(consoleUrl, 'news')).toContain('running');
    await sns.client.send(new PublishCommand({ TopicArn, Message: 'news' }));
    await expect.poll(() => state(consoleUrl, 'news')).toMatch(/ 1 +0 +running$/);

    expect(await causeway('route', 'pause', 'orders', '--url', consoleUrl)).toContain('paused');
    expect(await causeway('route', 'drain', 'orders', '--url', consoleUrl)).toMatch(/paused|draining/);
    expect(await causeway('route', 'resume', 'orders', '--url', consoleUrl)).toContain('running');
    const ledger = await causeway('route', 'ledger', 'orders', '--format', 'csv', '--url', consoleUrl);
    expect(ledger).toContain('session-token,dropped,left out by the route,1,');
    expect(ledger).toContain('(hidden)');
    expect(ledger).not.toContain('hidden,');
    expect(await causeway('route', 'replay', 'orders', '--url', consoleUrl)).toBe('tries 0 dead letters again\n');
    expect(await causeway('route', 'pause', 'none', '--url', consoleUrl)).toContain('no route "none"');
  }, 60_000);

  it('is previewed without an engine', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'm.json');
    const message = {
      body: '{"customer":"c-1"}',
      headers: { correlationId: 'c' },
      properties: [
        { name: 'session-token', type: 'string', value: 'x' },
        { name: 'count', type: 'int', value: 7 },
        { name: 'a b', type: 'boolean', value: true },
      ],
    };
    await writeFile(file, JSON.stringify(message));
    const shown = await causeway('route', 'preview', config, 'orders', '--message', file);
    expect(shown).toContain('orders: crosses to sqs://orders');
    expect(shown).toContain('session-token\tdropped (left out by the route)\t(hidden)');
    expect(shown).toContain('a b\tpacked (into causeway.packed)\ttrue');
    expect(shown).toContain('count\tNumber.int\t7');
    expect(await causeway('route', 'preview', config, 'by-customer', '--message', file)).toContain('key\tc-1');
    expect(await causeway('route', 'preview', config, '--message', file)).toContain('rpc: crosses to sqs://requests');
  });
});

/** The line of a route in the list, without its name. */
async function state(consoleUrl: string, name: string): Promise<string> {
  const lines = (await causeway('route', 'list', '--url', consoleUrl)).split('\n');
  return lines.find((line) => line.startsWith(`${name} `)) ?? '';
}

class Disposing<C extends { destroy(): void }> implements Disposable {
  readonly client: C;

  constructor(client: C) {
    this.client = client;
  }

  [Symbol.dispose](): void {
    this.client.destroy();
  }
}
