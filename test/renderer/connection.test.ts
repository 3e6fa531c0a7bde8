// The page and its engine: who is let in, and what happens when the engine goes and another one comes.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeConsole } from '../support/fake-console.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { hasChromium, openPage, startBrowser } from './open-page.ts';

describe.skipIf(!hasChromium)('the page and its engine', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('takes the token out of the address bar, and keeps it for the tab', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/routes`);
    const { page } = open;
    await page.getByRole('article').first().waitFor();
    expect(page.url()).toBe(`${server.origin}/#/routes`);
    await page.reload();
    await page.getByRole('article').first().waitFor();
    const other = await page.context().newPage();
    await other.goto(server.origin);
    await other.getByRole('heading', { name: 'This console needs its token' }).waitFor();
  });

  it('says what to open when it has no token or a wrong one, and takes one that is pasted', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.origin}/?token=wrong`);
    const { page } = open;
    await page.getByRole('heading', { name: 'The engine does not accept this token' }).waitFor();
    await page.getByLabel('Address or token').fill(server.url);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    expect(page.url()).toBe(`${server.origin}/`);
  });

  it('says that the engine is away without losing the view, and goes on with the one that takes over', async () => {
    const first = await FakeConsole.start();
    const { port, token } = first;
    await using open = await openPage(browser, `${first.url}#/destinations?q=shipping`);
    const { page } = open;
    const row = page.getByRole('row', { name: /shipping\.labels/ });
    await row.waitFor();
    await first.close();
    await page.getByRole('alert').getByText('Engine away, reconnecting.').waitFor();
    await page.getByText('Away', { exact: true }).waitFor();
    expect(await row.isVisible()).toBe(true);
    expect(await page.getByRole('searchbox').inputValue()).toBe('shipping');

    const engine = new FakeEngine({ seed: 2 });
    engine.epoch = 2;
    engine.removeDestination('mq:queue:orders');
    await using second = await FakeConsole.start({ port, token, engine });
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByText('1 of 19').waitFor();
    expect(await page.locator('.badge[title*="Epoch 2"]').count()).toBe(1);
    expect(second.port).toBe(port);
  });

  it('asks for the token when the engine that came back has another one', async () => {
    const first = await FakeConsole.start();
    await using open = await openPage(browser, first.url);
    await open.page.getByText('Active', { exact: true }).waitFor();
    await first.close();
    await using _second = await FakeConsole.start({ port: first.port, token: 'another-token-than-before' });
    await open.page.getByRole('heading', { name: 'The engine does not accept this token' }).waitFor();
    expect(await open.page.getByText(`"consoleUrl":"${first.origin}/?token=…"`).isVisible()).toBe(true);
  });

  it('renders four times a second at most, whatever comes', async () => {
    await using server = await FakeConsole.start({ stepMs: 10 });
    await using open = await openPage(browser, server.url);
    const { page } = open;
    await page.getByText('Active', { exact: true }).waitFor();
    const changes = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const figure = document.querySelector('.figure');
          let renderings = 0;
          const observer = new MutationObserver(() => (renderings += 1));
          if (figure !== null) observer.observe(figure, { characterData: true, subtree: true, childList: true });
          setTimeout(() => resolve(renderings), 2000);
        }),
    );
    expect(changes).toBeGreaterThan(2);
    expect(changes).toBeLessThanOrEqual(9);
  });

  it('does not render while nobody looks, and is up to date at once when somebody does', async () => {
    await using server = await FakeConsole.start();
    await using open = await openPage(browser, `${server.url}#/destinations?q=shipping`);
    const { page } = open;
    await page.getByRole('row', { name: /shipping\.labels/ }).waitFor();
    const setHidden = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await setHidden(true);
    const body = page.locator('.grid-body');
    const before = await body.textContent();
    await page.evaluate(() => {
      const socket = new WebSocket(location.href.replace(/^http/, 'ws').replace(/#.*/, 'api/live'), [
        'causeway.live',
        `bearer.${sessionStorage.getItem('causeway.token')}`,
      ]);
      let batches = 0;
      socket.addEventListener('message', () => {
        batches += 1;
        // By now the page itself has been sent what changed, too.
        if (batches === 3) document.documentElement.dataset['test'] = 'received';
      });
    });
    server.engine.step(5000);
    await page.waitForFunction(() => document.documentElement.dataset['test'] === 'received');
    expect(await body.textContent()).toBe(before);
    await setHidden(false);
    await page.waitForFunction((was) => document.querySelector('.grid-body')?.textContent !== was, before);
  });
});
