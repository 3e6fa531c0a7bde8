// Where the desktop app begins: one instance, its shell, and the life of both.
import { join } from 'node:path';
import { app, dialog, powerMonitor } from 'electron';
import { engineArguments } from './engine-arguments.ts';
import { LogFile } from './log-file.ts';
import { Shell } from './shell.ts';

let shell: Shell | undefined;
let closed = false;

// Every renderer, whatever window it belongs to [security checklist, 4].
app.enableSandbox();
app.setAppUserModelId('com.github.causeway.desktop');

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => shell?.openConsole());
  app.on('activate', () => shell?.openConsole());
  // The broker goes on without its window; the tray brings it back.
  app.on('window-all-closed', () => {});
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
  app.on('before-quit', (event) => {
    if (shell === undefined || closed) return;
    event.preventDefault();
    void shell.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
  run().catch((error: unknown) => {
    dialog.showErrorBox('Causeway does not start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  });
} else {
  app.quit();
}

async function run(): Promise<void> {
  await app.whenReady();
  // The system waits for us when asked to; its types do not say so.
  powerMonitor.on('shutdown', (event?: Electron.Event) => {
    event?.preventDefault();
    app.quit();
  });
  const places = { app: app.getAppPath(), userData: app.getPath('userData') };
  shell = new Shell({
    modulePath: join(places.app, 'out/engine/process.js'),
    engineArgs: await engineArguments(process.argv.slice(app.isPackaged ? 1 : 2), places),
    log: new LogFile(app.getPath('logs')),
  });
  shell.start();
}
