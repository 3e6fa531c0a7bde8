// The desktop app as a whole: one engine, one window on its console, one tray icon; what their menus do, and the order in
// which all of it ends. It sees no messages.
import { clipboard, dialog, Menu, shell as desktop, app, Notification } from 'electron';
import { dataDirectory } from './console-client.ts';
import { EngineProcess, type EngineState } from './engine-process.ts';
import { failoverDrill } from './failover-drill.ts';
import type { LogFile } from './log-file.ts';
import { applicationMenu, type Actions } from './menu.ts';
import { answerPageCalls } from './page-calls.ts';
import { StatusTray } from './tray.ts';
import { ConsoleWindow } from './window.ts';

export interface ShellOptions {
  /** The built broker/process.ts. */
  readonly modulePath: string;
  readonly engineArgs: readonly string[];
  readonly log: LogFile;
}

export class Shell {
  readonly #options: ShellOptions;
  readonly #window = new ConsoleWindow();
  readonly #actions: Actions = {
    openConsole: () => this.openConsole(),
    copyAddress: () => this.#attempt('Copy the address', () => this.#copyAddress()),
    openDataDirectory: () => this.#attempt('Open the data directory', () => this.#openDataDirectory()),
    openLogs: () => this.#attempt('Open the logs', () => openFolder(this.#options.log.directory)),
    failoverDrill: () => this.#attempt('Failover drill', () => this.#drill()),
    restartEngine: () => this.#attempt('Restart the engine', () => this.#restart()),
    quit: () => app.quit(),
  };
  #engine: EngineProcess;
  #spare: EngineProcess | undefined;
  #tray: StatusTray | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#engine = this.#newEngine(options.engineArgs);
  }

  start(): void {
    this.#tray = new StatusTray(this.#actions);
    answerPageCalls({
      isPage: (frame) => this.#window.isPage(frame),
      openDataDirectory: () => this.#openDataDirectory(),
    });
    this.#show(this.#engine.state);
    this.#engine.start();
  }

  openConsole(): void {
    this.#window.show();
  }

  /** The window first, so that no page is seen losing its engine; then the engines; the icon goes when they are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#window.close();
    const ends = await Promise.allSettled([this.#engine.stop(), this.#spare?.stop()]);
    for (const end of ends) {
      if (end.status === 'rejected') this.#options.log.append(`stop the engine: ${String(end.reason)}\n`);
    }
    this.#tray?.close();
  }

  #newEngine(args: readonly string[]): EngineProcess {
    const { modulePath, log } = this.#options;
    const engine = new EngineProcess({ modulePath, args, name: 'Causeway engine', log: (text) => log.append(text) });
    engine.onChange((state) => {
      if (engine === this.#engine) this.#changed(state);
    });
    return engine;
  }

  #changed(state: EngineState): void {
    if (this.#closing !== undefined) return;
    this.#show(state);
    const url = consoleUrl(state);
    if (url !== undefined) this.#attempt('Open the console', () => this.#showPage(url));
    if (state.name === 'failed') this.#attempt('Start the engine', () => this.#askAfterFailure(state.reason));
  }

  #show(state: EngineState): void {
    this.#tray?.show(state);
    Menu.setApplicationMenu(Menu.buildFromTemplate(applicationMenu(this.#actions, state, !app.isPackaged)));
  }

  /** The first time it opens the window; later the window is the user's, open or closed. */
  #showPage(url: string): void {
    const first = !this.#window.hasUrl;
    this.#window.setUrl(url);
    if (first) this.#window.show();
  }

  async #copyAddress(): Promise<void> {
    const url = consoleUrl(this.#engine.state);
    if (url !== undefined) await clipboard.writeText(url);
  }

  async #openDataDirectory(): Promise<void> {
    const url = consoleUrl(this.#engine.state);
    if (url === undefined) throw new Error('there is no console to ask where the data is');
    await openFolder(await dataDirectory(url));
  }

  async #restart(): Promise<void> {
    await this.#engine.stop();
    this.#engine.start();
  }

  async #drill(): Promise<void> {
    if (this.#spare !== undefined) throw new Error('a drill is under way');
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: 'Start a second engine and kill the first?',
      detail:
        'The second engine waits on the same data, then the first is ended at once, as a crash would end it. Clients ' +
        'are disconnected and find the second engine at the same ports. No accepted message is lost.',
      buttons: ['Start Drill', 'Cancel'],
      defaultId: 0,
      cancelId: 1,
    });
    if (response !== 0) return;
    const active = this.#engine;
    const spare = this.#newEngine([...this.#options.engineArgs.filter((argument) => argument !== '--ha'), '--ha']);
    this.#spare = spare;
    try {
      const { gapMs } = await failoverDrill(active, spare);
      this.#engine = spare;
      this.#changed(spare.state);
      new Notification({
        title: 'Failover drill',
        body: `The second engine took over in ${Math.round(gapMs)} ms.`,
      }).show();
    } finally {
      this.#spare = undefined;
    }
  }

  async #askAfterFailure(reason: string): Promise<void> {
    const { response } = await dialog.showMessageBox({
      type: 'error',
      message: 'The engine does not start',
      detail: reason,
      buttons: ['Try Again', 'Open Logs', 'Quit'],
      defaultId: 0,
      cancelId: 2,
    });
    if (response === 0) this.#engine.start();
    if (response === 1) await openFolder(this.#options.log.directory);
    if (response === 2) app.quit();
  }

  /** Runs what a menu asked for; a failure is shown. */
  #attempt(what: string, run: () => Promise<void> | void): void {
    void (async () => {
      try {
        await run();
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#options.log.append(`${what}: ${message}\n`);
        dialog.showErrorBox(what, message);
      }
    })();
  }
}

/** @throws what the desktop says against it. */
async function openFolder(path: string): Promise<void> {
  const problem = await desktop.openPath(path);
  if (problem !== '') throw new Error(problem);
}

function consoleUrl(state: EngineState): string | undefined {
  return state.name === 'ready' ? state.consoleUrl : undefined;
}
