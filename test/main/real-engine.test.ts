// The shell with the engine itself: its events, its console, its data directory, and a drill on a real store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRendererIfStale } from '../../main/renderer-build.ts';
import { chromiumProgram, launchBrowser } from '../support/browser.ts';
import { createAppDirectory, shownPage, startDesktop } from '../support/desktop.ts';
import { waitFor } from '../support/wait.ts';

const anyPort = ['amqp', 'mqtt', 'stomp', 'cloud', 'console'].flatMap((name) => ['--set', `listeners.${name}=0`]);

describe.skipIf(!chromiumProgram.present)('the desktop app with the real engine', () => {
  let browser: Browser;
  let appDirectory: string;
  let data: string;

  beforeAll(async () => {
    await buildRendererIfStale();
    [browser, appDirectory, data] = await Promise.all([
      launchBrowser(),
      createAppDirectory(new URL('../../broker/process.ts', import.meta.url)),
      mkdtemp(join(tmpdir(), 'causeway-data-')),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all([appDirectory, data].map((path) => rm(path, { recursive: true })));
  });

  const start = () => startDesktop({ browser, appDirectory, args: ['--data', data, ...anyPort] });

  it('shows its console, opens its data directory, and stops it in order', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    await waitFor(async () => expect(await page.title()).toContain('Causeway'));
    desktop.press(desktop.record.menu, 'open-data-directory');
    await waitFor(() => expect(desktop.record.openedPaths).toEqual([data]));
    desktop.app.quit();
    await desktop.app.quitDone;
    expect(desktop.processes[0]!.child).toMatchObject({ exitCode: 0, signalCode: null });
  });

  it('holds a failover drill: the second engine takes over the store of the killed one', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    const first = new URL(page.url());
    desktop.record.presses.push('Start Drill');
    desktop.press(desktop.record.menu, 'failover-drill');
    await page.waitForURL(({ origin }) => origin !== first.origin);
    const health = await page.evaluate(() => fetch('/health').then((answer) => answer.json()));
    expect(health).toMatchObject({ role: 'active' });
    expect(desktop.record.notifications[0]).toMatch(/took over in \d+ ms/);
    expect(desktop.processes[0]!.child.signalCode).toBe('SIGKILL');
    expect(desktop.processes[1]!.pid).toBeDefined();
  });

  it('says who holds the data directory when another engine does', async () => {
    await using holder = await start();
    await shownPage(holder);
    await using desktop = await startDesktop({
      browser,
      appDirectory,
      args: ['--data', data, ...anyPort],
      prepare: ({ record }) => record.presses.push('Quit'),
    });
    await desktop.app.quitDone;
    expect(desktop.record.messages[0]!.detail).toMatch(/the data directory is in use by process \d+/);
  });
});
