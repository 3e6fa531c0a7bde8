// The console's window, in real Chromium pages: what it may do, and what it is kept from.
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumProgram, launchBrowser } from '../support/browser.ts';
import { createAppDirectory, shownPage, startDesktop } from '../support/desktop.ts';
import { waitFor } from '../support/wait.ts';

describe.skipIf(!chromiumProgram.present)('the console window', () => {
  let browser: Browser;
  let appDirectory: string;
  let foreign: Server;
  let foreignOrigin: string;
  const foreignRequests: string[] = [];

  beforeAll(async () => {
    [browser, appDirectory] = await Promise.all([launchBrowser(), createAppDirectory()]);
    foreign = createServer((request, response) => {
      foreignRequests.push(request.url ?? '');
      response.setHeader('access-control-allow-origin', '*').end('foreign');
    }).listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    foreignOrigin = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    foreign.close();
    await browser.close();
    await rm(appDirectory, { recursive: true });
  });

  const start = () => startDesktop({ browser, appDirectory });

  it('loads the console at the address and with the token that the engine gave', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    expect(await page.textContent('#address')).toBe('/?token=open-sesame');
    expect(page.url()).toBe(`${desktop.consoleOrigin}/?token=open-sesame`);
    expect(desktop.windows[0]!.visible).toBe(true);
  });

  it('gives the page no more than a browser would', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    expect(desktop.windows[0]!.options.webPreferences).toMatchObject({
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    });
    expect(desktop.windows[0]!.options.webPreferences).not.toHaveProperty('enableBlinkFeatures');
    expect(desktop.app.sandboxed).toBe(true);
  });

  it('refuses to navigate to another origin, and stays where it was', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    const before = page.url();
    const lookalike = foreignOrigin.replace('127.0.0.1', '127.0.0.1.example.test');
    const { refusedNavigations } = desktop.windows[0]!.webContents;
    for (const target of [`${foreignOrigin}/steal`, `${lookalike}/steal`]) {
      await page.evaluate((url) => {
        location.href = url;
      }, target);
      await waitFor(() => expect(refusedNavigations).toContain(target));
    }
    expect(await page.textContent('#address')).toBe('/?token=open-sesame');
    expect(page.url()).toBe(before);
    expect(foreignRequests).toEqual([]);
  });

  it('lets the page move within its own origin', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    await page.evaluate(() => {
      location.href = '/elsewhere';
    });
    await page.waitForURL(`${desktop.consoleOrigin}/elsewhere`);
    expect(await page.textContent('#address')).toBe('/elsewhere');
  });

  it('refuses redirects to another origin', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    const event = {
      url: `${foreignOrigin}/redirected`,
      prevented: false,
      preventDefault: () => void (event.prevented = true),
    };
    desktop.windows[0]!.webContents.emit('will-redirect', event);
    expect(event.prevented).toBe(true);
  });

  it('refuses frames of another origin', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    await page.evaluate((url) => {
      document.body.append(Object.assign(document.createElement('iframe'), { src: url }));
    }, `${foreignOrigin}/framed`);
    await waitFor(() =>
      expect(desktop.windows[0]!.webContents.refusedNavigations).toContain(`${foreignOrigin}/framed`),
    );
    expect(foreignRequests).toEqual([]);
  });

  it('refuses to open windows, its own page included', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    for (const target of [`${foreignOrigin}/popup`, '/?token=open-sesame', 'about:blank']) {
      const answered = once(desktop.windows[0]!.webContents, 'stand-in:popup');
      await page.evaluate((url) => void window.open(url), target);
      expect(await answered).toEqual(['deny']);
    }
    await waitFor(() => expect(page.context().pages()).toEqual([page]));
    expect(desktop.windows).toHaveLength(1);
    expect(foreignRequests).toEqual([]);
  });

  it('attaches no webview, whatever window asks', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    let prevented = false;
    desktop.windows[0]!.webContents.emit('will-attach-webview', { preventDefault: () => (prevented = true) });
    expect(prevented).toBe(true);
  });

  it('fetches nothing from another origin', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    const outcome = await page.evaluate(
      (url) =>
        fetch(url).then(
          (response) => response.text(),
          () => 'refused',
        ),
      `${foreignOrigin}/data`,
    );
    expect(outcome).toBe('refused');
    expect(await page.evaluate(() => fetch('/own').then((response) => response.status))).toBe(200);
    expect(foreignRequests).toEqual([]);
  });

  it('permits the page to copy, and nothing else, and permits other origins nothing', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    const { permissionRequest, permissionCheck, devicePermission } = desktop.sessions.get('persist:console')!;
    const ask = (permission: string, url: string): boolean => {
      let granted = false;
      permissionRequest!(...([{ getURL: () => url }, permission, (answer: boolean) => (granted = answer)] as never[]));
      return granted;
    };
    const check = (permission: string, origin: string) => permissionCheck!(...([null, permission, origin] as never[]));
    expect(ask('clipboard-sanitized-write', `${desktop.consoleOrigin}/`)).toBe(true);
    expect(check('clipboard-sanitized-write', desktop.consoleOrigin)).toBe(true);
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'usb',
      'hid',
    ]) {
      expect(ask(permission, `${desktop.consoleOrigin}/`), permission).toBe(false);
      expect(check(permission, desktop.consoleOrigin), permission).toBe(false);
    }
    expect(ask('clipboard-sanitized-write', `${foreignOrigin}/`)).toBe(false);
    expect(check('clipboard-sanitized-write', 'null')).toBe(false);
    expect(devicePermission!()).toBe(false);
  });

  it('offers the page its platform, its version, the data directory, and nothing else of Electron', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    const seen = await page.evaluate(() => {
      const { causeway } = globalThis as unknown as { causeway: Record<string, unknown> };
      return { names: Object.keys(causeway).sort(), platform: causeway['platform'], version: causeway['version'] };
    });
    expect(seen).toEqual({
      names: ['openDataDirectory', 'platform', 'version'],
      platform: process.platform,
      version: '0.0.1-test',
    });
    await callOpenDataDirectory(page.mainFrame());
    expect(desktop.record.openedPaths).toEqual(['/data/of/the/engine']);
  });

  it('answers calls of the page itself only: not of a frame in it, not of a page of another origin', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    await page.evaluate(() => {
      document.body.append(Object.assign(document.createElement('iframe'), { src: '/frame' }));
    });
    await waitFor(() => expect(page.frames()[1]?.url()).toBe(`${desktop.consoleOrigin}/frame`));
    await expect(callOpenDataDirectory(page.frames()[1]!)).rejects.toThrow('not the console');
    const stranger = await browser.newPage();
    await stranger.goto(foreignOrigin);
    const { webContents } = desktop.windows[0]!;
    const call = desktop.invoke('causeway:open-data-directory', webContents, stranger.mainFrame(), []);
    await expect(call).rejects.toThrow('not the console');
    await stranger.close();
    foreignRequests.length = 0;
    expect(desktop.record.openedPaths).toEqual([]);
  });

  it('loads the page again when its renderer crashes, but not for ever', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    const { webContents } = desktop.windows[0]!;
    let loads = 0;
    page.on('request', (request) => void (loads += request.isNavigationRequest() ? 1 : 0));
    for (let crash = 1; crash <= 3; crash++) {
      const loaded = once(desktop.windows[0]!, 'ready-to-show');
      webContents.emit('render-process-gone', {}, { reason: 'crashed' });
      await loaded;
      expect(loads).toBe(crash);
    }
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    await page.evaluate(() => fetch('/own').then(() => undefined));
    expect(loads).toBe(3);
  });
});

function callOpenDataDirectory(frame: { evaluate: Page['evaluate'] }): Promise<unknown> {
  return frame.evaluate(() => {
    const { causeway } = globalThis as unknown as { causeway: { openDataDirectory(): Promise<void> } };
    return causeway.openDataDirectory();
  });
}
