// Stands in for the `electron` module where its binary is not there: what main/ calls of it, with real Chromium pages
// for windows and real Node processes for utility processes. It enforces what Electron enforces around those (events
// before a navigation, the window-open handler, permissions asked of handlers), and records the rest: menus, trays,
// dialogs. A call that main/ makes and this does not have fails the test.
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import type { Browser, BrowserContext, Frame, Page, Request } from 'playwright-core';
import { createUtilityProcesses } from './utility-processes.ts';

type Handler = (...args: never[]) => unknown;

interface MenuItem {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly enabled?: boolean;
  readonly click?: () => void;
  readonly submenu?: readonly MenuItem[];
}

export interface StandInOptions {
  readonly browser: Browser;
  /** The app's own directory. */
  readonly appPath: string;
  /** For userData and logs. */
  readonly home: string;
}

class Session {
  readonly partition: string;
  readonly context: Promise<BrowserContext>;
  permissionRequest: Handler | undefined;
  permissionCheck: Handler | undefined;
  devicePermission: Handler | undefined;
  beforeRequest: ((details: { url: string }, answer: (response: { cancel: boolean }) => void) => void) | undefined;
  readonly webRequest = {
    onBeforeRequest: (handler: typeof this.beforeRequest): void => {
      this.beforeRequest = handler;
    },
  };

  constructor(partition: string, browser: Browser) {
    this.partition = partition;
    this.context = browser.newContext();
  }

  setPermissionRequestHandler(handler: Handler): void {
    this.permissionRequest = handler;
  }

  setPermissionCheckHandler(handler: Handler): void {
    this.permissionCheck = handler;
  }

  setDevicePermissionHandler(handler: Handler): void {
    this.devicePermission = handler;
  }

  allows(url: string): boolean {
    let cancelled = false;
    this.beforeRequest?.({ url }, ({ cancel }) => {
      cancelled = cancel;
    });
    return !cancelled;
  }
}

class WebContents extends EventEmitter {
  readonly session: Session;
  readonly ready: Promise<Page>;
  page: Page | undefined;
  /** Where the page tried to go, or a frame in it, and an event's listener refused. */
  readonly refusedNavigations: string[] = [];
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  #loading: string | undefined;
  readonly #frames = new WeakMap<Frame, object>();

  constructor(session: Session, prepare: (page: Page, contents: WebContents) => Promise<void>) {
    super();
    this.session = session;
    this.ready = this.#open(prepare);
  }

  get mainFrame(): object {
    if (this.page === undefined) throw new Error('the window shows nothing yet');
    return this.frameOf(this.page.mainFrame());
  }

  /** One object per frame, as Electron's WebFrameMain. */
  frameOf(frame: Frame): object {
    let known = this.#frames.get(frame);
    if (known === undefined) {
      known = {
        get url() {
          return frame.url();
        },
      };
      this.#frames.set(frame, known);
    }
    return known;
  }

  getURL(): string {
    return this.page?.url() ?? '';
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler;
  }

  async load(url: string): Promise<void> {
    const page = await this.ready;
    this.#loading = url;
    try {
      await page.goto(url);
    } finally {
      this.#loading = undefined;
    }
  }

  async #open(prepare: (page: Page, contents: WebContents) => Promise<void>): Promise<Page> {
    const context = await this.session.context;
    const page = await context.newPage();
    this.page = page;
    await context.route('**/*', async (route) => {
      const request = route.request();
      if (await this.#permits(request)) await route.continue();
      // Of a refused navigation of its own a window shows nothing; a popup has to show something to be known.
      else await route.abort(frameOfRequest(request)?.page() === page ? 'aborted' : 'blockedbyclient');
    });
    page.on('popup', (popup) => void this.#popup(popup));
    await prepare(page, this);
    return page;
  }

  /** Before a request leaves: the events of a navigation, then the session's own filter. */
  async #permits(request: Request): Promise<boolean> {
    const frame = frameOfRequest(request);
    if (frame === undefined || frame.page() !== this.page) return false;
    const url = request.url();
    if (request.isNavigationRequest() && url !== this.#loading) {
      const isMainFrame = frame === frame.page().mainFrame();
      const event = {
        url,
        isMainFrame,
        defaultPrevented: false,
        preventDefault: () => void (event.defaultPrevented = true),
      };
      this.emit('will-frame-navigate', event);
      if (isMainFrame) this.emit('will-navigate', event);
      if (event.defaultPrevented) {
        this.refusedNavigations.push(url);
        return false;
      }
    }
    return this.session.allows(url);
  }

  async #popup(popup: Page): Promise<void> {
    const { action } = this.#openHandler({ url: popup.url() });
    if (action === 'deny') await popup.close();
    this.emit('stand-in:popup', action);
  }
}

/** Undefined for the first request of a window that has no frame yet: a popup. */
function frameOfRequest(request: Request): Frame | undefined {
  try {
    return request.frame();
  } catch {
    return undefined;
  }
}

interface PreloadPreferences {
  readonly preload: string;
  readonly additionalArguments: readonly string[];
}

/** A sandboxed preload script is CommonJS, and of Node it has this: a `require` of electron, and some of `process`. */
function runSandboxed(path: string, electron: object, args: readonly string[]): void {
  const run = compileFunction(readFileSync(path, 'utf8'), ['require', 'process', 'module', 'exports'], {
    filename: path,
  });
  const requireElectron = (name: string): object => {
    if (name !== 'electron') throw new Error(`a sandboxed preload script cannot require ${name}`);
    return electron;
  };
  const module = { exports: {} };
  run(requireElectron, { platform: process.platform, argv: ['electron', ...args] }, module, module.exports);
}

/** A fresh `electron` module, and what it recorded. */
export function createElectron(options: StandInOptions) {
  const sessions = new Map<string, Session>();
  const windows: BrowserWindow[] = [];
  const trays: Tray[] = [];
  const handlers = new Map<string, (event: object, ...args: unknown[]) => unknown>();
  const record = {
    menu: [] as readonly MenuItem[],
    clipboard: '',
    openedPaths: [] as string[],
    errors: [] as string[],
    messages: [] as { message: string; detail: string; buttons: string[] }[],
    notifications: [] as string[],
    /** What the user presses, by label, in each message box to come. */
    presses: [] as string[],
    order: [] as string[],
    exitCode: undefined as number | undefined,
  };

  class App extends EventEmitter {
    readonly isPackaged = false;
    sandboxed = false;
    holdsLock = true;
    /** Resolves when the app has quit for good. */
    readonly quitDone: Promise<void>;
    #quitDone: () => void = () => {};

    constructor() {
      super();
      this.quitDone = new Promise((resolve) => {
        this.#quitDone = resolve;
      });
    }

    enableSandbox(): void {
      this.sandboxed = true;
    }

    setAppUserModelId(): void {}

    requestSingleInstanceLock(): boolean {
      return this.holdsLock;
    }

    whenReady(): Promise<void> {
      return Promise.resolve();
    }

    getAppPath(): string {
      return options.appPath;
    }

    getVersion(): string {
      return '0.0.1-test';
    }

    getPath(name: string): string {
      return `${options.home}/${name}`;
    }

    quit(): void {
      const event = { defaultPrevented: false, preventDefault: () => void (event.defaultPrevented = true) };
      this.emit('before-quit', event);
      if (event.defaultPrevented) return;
      record.order.push('quit');
      this.#quitDone();
    }

    exit(code: number): void {
      record.exitCode = code;
      this.#quitDone();
    }
  }
  const app = new App();

  function sessionOf(partition: string): Session {
    let known = sessions.get(partition);
    if (known === undefined) {
      known = new Session(partition, options.browser);
      sessions.set(partition, known);
    }
    return known;
  }

  class BrowserWindow extends EventEmitter {
    readonly options: {
      readonly webPreferences: PreloadPreferences & Record<string, unknown>;
      readonly show?: boolean;
    };
    readonly webContents: WebContents;
    visible: boolean;
    focused = 0;
    minimized = false;
    destroyed = false;

    constructor(windowOptions: BrowserWindow['options']) {
      super();
      this.options = windowOptions;
      this.visible = windowOptions.show ?? true;
      this.webContents = new WebContents(
        sessionOf(String(windowOptions.webPreferences['partition'])),
        (page, contents) => this.#preload(page, contents),
      );
      windows.push(this);
      app.emit('web-contents-created', {}, this.webContents);
    }

    async loadURL(url: string): Promise<void> {
      await this.webContents.load(url);
      this.emit('ready-to-show');
    }

    show(): void {
      this.visible = true;
    }

    focus(): void {
      this.focused++;
    }

    isMinimized(): boolean {
      return this.minimized;
    }

    restore(): void {
      this.minimized = false;
    }

    destroy(): void {
      if (this.destroyed) return;
      this.destroyed = true;
      record.order.push('window');
      windows.splice(windows.indexOf(this), 1);
      void this.webContents.page?.close();
      this.emit('closed');
      if (windows.length === 0) app.emit('window-all-closed');
    }

    /** Runs the preload script, and puts what it exposes into the page: values as they are, functions as calls. */
    async #preload(page: Page, contents: WebContents): Promise<void> {
      const exposed: Record<string, Record<string, unknown>> = {};
      const preloadElectron = {
        contextBridge: {
          exposeInMainWorld: (name: string, api: Record<string, unknown>) => void (exposed[name] = api),
        },
        ipcRenderer: {
          // Each call comes from the frame that made it: see below.
          invoke: (channel: string, ...args: unknown[]) => invoke(channel, contents, callingFrame, args),
        },
      };
      let callingFrame: Frame | undefined;
      const { preload, additionalArguments } = this.options.webPreferences;
      runSandboxed(preload, preloadElectron, additionalArguments);
      for (const [name, api] of Object.entries(exposed)) {
        const calls = Object.keys(api).filter((key) => typeof api[key] === 'function');
        const values = Object.fromEntries(Object.entries(api).filter(([key]) => !calls.includes(key)));
        const binding = `standIn_${name}`;
        await page.exposeBinding(binding, async ({ frame }, call: string, args: unknown[]) => {
          callingFrame = frame;
          return (api[call] as (...given: unknown[]) => unknown)(...args);
        });
        await page.addInitScript(
          ([apiName, bindingName, plain, names]) => {
            const target = globalThis as unknown as Record<string, (...given: unknown[]) => unknown>;
            const send = target[bindingName]!;
            const functions = names.map((call) => [call, (...given: unknown[]) => send(call, given)] as const);
            Object.defineProperty(globalThis, apiName, {
              value: Object.freeze({ ...plain, ...Object.fromEntries(functions) }),
            });
          },
          [name, binding, values, calls] as const,
        );
      }
    }
  }

  async function invoke(channel: string, sender: WebContents, frame: Frame | undefined, args: readonly unknown[]) {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`no handler for ${channel}`);
    return handler({ sender, senderFrame: frame === undefined ? null : sender.frameOf(frame) }, ...args);
  }

  class Tray extends EventEmitter {
    readonly image: unknown;
    toolTip = '';
    menu: readonly MenuItem[] = [];
    destroyed = false;

    constructor(image: unknown) {
      super();
      this.image = image;
      trays.push(this);
    }

    setToolTip(text: string): void {
      this.toolTip = text;
      this.emit('stand-in:changed');
    }

    setContextMenu(menu: readonly MenuItem[]): void {
      this.menu = menu;
    }

    destroy(): void {
      this.destroyed = true;
      record.order.push('tray');
    }
  }

  class Notification {
    readonly #text: string;

    constructor({ title, body }: { title: string; body: string }) {
      this.#text = `${title}: ${body}`;
    }

    show(): void {
      record.notifications.push(this.#text);
    }
  }

  const processes = createUtilityProcesses(() => record.order.push('engine'));
  const electron = {
    app,
    BrowserWindow,
    Tray,
    Notification,
    Menu: {
      buildFromTemplate: (template: readonly MenuItem[]) => template,
      setApplicationMenu: (menu: readonly MenuItem[]) => void (record.menu = menu),
    },
    clipboard: {
      writeText: (text: string) => {
        record.clipboard = text;
        return Promise.resolve();
      },
    },
    dialog: {
      showErrorBox: (title: string, content: string) => {
        record.errors.push(`${title}: ${content}`);
      },
      showMessageBox: (box: { message: string; detail: string; buttons: string[] }) => {
        record.messages.push(box);
        const response = box.buttons.indexOf(record.presses.shift() ?? '');
        if (response < 0) throw new Error(`no one expected "${box.message}": ${box.detail}`);
        return Promise.resolve({ response });
      },
    },
    ipcMain: {
      handle: (channel: string, handler: (event: object, ...args: unknown[]) => unknown) => {
        if (handlers.has(channel)) throw new Error(`a second handler for ${channel}`);
        handlers.set(channel, handler);
      },
    },
    nativeImage: { createFromPath: (path: string) => ({ path }) },
    nativeTheme: { shouldUseDarkColors: false },
    powerMonitor: new EventEmitter(),
    session: { fromPartition: sessionOf },
    shell: {
      openPath: (path: string) => {
        record.openedPaths.push(path);
        return Promise.resolve('');
      },
    },
    utilityProcess: processes.utilityProcess,
  };

  return {
    electron,
    app,
    record,
    windows,
    trays,
    processes: processes.started,
    sessions,
    invoke,
    /** Presses an item of a menu, found by its id. */
    press(menu: readonly MenuItem[], id: string): void {
      const item = menu.flatMap((entry) => [entry, ...(entry.submenu ?? [])]).find((entry) => entry.id === id);
      if (item?.click === undefined) throw new Error(`no menu item ${id}`);
      if (item.enabled === false) throw new Error(`menu item ${id} is disabled`);
      item.click();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await processes[Symbol.asyncDispose]();
      for (const known of sessions.values()) await (await known.context).close();
    },
  };
}

export type ElectronStandIn = ReturnType<typeof createElectron>;
