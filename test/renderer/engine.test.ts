// The page on the real engine, run as its users run it: messages over MQTT, across a route into SQS, and a pair of
// engines of which one dies.

import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { freePort } from '../support/free-port.ts';
import { connectMqttOnce } from '../support/mqtt-connect.ts';
import { hasChromium, openPage, startBrowser } from './open-page.ts';

const configuration = `
cloud:
  queues: [{ name: telemetry }]
routes:
  - { name: telemetry, from: 'topic://telemetry.>', to: 'sqs://telemetry' }
`;

/** Sends frames, and resolves when the connection is over. */
function stomp(port: number, frames: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1', () => socket.write(frames.map((frame) => `${frame}\0`).join('')));
  socket.on('data', (data) => {
    if (data.includes('ERROR')) reject(new Error(data.toString()));
    if (data.includes('receipt-id:done')) socket.end();
  });
  socket.on('error', reject);
  socket.on('close', () => resolve());
  return promise;
}

describe.skipIf(!hasChromium)('the page on the engine', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('shows a message go from MQTT across a route into SQS, and looks into it, sends, purges and disconnects', async () => {
    await using directory = await temporaryDirectory();
    const config = join(directory.path, 'causeway.yml');
    await writeFile(config, configuration);
    await using engine = new EngineProcess({ dataDirectory: join(directory.path, 'data'), config });
    const { consoleUrl, listeners } = await engine.seen('ready');
    await using open = await openPage(browser, `${consoleUrl}#/destinations`);
    const { page } = open;
    const row = (name: RegExp) => page.getByRole('row', { name });
    await row(/telemetry AWS queue/).waitFor();

    const client = await connectMqttOnce(listeners['mqtt']!.port, { clientId: 'press-7', protocolVersion: 4 });
    for (let i = 0; i < 3; i += 1) await client.publishAsync('telemetry/press-7', `{"celsius":${i}}`, { qos: 1 });
    await row(/telemetry\.press-7 Broker topic/).waitFor();
    await row(/telemetry AWS queue 3/).click();
    await page.getByRole('row', { name: /\{"celsius":2\}/ }).click();
    await page.locator('.body-text').getByText('"celsius"').waitFor();
    await page.getByRole('row', { name: 'destination string topic://telemetry.press-7' }).waitFor();

    await page.getByRole('button', { name: 'Send…' }).click();
    const sending = page.getByRole('dialog');
    await sending.getByLabel('Body', { exact: true }).fill('by hand');
    await sending.getByLabel('Content type').fill('text/plain');
    await sending.getByRole('button', { name: 'Send', exact: true }).click();
    await sending.getByText(/^Sent as [0-9a-f-]{36}$/).waitFor();
    await sending.getByRole('button', { name: 'Close' }).first().click();
    await page.getByRole('row', { name: /by hand/ }).click();
    await page.getByRole('row', { name: 'content-type string text/plain' }).waitFor();

    await page.getByRole('button', { name: 'Purge…' }).click();
    await page.getByRole('button', { name: 'Delete 4 messages' }).click();
    await page.getByText('Deleted 4 messages from telemetry').waitFor();
    await page.getByText('Nothing waits here').waitFor();

    await page.getByRole('link', { name: /^Routes/ }).click();
    const route = page.getByRole('article', { name: 'Route telemetry' });
    await route.getByRole('button', { name: 'Pause route telemetry' }).click();
    await route.getByText('Paused').waitFor();
    await client.publishAsync('telemetry/press-7', '{}', { qos: 1 });
    await route.getByRole('button', { name: 'Resume route telemetry' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.route-figures dd')[1]?.textContent === '4');

    await page.getByRole('link', { name: /^Clients/ }).click();
    await page.getByRole('row', { name: /press-7 MQTT/ }).waitFor();
    const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)));
    await page.getByRole('button', { name: 'Disconnect press-7' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect', exact: true }).click();
    await closed;
    await page.getByText('No clients connected').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('shows a stream, a topic of SNS, a durable subscription and what is scheduled, and works with each', async () => {
    await using directory = await temporaryDirectory();
    const set = ['cloud.queues=[{ name: orders }]'];
    await using engine = new EngineProcess({ dataDirectory: directory.path, set });
    const { consoleUrl, listeners } = await engine.seen('ready');
    const cloud = {
      endpoint: `http://127.0.0.1:${listeners['cloud']!.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    };
    const kinesis = new KinesisClient(cloud);
    await kinesis.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 2 }));
    kinesis.destroy();
    const sns = new SNSClient(cloud);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'events' }));
    const queue = 'arn:aws:sqs:us-east-1:000000000000:orders';
    const raw = { RawMessageDelivery: 'true' };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue, Attributes: raw }));
    sns.destroy();
    await stomp(listeners['stomp']!.port, [
      'CONNECT\naccept-version:1.2\nhost:/\nclient-id:office\n\n',
      'SUBSCRIBE\nid:1\ndestination:/topic/prices.>\nactivemq.subscriptionName:watch\nselector:eur > 3\n\n',
      'UNSUBSCRIBE\nid:1\n\n',
      'SEND\ndestination:/topic/prices.a\neur:5\n\nfive',
      'SEND\ndestination:/queue/later\nAMQ_SCHEDULED_DELAY:3600000\nAMQ_SCHEDULED_PERIOD:60000\nAMQ_SCHEDULED_REPEAT:2\n\nx',
      'DISCONNECT\nreceipt:done\n\n',
    ]);

    await using open = await openPage(browser, `${consoleUrl}#/destinations`);
    const { page } = open;
    const all = () => page.getByRole('main').getByRole('link', { name: 'All destinations' }).click();
    await page.getByText('5 destinations').waitFor();
    await page.getByRole('row', { name: /^clicks 2 shards, 1 d, .* AWS stream/ }).click();
    await page.getByRole('button', { name: 'Put a record…' }).click();
    const putting = page.getByRole('dialog');
    await putting.getByLabel('Partition key').fill('k');
    await putting.getByLabel('Data', { exact: true }).fill('{"click":1}');
    await putting.getByRole('button', { name: 'Put', exact: true }).click();
    await putting.getByText(/^Put into shardId-00000000000[01]$/).waitFor();
    await putting.getByRole('button', { name: 'Close' }).first().click();
    await page.locator('.body-text').getByText('"click"').waitFor();

    await all();
    await page.getByRole('row', { name: /^events AWS topic/ }).click();
    await page.getByRole('row', { name: /orders sqs confirmed none/ }).waitFor();
    await page.getByRole('button', { name: 'Publish…' }).click();
    const publishing = page.getByRole('dialog');
    await publishing.getByLabel('Body', { exact: true }).fill('by hand');
    await publishing.getByRole('button', { name: 'Publish' }).click();
    await publishing.getByText(/^Published as/).waitFor();
    await publishing.getByRole('button', { name: 'Close' }).first().click();

    await all();
    await page.getByRole('row', { name: /^orders AWS queue 1/ }).waitFor();
    await page.getByRole('row', { name: /^watch of office to prices\.> Broker durable subscription 1/ }).click();
    await page.getByText('eur > 3').waitFor();
    await page.locator('.body-text').getByText('five').waitFor();
    await page.getByRole('button', { name: 'Unsubscribe…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unsubscribe' }).click();
    await page.getByText('4 destinations').waitFor();

    await page.getByRole('link', { name: /^Scheduled/ }).click();
    await page.getByRole('row', { name: /queue:\/\/later .* every 1 min, 2 more/ }).waitFor();
    await page.getByRole('button', { name: /^Cancel the message/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the message' }).click();
    await page.getByText('Nothing waits for its time').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('goes on by itself when the standby takes over the address, with the token that it has', async () => {
    await using directory = await temporaryDirectory();
    const port = await freePort();
    // The lease is long: a busy machine is no reason to take over, and a killed engine lets go of the lock at once.
    const set = [`listeners.console=${port}`, 'ha.leaseMs=60000'];
    const options = { dataDirectory: directory.path, ha: true, set };
    await using active = new EngineProcess(options);
    const { consoleUrl } = await active.seen('ready');
    await using standby = new EngineProcess(options);
    await standby.seen('standby');
    await expect(fetch(new URL('/health', consoleUrl)).then((response) => response.json())).resolves.toMatchObject({
      role: 'active',
    });

    await using open = await openPage(browser, `${consoleUrl}#/destinations?q=orders`);
    const { page } = open;
    await page.getByText('Active', { exact: true }).waitFor();
    const epoch = () => page.locator('.badge[title*="Epoch"]').getAttribute('title');
    const before = await epoch();
    await page.evaluate(async () => {
      const token = sessionStorage.getItem('causeway.token');
      const body = JSON.stringify({ destination: 'queue://orders', body: 'kept', encoding: 'text' });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      await fetch('/api/send', { method: 'POST', headers, body });
    });
    await page.getByRole('row', { name: /orders Broker queue 1/ }).waitFor();

    await active.kill();
    await page.getByRole('alert').waitFor();
    await standby.seen('ready');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByText('Active', { exact: true }).waitFor();
    expect(await epoch()).not.toBe(before);
    expect(await page.getByRole('searchbox').inputValue()).toBe('orders');
    await page.getByRole('row', { name: /orders Broker queue 1/ }).waitFor();
  });
});
