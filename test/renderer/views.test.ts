// Every view of the console in a real browser, on a fake engine behind the real server.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerError } from '../../broker/core/errors.ts';
import { FakeConsole } from '../support/fake-console.ts';
import { hasChromium, openPage, startBrowser } from './open-page.ts';

describe.skipIf(!hasChromium)('the console', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  const destination = (id: string) => `#/destinations/${encodeURIComponent(id)}`;

  describe('overview', () => {
    it('shows role, rates of the last five minutes, listeners with commands, memory and store', async () => {
      await using server = await FakeConsole.start({ stepMs: 250 });
      await using open = await openPage(browser, server.url);
      const { page } = open;
      await page.getByText('Active', { exact: true }).waitFor();
      const chart = page.getByRole('img', { name: /^Messages a second over the last five minutes/ });
      await chart.waitFor();
      expect(await chart.locator('canvas').count()).toBe(1);
      await page.getByText('amqp://127.0.0.1:5672').waitFor();
      await page.getByText(/^mosquitto_pub -h 127\.0\.0\.1 -p 1883/).waitFor();
      await page.getByText(/aws --endpoint-url http:\/\/127\.0\.0\.1:4566/).waitFor();
      await page.getByText('22.0 MiB of 128.0 MiB').first().waitFor();
      await page.getByText('/home/ada/.local/share/causeway').waitFor();
      expect(open.complaints).toEqual([]);
    });

    it('moves with the engine', async () => {
      await using server = await FakeConsole.start({ stepMs: 100 });
      await using open = await openPage(browser, server.url);
      const total = open.page.locator('.figure').first();
      const before = await total.textContent();
      await open.page.waitForFunction((was) => document.querySelector('.figure')?.textContent !== was, before);
      await open.page.waitForFunction(() => /[1-9]/.test(document.querySelector('.figure-value')?.textContent ?? ''));
      expect(open.complaints).toEqual([]);
    });

    it('names what needs attention, and leads there', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url);
      await open.page.getByRole('link', { name: /waiting in \d broker queues without consumers/ }).click();
      await open.page.getByRole('row', { name: /shipping\.labels/ }).waitFor();
      expect(await open.page.getByRole('searchbox').inputValue()).toBe('consumers=0 ready>0');
      expect(await open.page.getByRole('row', { name: /^payments\.captured/ }).count()).toBe(0);
    });

    it('copies an address', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url, { permissions: ['clipboard-read', 'clipboard-write'] });
      await open.page.getByRole('button', { name: 'Copy address of STOMP 1.2' }).click();
      await open.page.getByText('copied', { exact: true }).waitFor();
      expect(await open.page.evaluate(() => navigator.clipboard.readText())).toBe('stomp://127.0.0.1:61613');
    });
  });

  describe('destinations', () => {
    const names = (page: Page) => page.locator('.grid-row .grid-cell:first-child').allTextContents();

    it('lists both worlds, and filters by words and figures', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, `${server.url}#/destinations`);
      const { page } = open;
      await page.getByText('20 destinations').waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('orders');
      await page.getByText('4 of 20').waitFor();
      await page.getByRole('radio', { name: 'AWS' }).check({ force: true });
      await page.getByText('2 of 20').waitFor();
      await page.getByRole('radio', { name: 'All' }).check({ force: true });
      await page.getByRole('searchbox').fill('dead>0');
      await page.getByText('1 of 20').waitFor();
      expect((await names(page)).join()).toContain('payments.captured');
      expect(page.url()).toContain('q=dead%3E0');
      await page.getByRole('searchbox').fill('nothing-has-this-name');
      await page.getByText('No destination matches the filter').waitFor();
      expect(open.complaints).toEqual([]);
    });

    it('sorts by a column, and keeps filter and order over a reload', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, `${server.url}#/destinations?q=queue`);
      const { page } = open;
      const ready = page.getByRole('columnheader', { name: 'Ready' });
      await ready.click();
      await page.waitForFunction(() => document.querySelector('[aria-sort="descending"]') !== null);
      const [first = ''] = await names(page);
      expect(first).toBe('AWStelemetry');
      await page.reload();
      await ready.waitFor();
      expect(await ready.getAttribute('aria-sort')).toBe('descending');
      expect((await names(page))[0]).toBe('AWStelemetry');
      await ready.click();
      expect(await ready.getAttribute('aria-sort')).toBe('ascending');
    });

    it('is an ARIA grid that is walked by keyboard', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, `${server.url}#/destinations`);
      const { page } = open;
      const grid = page.getByRole('grid', { name: 'Destinations' });
      await page.getByRole('row', { name: /DLQ\.payments/ }).waitFor();
      expect(await grid.getAttribute('aria-rowcount')).toBe('21');
      expect(await grid.getAttribute('aria-colcount')).toBe('10');
      const active = () =>
        page.evaluate(() => {
          const id = document.activeElement?.getAttribute('aria-activedescendant');
          const cell = id == null ? null : document.getElementById(id);
          return [cell?.getAttribute('role'), cell?.parentElement?.getAttribute('aria-rowindex'), cell?.textContent];
        });
      await grid.focus();
      expect(await active()).toEqual(['gridcell', '2', 'Brokerbridge.telemetry']);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      expect(await active()).toEqual(['gridcell', '3', 'Broker']);
      await page.keyboard.press('Control+End');
      expect((await active()).slice(0, 2)).toEqual(['gridcell', '21']);
      await page.keyboard.press('Control+Home');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('End');
      expect(await active()).toEqual(['columnheader', '1', 'Out/s']);
      await page.keyboard.press('Enter');
      expect(await page.getByRole('columnheader', { name: 'Out/s' }).getAttribute('aria-sort')).toBe('descending');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
      await page.waitForURL(/#\/destinations\/./);
    });

    it('keeps 5,000 rows that all change in a document of a few dozen', async () => {
      await using server = await FakeConsole.start({ extraDestinations: 5000, stepMs: 250 });
      await using open = await openPage(browser, `${server.url}#/destinations`);
      const { page } = open;
      await page.getByText('5,020 destinations').waitFor();
      const grid = page.getByRole('grid');
      expect(await grid.getAttribute('aria-rowcount')).toBe('5021');
      const rows = () => page.locator('.grid-row').count();
      expect(await rows()).toBeLessThan(60);
      await grid.focus();
      await page.keyboard.press('Control+End');
      await page.getByRole('row', { name: /tenant-1249\.orders/ }).waitFor();
      expect(await rows()).toBeLessThan(60);
      await grid.evaluate((element) => element.scrollTo(0, 60_000));
      await page.waitForFunction(() => {
        const indexes = Array.from(document.querySelectorAll('.grid-row'), (row) => Number(row.ariaRowIndex));
        return indexes.some((index) => index > 1500 && index < 2500);
      });
      expect(await rows()).toBeLessThan(60);
      // Cells in sight go on changing.
      const before = await page.locator('.grid-body').textContent();
      await page.waitForFunction((was) => document.querySelector('.grid-body')?.textContent !== was, before);
      expect(open.complaints).toEqual([]);
    });

    it('filters by kind, and knows variants, clients and topics by their words', async () => {
      await using server = await FakeConsole.start({ extraDestinations: 5000 });
      await using open = await openPage(browser, `${server.url}#/destinations`);
      const { page } = open;
      await page.getByText('5,020 destinations').waitFor();
      await page.getByLabel('Kind').selectOption('Streams');
      await page.getByText('1 of 5,020').waitFor();
      await page.getByRole('row', { name: /page-views 3 shards, 1 d, .* in, .* out AWS stream/ }).waitFor();
      await page.getByLabel('Kind').selectOption('Subscriptions');
      await page.getByText('4 of 5,020').waitFor();
      expect(page.url()).toContain('kind=subscription');
      await page.getByRole('searchbox').fill('durable billing-1');
      await page.getByText('1 of 5,020').waitFor();
      await page.getByRole('row', { name: /ledger of billing-1 to invoices\.>, .* durable subscription/ }).waitFor();
      await page.getByLabel('Kind').selectOption('All kinds');
      await page.getByRole('searchbox').fill('fifo');
      await page.getByRole('row', { name: /invoices\.fifo AWS FIFO queue/ }).waitFor();
      await page.getByRole('searchbox').fill('temporary');
      await page.getByText('1 of 5,020').waitFor();
      expect(open.complaints).toEqual([]);
    });

    it('teaches the first step where there is nothing', async () => {
      await using server = await FakeConsole.start({ empty: true });
      await using open = await openPage(browser, `${server.url}#/destinations`);
      await open.page.getByText('No destinations yet').waitFor();
      expect(await open.page.getByText(/^mosquitto_pub -h 127\.0\.0\.1 -p 1883 /).isVisible()).toBe(true);
    });

    it('keeps the figures in reach on a narrow screen', async () => {
      await using server = await FakeConsole.start();
      const viewport = { width: 390, height: 844 };
      await using open = await openPage(browser, `${server.url}#/destinations`, { viewport });
      const { page } = open;
      await page
        .getByRole('row', { name: /telemetry/ })
        .first()
        .waitFor();
      expect(await page.getByRole('columnheader').allTextContents()).not.toContain('World');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      await page.getByRole('grid').focus();
      await page.keyboard.press('End');
      await page.waitForFunction(() => {
        const cell = document.getElementById(document.activeElement?.getAttribute('aria-activedescendant') ?? '');
        const { right = Infinity } = cell?.getBoundingClientRect() ?? {};
        return right <= 390;
      });
    });
  });

  describe('a queue', () => {
    it('is looked into page by page, without taking anything', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('mq:queue:shipping.labels'));
      const { page } = open;
      await page.getByText(/^Page 1, as of/).waitFor();
      expect(await page.title()).toBe('shipping.labels – Causeway');
      const ready = () => page.locator('.destination-figures dd').first().textContent();
      const before = await ready();
      await page.getByRole('button', { name: 'Next page' }).click();
      await page.getByText(/^Page 2, as of/).waitFor();
      await page.locator('.body-text').getByText('88050').waitFor();
      for (let number = 3; number <= 5; number += 1) {
        await page.getByRole('button', { name: 'Next page' }).click();
        await page.getByText(new RegExp(`^Page ${number}, as of`)).waitFor();
      }
      expect(await page.getByRole('button', { name: 'Next page' }).isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Previous page' }).click();
      await page.getByText(/^Page 4, as of/).waitFor();
      expect(await ready()).toBe(before);
      expect(open.complaints).toEqual([]);
    });

    it('shows a body as JSON, text and hex, and headers with their types', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('mq:queue:shipping.labels'));
      const { page } = open;
      const body = page.locator('.body-text');
      await body.waitFor();
      expect(await body.textContent()).toContain('{\n  "order": 88000,\n  "source": "shipping.labels"');
      await page.getByRole('radio', { name: 'Text' }).check({ force: true });
      expect(await body.textContent()).toContain('{"order":88000,"source"');
      await page.getByRole('radio', { name: 'Hex' }).check({ force: true });
      expect(await body.textContent()).toMatch(/^000000 {2}7b 22 6f 72 64 65 72 22 {2}3a /);
      await page.getByRole('cell', { name: 'double' }).waitFor();
      // The eighth message is bytes.
      await page.locator('.grid-row').nth(7).click();
      await page.waitForFunction(() => document.querySelector('.body-text')?.textContent?.startsWith('000000  07 2c'));
      expect(await page.getByRole('radio', { name: 'JSON' }).isDisabled()).toBe(true);
    });

    it('says why and whence a message came to a dead-letter queue', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('mq:queue:DLQ.payments'));
      await open.page.getByText('Dead-lettered: redelivered 6 times without success.').waitFor();
      expect(await open.page.locator('.message-dead code').textContent()).toBe('queue://payments.captured');
    });

    it('is sent a message, which is then seen in it', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('mq:queue:orders.priority'));
      const { page } = open;
      await page.getByRole('button', { name: 'Send…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Send to orders.priority' });
      await dialog.getByLabel('Body', { exact: true }).fill('{"hello":"wörld"}');
      await dialog.getByLabel('Content type').fill('application/json');
      await dialog.getByRole('button', { name: 'Add property' }).click();
      await dialog.getByLabel('Name of property 1').fill('tenant');
      await dialog.getByLabel('Value of property 1').fill('nord');
      await dialog.getByLabel('Body', { exact: true }).press('Control+Enter');
      await dialog.getByText('Sent as console-1').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).first().click();
      await page.locator('.grid-row', { hasText: '{"hello":"wörld"}' }).click();
      await page.locator('.body-text').getByText('"wörld"').waitFor();
      await page.getByRole('row', { name: 'tenant string nord' }).waitFor();
      // What was written is still there.
      await page.getByRole('button', { name: 'Send…' }).click();
      expect(await dialog.getByLabel('Body', { exact: true }).inputValue()).toBe('{"hello":"wörld"}');
      expect(open.complaints).toEqual([]);
    });

    it('is purged after a question that names the count, and not when the answer is no', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('mq:queue:shipping.labels'));
      const { page } = open;
      const ready = page.locator('.destination-figures dd').first();
      const count = await ready.textContent();
      await page.getByRole('button', { name: 'Purge…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Purge shipping.labels?' });
      await dialog.getByText(`${count} messages (${count} ready`).waitFor();
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      expect(await ready.textContent()).toBe(count);
      await page.getByRole('button', { name: 'Purge…' }).click();
      await dialog.getByRole('button', { name: `Delete ${count} messages` }).click();
      await page.getByText(`Deleted ${count} messages from shipping.labels`).waitFor();
      await page.getByText('Nothing waits here').waitFor();
      await page.waitForFunction(() => document.querySelector('.destination-figures dd')?.textContent === '0');
    });

    it('tells what the engine refuses, and loses nothing of what was written', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('mq:queue:orders'));
      const { page } = open;
      await page.getByRole('button', { name: 'Send…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Body', { exact: true }).fill('{"long":"work"}');
      const refuse = async () => {
        throw new BrokerError('store-full', 'the store has reached its limit');
      };
      Object.assign(server.engine.handlers, { send: refuse });
      await dialog.getByRole('button', { name: 'Send', exact: true }).click();
      await dialog.getByText('the store has reached its limit').waitFor();
      expect(await dialog.getByLabel('Body', { exact: true }).inputValue()).toBe('{"long":"work"}');
    });

    it('says so when it is deleted meanwhile', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('mq:queue:orders'));
      await open.page.getByRole('heading', { name: 'orders' }).waitFor();
      server.engine.removeDestination('mq:queue:orders');
      await open.page.getByText('This destination is not there').waitFor();
      await open.page.getByRole('main').getByRole('link', { name: 'All destinations' }).click();
      await open.page.getByText('19 destinations').waitFor();
      expect(open.complaints).toEqual([]);
    });
  });

  it('shows how to listen to a topic, which holds nothing to look at', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, server.url + destination('mq:topic:telemetry.oven-2.temperature'));
    await open.page.getByText(/^mosquitto_sub .* -t 'telemetry\/oven-2\/temperature'$/).waitFor();
    expect(await open.page.getByRole('button', { name: 'Purge…' }).count()).toBe(0);
    expect(open.complaints).toEqual([]);
  });

  describe('a topic of SNS', () => {
    it('shows its subscriptions with their filters, and whether they are confirmed', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('aws:topic:order-events'));
      const { page } = open;
      await page.getByRole('row', { name: /hooks\/orders https pending none/ }).click();
      await page.getByText('It gets nothing until its endpoint confirms').waitFor();
      await page.getByRole('row', { name: /orders sqs confirmed 2 fields/ }).click();
      await page.getByText('arn:aws:sqs:us-east-1:000000000000:orders').waitFor();
      expect(await page.getByLabel('Filter policy as JSON').textContent()).toContain('"numeric": [');
      expect(open.complaints).toEqual([]);
    });

    it('is published to, with a subject', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('aws:topic:order-events'));
      const { page } = open;
      const requests: unknown[] = [];
      const { send } = server.engine.handlers;
      Object.assign(server.engine.handlers, {
        send: (request: Parameters<typeof send>[0]) => {
          requests.push(request);
          return send(request);
        },
      });
      await page.getByRole('button', { name: 'Publish…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Publish to order-events' });
      await dialog.getByLabel('Body', { exact: true }).fill('placed');
      await dialog.getByLabel('Subject').fill('An order');
      await dialog.getByRole('button', { name: 'Publish' }).click();
      await dialog.getByText(/^Published as console-/).waitFor();
      const id = 'aws:topic:order-events';
      expect(requests).toEqual([{ destination: id, body: 'placed', encoding: 'text', subject: 'An order' }]);
    });
  });

  it('asks for the group of what is sent to a FIFO queue', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, server.url + destination('aws:queue:invoices.fifo'));
    const { page } = open;
    await page.getByRole('button', { name: 'Send…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Body', { exact: true }).fill('x');
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    expect(await dialog.getByLabel('Message group').evaluate((field) => field.matches(':invalid'))).toBe(true);
    await dialog.getByLabel('Message group').fill('customer-7');
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await dialog.getByText('Sent as console-1').waitFor();
  });

  describe('a stream', () => {
    it('shows its shards, and the newest records of one, older ones page by page', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('aws:stream:page-views'));
      const { page } = open;
      const shards = page.getByRole('grid', { name: 'Shards' });
      await shards.getByRole('row', { name: /shardId-000000000000 closed 00000000… – 7fffffff… 50 % 3,308/ }).waitFor();
      await shards.getByRole('row', { name: /shardId-000000000003 of 0 open 40000000… – 7fffffff… 25 %/ }).click();
      const records = page.getByRole('grid', { name: 'Records' });
      await records.getByRole('row', { name: /"v-119".* visitor-361/ }).waitFor();
      await page.locator('.body-text').getByText('"v-119"').waitFor();
      await page.getByText(/^4967000000030+119$/).waitFor();
      await page.getByRole('button', { name: 'Next page' }).click();
      await page.getByText(/^Newest first\. Page 2, as of/).waitFor();
      await records.getByRole('row', { name: /"v-69"/ }).click();
      await page.getByRole('radio', { name: 'Hex' }).check({ force: true });
      expect(await page.locator('.body-text').textContent()).toMatch(/^000000 {2}7b 22 70 61 67 65 22 3a /);
      expect(open.complaints).toEqual([]);
    });

    it('is put a record into, which is then the newest', async () => {
      await using server = await FakeConsole.start();
      await using open = await openPage(browser, server.url + destination('aws:stream:page-views'));
      const { page } = open;
      await page.getByRole('row', { name: /shardId-000000000003/ }).click();
      await page.getByText(/^Newest first/).waitFor();
      await page.getByRole('button', { name: 'Put a record…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Put a record into page-views' });
      await dialog.getByLabel('Partition key').fill('by-hand');
      await dialog.getByLabel('Data', { exact: true }).fill('{"put":true}');
      await dialog.getByLabel('Data', { exact: true }).press('Control+Enter');
      await dialog.getByText('Put into shardId-000000000003').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).first().click();
      await page.getByRole('row', { name: /\{"put":true\} by-hand/ }).waitFor();
      expect(open.complaints).toEqual([]);
    });
  });

  it('shows what a durable subscription takes, and ends it after a question', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, server.url + destination('mq:subscription:ledger'));
    const { page } = open;
    await page.getByText("amount > 100 AND region IN ('nord', 'süd')").waitFor();
    await page.getByText('not active').waitFor();
    await page.locator('.body-text').waitFor();
    await page.getByRole('button', { name: 'Unsubscribe…' }).click();
    const dialog = page.getByRole('dialog', { name: 'End the subscription ledger?' });
    await dialog.getByText(/[\d,]+ messages that wait for billing-1 will be deleted/).waitFor();
    await dialog.getByRole('button', { name: 'Unsubscribe' }).click();
    await page.getByText('Ended the subscription ledger').waitFor();
    await page.getByText('19 destinations').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('does not end a durable subscription that someone receives from', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, server.url + destination('mq:subscription:price-watch'));
    const { page } = open;
    await page.getByText('active', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Unsubscribe…' }).isDisabled()).toBe(true);
  });

  it('lists what is scheduled, the first due first, and cancels one', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/scheduled`);
    const { page } = open;
    await page.getByText('5 messages').waitFor();
    const rows = page.locator('.grid-row');
    expect(await rows.first().textContent()).toContain('every 15 s');
    await page.getByRole('row', { name: /reports\.nightly .* cron 0 2 \* \* \*/ }).waitFor();
    await page.getByRole('searchbox').fill('shipping');
    await page.getByText('1 of 5').waitFor();
    await page.getByRole('button', { name: 'Cancel the message to queue://shipping.labels' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel this message?' });
    await dialog.getByText(/nor at any later time/).waitFor();
    await dialog.getByRole('button', { name: 'Cancel the message' }).click();
    await page.getByText('Cancelled the message to queue://shipping.labels').waitFor();
    await page.getByText('0 of 4').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('shows routes with their losses, and pauses and resumes them', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/routes`);
    const { page } = open;
    const route = page.getByRole('article', { name: 'Route telemetry' });
    await route.getByText('topic://telemetry.>').waitFor();
    await route.getByRole('row', { name: /retain dropped SQS has no retained messages/ }).waitFor();
    await route.getByRole('button', { name: 'Pause route telemetry' }).click();
    await route.getByText('Paused').waitFor();
    await route.getByRole('button', { name: 'Resume route telemetry' }).click();
    await route.getByText('Running').waitFor();
    const failed = page.getByRole('article', { name: 'Route invoices' });
    await failed.getByText(/the queue "invoices" does not exist/).waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('shows what a shadow compares, with the first messages of each kind, and what a dry run would do', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/routes`);
    const { page } = open;
    const shadow = page.getByRole('article', { name: 'Route payments-shadow' });
    await shadow.getByText('Shadow', { exact: true }).waitFor();
    const compared = shadow.getByRole('region', { name: 'Comparison of payments-shadow' });
    expect(await compared.locator('.compared-figures div').allInnerTexts()).toEqual([
      'Arrived\n20,366',
      'Missing\n21',
      'Late\n148',
      'Reordered\n36',
      'Different\n3',
    ]);
    await compared.getByText('Sides and examples').click();
    await compared
      .getByRole('row', { name: /different ID:.*\$\.customer\.address\.country: DE on the left/ })
      .waitFor();
    await compared.getByRole('row', { name: /late ID:.* 7\.3 s after the left side/ }).waitFor();
    await compared.getByText(/20,400 settled, 4 dead or expired, 13 wait/).waitFor();
    const dry = page.getByRole('article', { name: 'Route labels-rehearsal' });
    await dry.getByText('Dry run', { exact: true }).waitFor();
    await dry.getByText('Would be refused').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('lists clients, and disconnects one after a question', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/clients`);
    const { page } = open;
    await page.getByText('8 clients').waitFor();
    await page.getByRole('searchbox').fill('mqtt press');
    await page.getByText('1 of 8').waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Disconnect press-7?' }).getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('Disconnected press-7').waitFor();
    await page.getByText('0 of 7').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('is dark or light as the system is, or as the reader chose, and remembers', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, server.url, { colorScheme: 'dark' });
    const { page } = open;
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.getByRole('button', { name: /^Theme: system/ }).waitFor();
    expect(await ground()).toBe('rgb(15, 19, 23)');
    await page.getByRole('button', { name: /^Theme: system/ }).click();
    expect(await ground()).toBe('rgb(243, 245, 246)');
    await page.reload();
    await page.getByRole('button', { name: /^Theme: light/ }).waitFor();
    expect(await ground()).toBe('rgb(243, 245, 246)');
    await page.getByRole('button', { name: /^Theme: light/ }).click();
    await page.getByRole('button', { name: /^Theme: dark/ }).click();
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe('rgb(243, 245, 246)');
  });
});
