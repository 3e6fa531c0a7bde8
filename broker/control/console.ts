// The console as one thing that the engine starts and closes: the page, the live feed, the history and the methods,
// behind the control server.

import { fileURLToPath } from 'node:url';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { ConsoleEngine } from './console-engine.ts';
import { EngineSource } from './engine-source.ts';
import { HistoryRecorder } from './history.ts';
import { LiveFeed } from './live.ts';
import { handlersFor } from './methods.ts';
import { Page } from './page.ts';
import { ControlServer } from './server.ts';

/** Where `npm run build` puts the page. */
const builtPage = fileURLToPath(new URL('../../out/renderer/', import.meta.url));

export interface ConsoleOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly engine: ConsoleEngine;
  readonly clock: Clock;
  readonly log: Log;
}

export class Console {
  readonly #options: ConsoleOptions;
  readonly #source: EngineSource;
  readonly #history: HistoryRecorder;
  #server: ControlServer | undefined;

  /** Make it when routes have been started: what they carried before is not this engine's. */
  constructor(options: ConsoleOptions) {
    const { engine, clock } = options;
    this.#options = options;
    this.#source = new EngineSource(engine, clock);
    this.#history = new HistoryRecorder(() => this.#source.totals(), clock);
  }

  /** @throws what listening throws: EADDRINUSE, EACCES. */
  async start(): Promise<{ readonly host: string; readonly port: number }> {
    const { host, port, token, engine, clock, log } = this.#options;
    const [page] = await Promise.all([Page.load(builtPage), this.#source.refresh()]);
    const server = new ControlServer({
      host,
      port,
      token,
      page,
      handlers: handlersFor(engine, this.#source, this.#history, clock),
      live: new LiveFeed(this.#source, clock),
      health: () => ({ status: 'ok', role: 'active', version: engine.version }),
      clock,
      log,
    });
    const address = await server.start();
    this.#server = server;
    this.#history.start();
    return address;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#history.close();
    await this.#server?.close();
  }
}
