// The console on a fake engine: the real control server and the built page. Tests start one; whoever works on the
// page runs this file and opens what it prints:
//   node test/support/fake-console.ts [--port 8161] [--destinations 5000] [--clients 500] [--empty]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LiveFeed } from '../../broker/control/live.ts';
import { Page } from '../../broker/control/page.ts';
import { ControlServer } from '../../broker/control/server.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import type { FakeEngineOptions } from './fake-engine.ts';
import { FakeEngine } from './fake-engine.ts';

const builtPage = fileURLToPath(new URL('../../out/renderer', import.meta.url));

export interface FakeConsoleOptions extends FakeEngineOptions {
  readonly port?: number;
  readonly token?: string;
  /** How often the fake moves; 0: only when a test calls `engine.step`. */
  readonly stepMs?: number;
  readonly engine?: FakeEngine;
  /** Default: where the build puts the page. */
  readonly pageDirectory?: string;
}

export class FakeConsole {
  readonly engine: FakeEngine;
  readonly port: number;
  readonly token: string;
  readonly #server: ControlServer;
  readonly #timer: NodeJS.Timeout | undefined;

  private constructor(engine: FakeEngine, server: ControlServer, port: number, token: string, stepMs: number) {
    this.engine = engine;
    this.#server = server;
    this.port = port;
    this.token = token;
    this.#timer = stepMs > 0 ? setInterval(() => engine.step(stepMs), stepMs) : undefined;
  }

  static async start(options: FakeConsoleOptions = {}): Promise<FakeConsole> {
    const { port = 0, token = 'token-of-the-fake', stepMs = 0 } = options;
    const engine = options.engine ?? new FakeEngine(options);
    const server = new ControlServer({
      host: '127.0.0.1',
      port,
      token,
      page: await Page.load(options.pageDirectory ?? builtPage),
      handlers: engine.handlers,
      // Batches carry the fake's time, as those of an engine carry its own.
      live: new LiveFeed(engine, { ...systemClock, now: () => engine.now }),
      health: () => ({ status: 'ok', role: 'active', version: '0.1.0' }),
      clock: systemClock,
      log: silent,
    });
    const address = await server.start();
    return new FakeConsole(engine, server, address.port, token, stepMs);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `${this.origin}/?token=${this.token}`;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8161' },
      destinations: { type: 'string', default: '0' },
      clients: { type: 'string', default: '0' },
      empty: { type: 'boolean', default: false },
    },
  });
  const console = await FakeConsole.start({
    port: Number(values.port),
    extraDestinations: Number(values.destinations),
    extraClients: Number(values.clients),
    empty: values.empty,
    stepMs: 250,
  });
  process.stdout.write(`${console.url}\n`);
}
