// The page on the real engine, run as its users run it: messages over MQTT, across a route into SQS, and a pair of
// engines of which one dies.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mqtt from 'mqtt';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { freePort } from '../support/free-port.ts';
import { hasChromium, openPage, startBrowser } from './open-page.ts';

const configuration = `
cloud:
  queues: [{ name: telemetry }]
routes:
  - { name: telemetry, from: 'topic://telemetry.>', to: 'sqs://telemetry' }
`;

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

    const { host, port } = listeners['mqtt']!;
    const client = await mqtt.connectAsync({ host, port, clientId: 'press-7', protocolVersion: 4, reconnectPeriod: 0 });
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
