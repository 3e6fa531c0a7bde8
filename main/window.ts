// The console's window: the engine's own page, by its address, in a renderer that can do no more than a browser's.
// Numbers are those of Electron's security checklist (docs/tutorial/security). 7, the Content-Security-Policy, is set
// by the engine's server; 19, the fuses, by electron-builder.yml.
import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, session, type Session, type WebContents, type WebFrameMain } from 'electron';

/** Kept on disk, so that the page's own settings are; it holds no token, and no message. */
const partition = 'persist:console';

/** What a page may ask of the system: to copy to the clipboard, at a click. */
const permissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Reloads of a page that crashed, before it is left alone. */
const reloads = { most: 3, withinMs: 60_000 } as const;

export class ConsoleWindow {
  #window: BrowserWindow | undefined;
  #url: URL | undefined;
  #hardened = false;
  #crashes: number[] = [];

  /**
   * The address, with its token, at which the engine serves; a window that shows another one goes there. A page that
   * lost its engine finds it again by itself, as long as the address is the same.
   * @throws for an address beyond this machine [1].
   */
  setUrl(consoleUrl: string): void {
    const url = new URL(consoleUrl);
    if (!isLoopback(url)) throw new Error(`the console's address ${url.origin} is not on this machine`);
    const changed = url.href !== this.#url?.href;
    this.#url = url;
    if (changed && this.#window !== undefined) this.#load(this.#window);
  }

  get hasUrl(): boolean {
    return this.#url !== undefined;
  }

  /** Opens the window, or brings it to the front. Does nothing while there is no engine to show. */
  show(): void {
    if (this.#url === undefined) return;
    if (this.#window === undefined) {
      this.#load(this.#create());
      return;
    }
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  close(): void {
    this.#window?.destroy();
  }

  /** Whether it is the console's page, itself and not a frame in it, that speaks [17]. */
  isPage(frame: WebFrameMain | null): boolean {
    if (frame === null || this.#window === undefined) return false;
    return frame === this.#window.webContents.mainFrame && this.#isOwn(frame.url);
  }

  #create(): BrowserWindow {
    this.#harden();
    const window = new BrowserWindow({
      title: 'Causeway',
      width: 1280,
      height: 840,
      minWidth: 640,
      minHeight: 480,
      show: false,
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#14181b' : '#ffffff',
      webPreferences: {
        preload: join(app.getAppPath(), 'out/preload/preload.cjs'),
        additionalArguments: [`--causeway-version=${app.getVersion()}`],
        partition,
        nodeIntegration: false, // [2]
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        contextIsolation: true, // [3]
        sandbox: true, // [4]
        webSecurity: true, // [6]
        allowRunningInsecureContent: false, // [8]
        experimentalFeatures: false, // [9]
        webviewTag: false, // [11], [12]
        navigateOnDragDrop: false, // [13]
        spellcheck: false, // would download dictionaries
        devTools: !app.isPackaged,
      },
    });
    this.#window = window;
    this.#confine(window.webContents);
    window.once('ready-to-show', () => window.show());
    window.on('closed', () => {
      this.#window = undefined;
    });
    return window;
  }

  #load(window: BrowserWindow): void {
    if (this.#url === undefined) return;
    // A failed load shows as Chromium's error page; the next address of the engine replaces it.
    window.loadURL(this.#url.href).catch((error: unknown) => {
      process.stderr.write(`load the console: ${String(error)}\n`);
    });
  }

  /** Keeps the window's contents where they are [13], [14]. */
  #confine(contents: WebContents): void {
    const refuseForeign = (event: { preventDefault(): void; url: string }): void => {
      if (!this.#isOwn(event.url)) event.preventDefault();
    };

    contents.on('will-frame-navigate', refuseForeign); // of the page itself, too
    contents.on('will-redirect', refuseForeign);
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') this.#reloadAfterCrash();
    });
  }

  /** Nothing is permitted but what the page needs [5], and nothing is fetched from elsewhere. */
  #harden(): void {
    if (this.#hardened) return;
    this.#hardened = true;
    const own: Session = session.fromPartition(partition);
    own.setPermissionRequestHandler((contents, permission, callback) => {
      callback(permissions.has(permission) && this.#isOwn(contents.getURL()));
    });
    own.setPermissionCheckHandler(
      (_contents, permission, origin) => permissions.has(permission) && this.#isOwn(origin),
    );
    own.setDevicePermissionHandler(() => false);
    own.webRequest.onBeforeRequest((details, callback) => callback({ cancel: !this.#mayRequest(details.url) }));
  }

  #mayRequest(address: string): boolean {
    const { protocol } = new URL(address);
    return this.#isOwn(address) || ['data:', 'blob:', 'devtools:'].includes(protocol);
  }

  /** Same host and port; the live feed's ws: is the page's http:. Parsed, never compared as text. */
  #isOwn(address: string): boolean {
    if (this.#url === undefined || !URL.canParse(address)) return false;
    const { protocol, host } = new URL(address);
    return host === this.#url.host && protocol.replace(/^ws/, 'http') === this.#url.protocol;
  }

  #reloadAfterCrash(): void {
    const now = performance.now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < reloads.withinMs), now];
    if (this.#crashes.length <= reloads.most && this.#window !== undefined) this.#load(this.#window);
  }
}

function isLoopback({ protocol, hostname }: URL): boolean {
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
