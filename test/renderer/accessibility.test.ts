// No violation that axe-core knows of, in any view, in light and dark, wide and narrow.

import { source } from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeConsole } from '../support/fake-console.ts';
import { hasChromium, openPage, startBrowser } from './open-page.ts';

const queue = (id: string) => `#/destinations/${encodeURIComponent(id)}`;

interface Look {
  readonly name: string;
  readonly hash: string;
  /** What to do there before looking. */
  readonly prepare: (page: Page) => Promise<unknown>;
}

const views: readonly Look[] = [
  { name: 'overview', hash: '#/overview', prepare: (page) => page.getByText('stomp://').waitFor() },
  { name: 'destinations', hash: '#/destinations', prepare: (page) => page.getByText('20 destinations').waitFor() },
  {
    name: 'a filter that finds nothing',
    hash: '#/destinations?q=none',
    prepare: (page) => page.getByText('0 of 20').waitFor(),
  },
  { name: 'a queue', hash: queue('mq:queue:shipping.labels'), prepare: (page) => page.locator('.body-text').waitFor() },
  {
    name: 'dead letters',
    hash: queue('aws:queue:orders-dead-letters'),
    prepare: (page) => page.getByText('Dead-lettered:').waitFor(),
  },
  {
    name: 'a topic',
    hash: queue('mq:topic:telemetry.oven-2.temperature'),
    prepare: (page) => page.getByText(/mosquitto_sub/).waitFor(),
  },
  {
    name: 'sending',
    hash: queue('mq:queue:orders'),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Send…' }).click();
      await page.getByRole('button', { name: 'Add property' }).click();
    },
  },
  {
    name: 'purging',
    hash: queue('mq:queue:shipping.labels'),
    prepare: (page) => page.getByRole('button', { name: 'Purge…' }).click(),
  },
  {
    name: 'a topic of SNS',
    hash: queue('aws:topic:order-events'),
    prepare: (page) => page.getByRole('row', { name: /orders sqs/ }).click(),
  },
  { name: 'a stream', hash: queue('aws:stream:page-views'), prepare: (page) => page.locator('.body-text').waitFor() },
  {
    name: 'putting a record',
    hash: queue('aws:stream:page-views'),
    prepare: (page) => page.getByRole('button', { name: 'Put a record…' }).click(),
  },
  {
    name: 'a durable subscription',
    hash: queue('mq:subscription:ledger'),
    prepare: (page) => page.getByText('amount > 100').waitFor(),
  },
  {
    name: 'sending to a FIFO queue',
    hash: queue('aws:queue:invoices.fifo'),
    prepare: (page) => page.getByRole('button', { name: 'Send…' }).click(),
  },
  { name: 'scheduled messages', hash: '#/scheduled', prepare: (page) => page.getByText('5 messages').waitFor() },
  {
    name: 'cancelling one',
    hash: '#/scheduled',
    prepare: (page) =>
      page
        .getByRole('button', { name: /^Cancel the message/ })
        .first()
        .click(),
  },
  {
    name: 'mail, with a link that confirms',
    hash: '#/mail',
    prepare: async (page) => {
      await page.getByRole('row', { name: /Subscription Confirmation/ }).click();
      await page.getByRole('link', { name: 'Confirm the subscription' }).waitFor();
      await page.locator('.body-text').waitFor();
    },
  },
  {
    name: 'clearing the mailbox',
    hash: '#/mail?kind=sms',
    prepare: (page) => page.getByRole('button', { name: 'Clear…' }).click(),
  },
  {
    name: 'a configuration that was read again',
    hash: '#/routes',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Reload configuration' }).click();
      await page.getByText(/^Configuration read again/).waitFor();
    },
  },
  { name: 'routes', hash: '#/routes', prepare: (page) => page.getByRole('article').first().waitFor() },
  { name: 'clients', hash: '#/clients', prepare: (page) => page.getByText('8 clients').waitFor() },
];

/** Colours differ by scheme and places by width: two looks see all four. */
const looks = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const results = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

describe.skipIf(!hasChromium).each(looks)('in $colorScheme at $viewport.width pixels', (look) => {
  let browser: Browser;
  let server: FakeConsole;
  beforeAll(async () => {
    browser = await startBrowser();
    server = await FakeConsole.start();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it.each(views)('$name', async ({ hash, prepare }) => {
    await using open = await openPage(browser, server.url + hash, { ...look, bypassCSP: true });
    await prepare(open.page);
    expect(await violations(open.page)).toEqual([]);
  });

  it('what stands in for the page without a token', async () => {
    await using open = await openPage(browser, server.origin, { ...look, bypassCSP: true });
    await open.page.getByRole('heading').waitFor();
    expect(await violations(open.page)).toEqual([]);
  });
});
