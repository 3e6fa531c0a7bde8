// The engine: puts the layers together, starts them in order, and stops them in the opposite one. The only file, with
// those that start it, that knows them all.

import { Route } from './bridge/route.ts';
import { allowsAnonymous } from './config.ts';
import type { Config, ListenerConfig } from './config.ts';
import { Broker } from './core/broker.ts';
import { Clients } from './core/clients.ts';
import { defaultLimits } from './core/dialect.ts';
import type { Access, Dialect, DialectContext } from './core/dialect.ts';
import { BrokerError } from './core/errors.ts';
import type { SharedStore, Store } from './core/store.ts';
import { Lease } from './ha/lease.ts';
import { takePrimacy } from './ha/primacy.ts';
import { Listener } from './protocols/listener.ts';
import type { ListenAddress } from './protocols/listener.ts';
import { Dialect as Stomp } from './protocols/stomp/dialect.ts';
import { isOnNetwork, prepareDirectory } from './store/database.ts';
import type { Journal } from './store/database.ts';
import { openSharedStore } from './store/sqlite-store.ts';
import { systemClock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export interface StartOptions {
  readonly signal: AbortSignal;
  /** Called when the engine begins to wait for another one's store. */
  readonly onStandby: () => void;
}

export interface Ready {
  readonly listeners: Readonly<Record<string, ListenAddress>>;
  readonly consoleUrl?: string;
}

const maxConnections = 20_000;

export class Engine {
  readonly #config: Config;
  readonly #log: Log;
  readonly #clock = systemClock;
  /** Resolves, with the reason, when another engine has taken over, or must be assumed to have. */
  readonly lost: Promise<BrokerError>;
  readonly #lose: (reason: BrokerError) => void;
  /** What is to be undone at the end, the last first. */
  readonly #started: (() => Promise<void> | void)[] = [];

  constructor(config: Config, log: Log) {
    this.#config = config;
    this.#log = log;
    const lost = Promise.withResolvers<BrokerError>();
    this.lost = lost.promise;
    this.#lose = lost.resolve;
  }

  /**
   * Resolves once everything listens.
   * @throws BrokerError: the store cannot be opened, or is in use; an address cannot be listened on.
   */
  async start({ signal, onStandby }: StartOptions): Promise<Ready> {
    const store = await this.#openStore(signal, onStandby);
    const broker = await this.#startBroker(store);
    const clients = new Clients(() => this.#clock.now());
    const dialects = this.#dialects(broker, clients);
    for (const dialect of dialects) await dialect.start?.();
    await this.#startRoutes(broker);
    return { listeners: await this.#listen(dialects) };
  }

  /** Stops in order: no new connections, no connections, no work, no store. Idempotent. */
  async close(): Promise<void> {
    for (let stop = this.#started.pop(); stop !== undefined; stop = this.#started.pop()) {
      try {
        await stop();
      } catch (error) {
        this.#log.warn({ err: error }, 'stop');
      }
    }
  }

  async #openStore(signal: AbortSignal, onStandby: () => void): Promise<Store> {
    const { dataDirectory: directory, store: settings, ha } = this.#config;
    prepareDirectory(directory);
    const journal = chooseJournal(settings.journal, directory);
    const shared: SharedStore = openSharedStore({ directory, journal, maxBytes: settings.limit });
    this.#started.push(() => shared.close());
    shared.lost.then(this.#lose, () => undefined);
    const { leaseMs } = ha;
    const store = await takePrimacy({
      shared,
      standby: ha.enabled,
      leaseMs,
      clock: this.#clock,
      log: this.#log.child({ component: 'ha' }),
      onStandby,
      signal,
    });
    const lease = new Lease(store, { leaseMs, clock: this.#clock, onLost: this.#lose });
    lease.start();
    this.#started.push(() => lease.close());
    this.#log.info({ directory, journal, epoch: store.epoch }, 'store open');
    return store;
  }

  async #startBroker(store: Store): Promise<Broker> {
    const broker = new Broker({
      store,
      clock: this.#clock,
      log: this.#log.child({ component: 'broker' }),
      memoryLimitBytes: this.#config.memory.messages,
      deadLetter: this.#config.deadLetter,
    });
    await broker.start(() => undefined);
    this.#started.push(() => broker.close());
    return broker;
  }

  #dialects(broker: Broker, clients: Clients): readonly Dialect[] {
    const { maxMessage, connectTimeoutMs } = this.#config.limits;
    const context: DialectContext = {
      broker,
      clients,
      access,
      limits: { ...defaultLimits, maxMessageBytes: maxMessage, connectTimeoutMs },
      clock: this.#clock,
      log: this.#log,
    };
    return [new Stomp(context)];
  }

  async #startRoutes(_broker: Broker): Promise<void> {
    await Promise.resolve(Route);
  }

  async #listen(dialects: readonly Dialect[]): Promise<Readonly<Record<string, ListenAddress>>> {
    const addresses: Record<string, ListenAddress> = {};
    for (const dialect of dialects) {
      this.#started.push(() => dialect.close());
      const settings = this.#config.listeners[dialect.name];
      if (settings !== false) addresses[dialect.name] = await this.#listenFor(dialect, settings);
    }
    return addresses;
  }

  async #listenFor(dialect: Dialect, settings: ListenerConfig): Promise<ListenAddress> {
    const { host, port } = settings;
    const listener = new Listener(dialect, { host, port, anonymous: allowsAnonymous(settings), maxConnections });
    try {
      const address = await listener.start();
      this.#started.push(() => listener.close());
      return address;
    } catch (error) {
      throw listenError(dialect.name, host, port, error);
    }
  }
}

/** Credentials are not checked against anything: whoever is let in without any may also give some. */
const access: Access = {
  authenticate: async (peer, credentials) => (peer.anonymous ? (credentials?.user ?? 'anonymous') : undefined),
};

function chooseJournal(setting: 'auto' | Journal, directory: string): Journal {
  if (setting !== 'auto') return setting;
  return isOnNetwork(directory) ? 'rollback' : 'wal';
}

function listenError(name: string, host: string, port: number, cause: unknown): BrokerError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = code === 'EADDRINUSE' ? 'the port is in use' : cause instanceof Error ? cause.message : String(cause);
  const advice = `choose another with --set listeners.${name}=PORT`;
  return new BrokerError('not-allowed', `listen for ${name} on ${host}:${port}: ${reason}; ${advice}`, { cause });
}
