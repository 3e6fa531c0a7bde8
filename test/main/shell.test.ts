// The desktop app as its user has it: start, crash, quit; the tray, the menu, the failover drill.
import { readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chromiumProgram, launchBrowser } from '../support/browser.ts';
import { createAppDirectory, shownPage, startDesktop, type DesktopOptions } from '../support/desktop.ts';
import type { ElectronStandIn } from '../support/electron-stand-in.ts';
import { waitFor } from '../support/wait.ts';

describe.skipIf(!chromiumProgram.present)('the desktop app', () => {
  let browser: Browser;
  let appDirectory: string;

  beforeAll(async () => {
    [browser, appDirectory] = await Promise.all([launchBrowser(), createAppDirectory()]);
  });

  afterAll(async () => {
    await browser.close();
    await rm(appDirectory, { recursive: true });
  });

  const start = (options: Partial<DesktopOptions> = {}) => startDesktop({ browser, appDirectory, ...options });

  it('starts the engine with the options it was given, and not with those of Chromium', async () => {
    await using desktop = await start({
      args: ['--config', 'mine.yml', '--no-sandbox', '--data', '/data', '--set', 'a=1', '--set', 'b=2', '--inspect'],
    });
    await shownPage(desktop);
    const log = await readFile(join(desktop.home, 'logs/engine.log'), 'utf8');
    expect(log).toContain('started with serve --config mine.yml --data /data --set a=1 --set b=2\n');
  });

  it("starts with the user's configuration, which begins as the sample and is kept as the user left it", async () => {
    await using desktop = await start({ args: [] });
    await shownPage(desktop);
    const own = join(desktop.home, 'userData/causeway.yml');
    expect(await readFile(own, 'utf8')).toBe('# sample\n');
    expect(await readFile(join(desktop.home, 'logs/engine.log'), 'utf8')).toContain(`serve --config ${own}\n`);
  });

  it('hands over to the instance that runs already', async () => {
    await using desktop = await start({ prepare: ({ app }) => (app.holdsLock = false) });
    await desktop.app.quitDone;
    expect(desktop.processes).toEqual([]);
    expect(desktop.trays).toEqual([]);
  });

  it('shows in the tray what the engine does', async () => {
    await using desktop = await start();
    await waitFor(() => expect(desktop.trays[0]?.toolTip).toBe('Causeway: Starting…'));
    await shownPage(desktop);
    expect(desktop.trays[0]!.toolTip).toBe('Causeway: Running');
    expect(desktop.trays[0]!.menu[0]).toEqual({ label: 'Running', enabled: false });
    expect(desktop.trays[0]!.image).toEqual({ path: join(appDirectory, 'main/icons/tray.png') });
  });

  it('offers what needs an engine only while there is one', async () => {
    await using desktop = await start();
    await waitFor(() => expect(desktop.trays).toHaveLength(1));
    const dependent = ['open-console', 'copy-address', 'open-data-directory', 'failover-drill'];
    for (const id of dependent) expect(() => desktop.press(desktop.record.menu, id), id).toThrow('is disabled');
    await shownPage(desktop);
    const enabled = desktop.record.menu.flatMap(({ submenu = [] }) => submenu).filter((item) => item.enabled !== false);
    expect(enabled.map(({ id }) => id)).toEqual(expect.arrayContaining(dependent));
  });

  it('runs an engine whose console is closed, and offers no window', async () => {
    await using desktop = await start({ manner: 'hidden' });
    await waitFor(() => expect(desktop.trays[0]?.toolTip).toBe('Causeway: Running without a console'));
    expect(() => desktop.press(desktop.trays[0]!.menu, 'open-console')).toThrow('is disabled');
    desktop.trays[0]!.emit('click');
    expect(desktop.windows).toEqual([]);
  });

  it('goes on without its window, and opens it again from the tray', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    desktop.windows[0]!.destroy();
    expect(desktop.processes[0]!.pid).toBeDefined();
    desktop.press(desktop.trays[0]!.menu, 'open-console');
    await shownPage(desktop);
    desktop.windows[0]!.destroy();
    desktop.trays[0]!.emit('click');
    await shownPage(desktop);
    expect(desktop.windows).toHaveLength(1);
  });

  it('brings its window to the front when it is started a second time', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    desktop.windows[0]!.minimized = true;
    desktop.app.emit('second-instance');
    expect(desktop.windows).toHaveLength(1);
    expect(desktop.windows[0]).toMatchObject({ minimized: false, focused: 1 });
  });

  it('copies the address of the console, token and all', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    desktop.press(desktop.record.menu, 'copy-address');
    await waitFor(() => expect(desktop.record.clipboard).toBe(`${desktop.consoleOrigin}/?token=open-sesame`));
  });

  it('opens the data directory that the engine names, and its logs', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    desktop.press(desktop.record.menu, 'open-data-directory');
    await waitFor(() => expect(desktop.record.openedPaths).toEqual(['/data/of/the/engine']));
    desktop.press(desktop.record.menu, 'open-logs');
    await waitFor(() => expect(desktop.record.openedPaths[1]).toBe(join(desktop.home, 'logs')));
  });

  it('starts a crashed engine again, and leaves the page to find it', async () => {
    await using desktop = await start();
    const page = await shownPage(desktop);
    const first = await page.textContent('#pid');
    const navigations = countNavigations(page);
    const crashed = once(desktop.trays[0]!, 'stand-in:changed');
    await page.evaluate(() => fetch('/crash').catch(() => undefined));
    await crashed;
    expect(desktop.trays[0]!.toolTip).toBe('Causeway: Crashed; starting again in 0.5 s');
    await waitFor(() => expect(desktop.trays[0]!.toolTip).toBe('Causeway: Running'));
    expect(navigations()).toBe(0);
    const second = await page.evaluate(() => fetch('/').then((response) => response.text()));
    expect(second).toMatch(/id="pid"/);
    expect(second).not.toContain(`>${first}<`);
  });

  it('says why the engine does not start, and tries again when asked', async () => {
    await using desktop = await start({
      manner: 'fails',
      prepare: ({ record }) => record.presses.push('Try Again', 'Quit'),
    });
    await desktop.app.quitDone;
    expect(desktop.processes).toHaveLength(2);
    expect(desktop.record.messages).toHaveLength(2);
    expect(desktop.record.messages[0]).toMatchObject({
      message: 'The engine does not start',
      detail: 'listen on 127.0.0.1:5672: the port is in use',
    });
  });

  it('restarts the engine when asked', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    desktop.press(desktop.record.menu, 'restart-engine');
    await waitFor(() => expect(desktop.processes).toHaveLength(2));
    await waitFor(() => expect(desktop.trays[0]!.toolTip).toBe('Causeway: Running'));
    expect(desktop.processes[0]!.child.exitCode).toBe(0);
  });

  it('quits in order: the window, then the engine, then the icon, then itself', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    desktop.press(desktop.trays[0]!.menu, 'quit');
    await desktop.app.quitDone;
    expect(desktop.record.order).toEqual(['window', 'engine', 'tray', 'quit']);
    expect(desktop.processes[0]!.child).toMatchObject({ exitCode: 0, signalCode: null });
  });

  it('quits in order when the system shuts down, and asks it to wait', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    let waits = false;
    desktop.electron.powerMonitor.emit('shutdown', { preventDefault: () => (waits = true) });
    await desktop.app.quitDone;
    expect(waits).toBe(true);
    expect(desktop.record.order).toEqual(['window', 'engine', 'tray', 'quit']);
  });

  it('quits while the engine waits to be started again', async () => {
    await using desktop = await start();
    await shownPage(desktop);
    const crashed = once(desktop.trays[0]!, 'stand-in:changed');
    desktop.processes[0]!.child.kill('SIGKILL');
    await crashed;
    desktop.app.quit();
    await desktop.app.quitDone;
    expect(desktop.processes).toHaveLength(1);
  });

  describe('failover drill', () => {
    const press = (desktop: ElectronStandIn, button: string) => {
      desktop.record.presses.push(button);
      desktop.press(desktop.record.menu, 'failover-drill');
    };

    it('lets a second engine take over from a killed one, and keeps it', async () => {
      await using desktop = await start();
      const page = await shownPage(desktop);
      const navigations = countNavigations(page);
      press(desktop, 'Start Drill');
      await waitFor(() => expect(desktop.record.notifications).toHaveLength(1));
      expect(desktop.record.notifications[0]).toMatch(/^Failover drill: The second engine took over in \d+ ms\.$/);
      const [first, second] = desktop.processes;
      expect(first!.child.signalCode).toBe('SIGKILL');
      expect(second!.pid).toBeDefined();
      expect(await readFile(join(desktop.home, 'logs/engine.log'), 'utf8')).toContain('serve --config test.yml --ha\n');
      expect(navigations()).toBe(0);
      expect(desktop.trays[0]!.toolTip).toBe('Causeway: Running');
      desktop.app.quit();
      await desktop.app.quitDone;
      expect(second!.child).toMatchObject({ exitCode: 0, signalCode: null });
    });

    it('can be held again, on the engine that took over', async () => {
      await using desktop = await start();
      await shownPage(desktop);
      for (const count of [1, 2]) {
        press(desktop, 'Start Drill');
        await waitFor(() => expect(desktop.record.notifications).toHaveLength(count));
      }
      expect(desktop.processes.map(({ pid }) => pid !== undefined)).toEqual([false, false, true]);
    });

    it('does nothing when it is cancelled', async () => {
      await using desktop = await start();
      await shownPage(desktop);
      press(desktop, 'Cancel');
      await waitFor(() => expect(desktop.record.messages).toHaveLength(1));
      expect(desktop.processes).toHaveLength(1);
    });

    it('leaves the active alone when the second engine does not become standby', async () => {
      await using desktop = await start();
      await shownPage(desktop);
      vi.stubEnv('SHELL_ENGINE', 'fails');
      press(desktop, 'Start Drill');
      await waitFor(() => expect(desktop.record.errors).toHaveLength(1));
      expect(desktop.record.errors[0]).toMatch(/^Failover drill: the second engine does not become standby/);
      expect(desktop.processes.map(({ pid }) => pid !== undefined)).toEqual([true, false]);
      expect(desktop.trays[0]!.toolTip).toBe('Causeway: Running');
    });

    it('is one at a time', async () => {
      await using desktop = await start();
      await shownPage(desktop);
      press(desktop, 'Start Drill');
      await waitFor(() => expect(desktop.processes).toHaveLength(2));
      desktop.press(desktop.record.menu, 'failover-drill');
      await waitFor(() => expect(desktop.record.errors).toEqual(['Failover drill: a drill is under way']));
      await waitFor(() => expect(desktop.record.notifications).toHaveLength(1));
    });
  });
});

/** How often the page has been loaded since. */
function countNavigations(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => void (count += request.isNavigationRequest() ? 1 : 0));
  return () => count;
}
