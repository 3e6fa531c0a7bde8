// Starts the desktop app's main process under the stand-in for Electron, with a small program for its engine.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { createBuilder } from 'vite';
import { expect, vi } from 'vitest';
import { createElectron, type ElectronStandIn } from './electron-stand-in.ts';
import { freePort } from './free-port.ts';
import { waitFor } from './wait.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** How the small engine behaves: see shell-engine.ts. */
export type EngineManner = 'obeys' | 'fails' | 'deaf' | 'hidden';

export interface Desktop extends ElectronStandIn {
  readonly home: string;
  readonly consoleOrigin: string;
}

/** An app directory as a package has it, as far as main/ looks: the built preload script, icons, the sample, the engine. */
export async function createAppDirectory(engine = new URL('./shell-engine.ts', import.meta.url)): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-app-'));
  const builder = await createBuilder({
    configFile: join(project, 'vite.config.ts'),
    logLevel: 'warn',
    environments: { preload: { build: { outDir: join(directory, 'out/preload') } } },
  });
  await builder.build(builder.environments['preload']!);
  await mkdir(join(directory, 'out/engine'), { recursive: true });
  await writeFile(join(directory, 'out/engine/process.js'), `import ${JSON.stringify(engine.href)};\n`);
  await cp(join(project, 'main/icons'), join(directory, 'main/icons'), { recursive: true });
  await mkdir(join(directory, 'examples'));
  await writeFile(join(directory, 'examples/causeway.yml'), '# sample\n');
  return directory;
}

export interface DesktopOptions {
  readonly browser: Browser;
  readonly appDirectory: string;
  readonly manner?: EngineManner;
  /** Arguments of the app itself. */
  readonly args?: readonly string[];
  /** Called with the stand-in before main/ runs. */
  readonly prepare?: (desktop: ElectronStandIn) => void;
}

export async function startDesktop(options: DesktopOptions): Promise<Desktop & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), 'causeway-home-'));
  const standIn = createElectron({ browser: options.browser, appPath: options.appDirectory, home });
  options.prepare?.(standIn);
  const port = await freePort();
  vi.stubEnv('SHELL_ENGINE', options.manner ?? 'obeys');
  vi.stubEnv('SHELL_ENGINE_PORT', String(port));
  vi.resetModules();
  vi.doMock('electron', () => standIn.electron);
  const argv = process.argv;
  process.argv = [process.execPath, options.appDirectory, ...(options.args ?? ['--config', 'test.yml'])];
  try {
    await import('../../main/index.ts');
  } finally {
    process.argv = argv;
  }
  return {
    ...standIn,
    home,
    consoleOrigin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      standIn.app.quit();
      await standIn.app.quitDone;
      await standIn[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The page of the app's window, once it shows. */
export async function shownPage(desktop: ElectronStandIn): Promise<Page> {
  const isShown = (): boolean => desktop.windows[0]?.visible === true || desktop.record.errors.length > 0;
  await waitFor(() => expect(isShown()).toBe(true));
  expect(desktop.record.errors).toEqual([]);
  return desktop.windows[0]!.webContents.ready;
}
