// The mailbox in the console, in a real browser, on a fake engine behind the real server.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerError } from '../../broker/core/errors.ts';
import { FakeConsole } from '../support/fake-console.ts';
import { hasChromium, openPage, startBrowser } from './open-page.ts';

describe.skipIf(!hasChromium)('the mailbox', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('is listed the newest first, read as text or JSON, page by page', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/mail`);
    const { page } = open;
    await page.getByRole('row', { name: /"title":"On its way".* Push .*shop\/7b1f order-events/ }).waitFor();
    expect(await page.title()).toBe('Mail – Causeway');
    const body = page.locator('.body-text');
    await body.waitFor();
    expect(await body.textContent()).toContain('{\n  "notification": {\n    "title": "On its way"');
    await page.getByRole('row', { name: /Order 88412 is paid Email ada@example\.org/ }).click();
    await page.getByRole('heading', { name: 'Order 88412 is paid' }).waitFor();
    await body.getByText('We pack it today.').waitFor();
    expect(await page.getByRole('radio', { name: 'JSON' }).nth(1).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('Page 2, newest first').waitFor();
    await page.getByRole('heading', { name: 'Order 88314 was placed' }).waitFor();
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Newer' }).click();
    await page.getByText('The newest 50').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('shows what comes while it is open, and leaves what is being read', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/mail`);
    const { page } = open;
    await page.getByRole('heading', { name: 'Push to a device' }).waitFor();
    server.engine.mailbox.deliver({ subject: 'It has just come' });
    await page.getByRole('row', { name: /It has just come/ }).waitFor();
    await page.getByRole('heading', { name: 'Push to a device' }).waitFor();
    await page.getByRole('grid', { name: 'Mailbox' }).focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'It has just come' }).waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('says what became of mail at the relay', async () => {
    await using server = await FakeConsole.start();
    const { mailbox, now } = server.engine;
    const at = now - 5000;
    const reason = 'connect ECONNREFUSED 127.0.0.1:2525';
    mailbox.deliver({ subject: 'Gone', relay: { state: 'sent', at, attempts: 1, reason: '250 taken' } });
    mailbox.deliver({ subject: 'Lost', relay: { state: 'failed', at, attempts: 3, reason: '550 no such user' } });
    mailbox.deliver({ subject: 'Held', relay: { state: 'waiting', at, attempts: 2, reason, nextAt: now + 90_000 } });
    await using open = await openPage(browser, `${server.url}#/mail`);
    const { page } = open;
    await page.getByText(/^2 attempts: connect ECONNREFUSED 127\.0\.0\.1:2525\. Tried again in 1 min/).waitFor();
    await page.getByRole('row', { name: /^Lost .* failed/ }).click();
    await page.getByText('given up after 3 attempts: 550 no such user').waitFor();
    await page.getByRole('row', { name: /^Gone .* sent/ }).click();
    await page.getByText(/: 250 taken$/).waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('has the link of a confirmation, to visit and to copy', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/mail`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = open;
    const visited: string[] = [];
    await page.context().route('http://127.0.0.1:4566/**', (route) => {
      visited.push(route.request().url());
      return route.fulfill({ body: 'confirmed' });
    });
    await page.getByRole('row', { name: /Subscription Confirmation Email grete@example\.org/ }).click();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByText('copied', { exact: true }).waitFor();
    const popup = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'Confirm the subscription' }).click();
    await (await popup).getByText('confirmed').waitFor();
    expect(visited).toEqual([await page.evaluate(() => navigator.clipboard.readText())]);
    expect(visited[0]).toContain('?Action=ConfirmSubscription&TopicArn=arn:aws:sns:');
  });

  it('has the link to copy alone in the desktop app, which opens no other pages', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, server.url);
    const { page } = open;
    await page.addInitScript(() => Object.assign(window, { causeway: {} }));
    await page.goto(`${server.origin}/#/mail`);
    await page.reload();
    await page.getByRole('row', { name: /Subscription Confirmation/ }).click();
    await page.getByText('A subscription waits to be confirmed.').waitFor();
    expect(await page.getByRole('link', { name: 'Confirm the subscription' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Copy link' }).waitFor();
  });

  it('is filtered by kind, in its address too', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/mail?kind=email-json`);
    const { page } = open;
    await page.getByText('1 message, newest first').waitFor();
    await page.getByRole('heading', { name: 'Order 88412' }).waitFor();
    await page.getByRole('radio', { name: 'SMS' }).check({ force: true });
    await page.getByRole('row', { name: /Your parcel arrives.* SMS \+4915550001111/ }).waitFor();
    expect(page.url()).toContain('kind=sms');
    await page.getByRole('radio', { name: 'All' }).check({ force: true });
    await page.getByText('The newest 50').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('is cleared after a question, and then says how mail comes', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/mail`);
    const { page } = open;
    await page.getByText('The newest 50').waitFor();
    await page.getByRole('button', { name: 'Clear…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Clear the mailbox?' });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('The newest 50').waitFor();
    await page.getByRole('button', { name: 'Clear…' }).click();
    await dialog.getByRole('button', { name: 'Clear the mailbox' }).click();
    await page.getByText('Deleted 65 messages from the mailbox').waitFor();
    await page.getByText(/^AWS_ACCESS_KEY_ID=local .* sns publish --phone-number/).waitFor();
    expect(open.complaints).toEqual([]);
  });
});

describe.skipIf(!hasChromium)('the configuration', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('is read again from the routes, and says what became of them and what waits', async () => {
    await using server = await FakeConsole.start();
    const change = { started: ['new', 'telemetry'], ended: ['telemetry', 'old'], kept: ['a', 'b'] };
    Object.assign(server.engine.handlers, { reload: async () => ({ ...change, waiting: ['listeners.amqp'] }) });
    await using open = await openPage(browser, `${server.url}#/routes`);
    const { page } = open;
    await page.getByRole('button', { name: 'Reload configuration' }).click();
    await page.getByText(/again at .*\. Started new; changed telemetry; ended old; 2 routes as before\./).waitFor();
    await page.getByText('This waits for a restart of the engine: listeners.amqp.').waitFor();
    const same = async () => ({ started: [], ended: [], kept: ['a'], waiting: [] });
    Object.assign(server.engine.handlers, { reload: same });
    await page.getByRole('button', { name: 'Reload configuration' }).click();
    await page.getByText('The routes are as they were.').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('says what is wrong with it', async () => {
    await using server = await FakeConsole.start();
    const refuse = async () => {
      throw new BrokerError('invalid', 'configuration "causeway.yaml": unknown key "rutes", did you mean "routes"?');
    };
    Object.assign(server.engine.handlers, { reload: refuse });
    await using open = await openPage(browser, `${server.url}#/routes`);
    await open.page.getByRole('button', { name: 'Reload configuration' }).click();
    await open.page.getByRole('alert').getByText('Nothing has changed: configuration "causeway.yaml"').waitFor();
  });
});
