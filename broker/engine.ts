// The engine: puts the layers together, starts them in order, and stops them in the opposite one. The only file, with
// those that start it, that knows them all.

import { randomBytes } from 'node:crypto';
import { totalmem } from 'node:os';
import type { Config } from './config.ts';
import { waitingKeys } from './config-changes.ts';
import { bytesOf } from './config-sizes.ts';
import { destinationOptions } from './config-destinations.ts';
import type { ListenerConfig } from './config-listeners.ts';
import { consoleCloud } from './console-cloud.ts';
import { Console } from './control/console.ts';
import type { ConsoleCloud } from './control/console-engine.ts';
import type { Access } from './core/access.ts';
import { Broker } from './core/broker.ts';
import { Clients } from './core/clients.ts';
import { defaultLimits } from './core/dialect.ts';
import type { Dialect, DialectContext } from './core/dialect.ts';
import { BrokerError } from './core/errors.ts';
import type { SharedStore, Store } from './core/store.ts';
import { Front } from './front.ts';
import type { TryToListen } from './front.ts';
import { ListenerCertificates } from './listener-certificates.ts';
import { Lease } from './ha/lease.ts';
import { takePrimacy } from './ha/primacy.ts';
import type { ListenAddress } from './protocols/listener.ts';
import { AmqpDialect } from './protocols/amqp/dialect.ts';
import { Dialect as Mqtt } from './protocols/mqtt/dialect.ts';
import { Dialect as Stomp } from './protocols/stomp/dialect.ts';
import { LocalCloud } from './local-cloud.ts';
import { localObjects } from './local-objects.ts';
import { Routes } from './routes.ts';
import type { Reloaded } from './control/api-routes.ts';
import { isOnNetwork, prepareDirectory } from './store/database.ts';
import type { Journal } from './store/database.ts';
import { canTestLocks, testLocks } from './store/lock-test.ts';
import { openSharedStore } from './store/sqlite-store.ts';
import { flowLimits, storeLimit } from './store-limits.ts';
import { shownListeners } from './shown-listeners.ts';
import { systemClock } from './util/clock.ts';
import type { Log } from './util/log.ts';
import { version } from './version.ts';

export interface StartOptions {
  readonly signal: AbortSignal;
  /** Called when the engine begins to wait for another one's store. */
  readonly onStandby: () => void;
}

export interface Ready {
  readonly listeners: Readonly<Record<string, ListenAddress>>;
  readonly consoleUrl?: string;
}

const consoleRecord = { type: 'console', key: 'token' } as const;

export class Engine {
  /** What can be taken up later is as it was read last. */
  #config: Config;
  readonly #atStart: Config;
  readonly #log: Log;
  readonly #clock = systemClock;
  /** Resolves, with the reason, when another engine has taken over, or must be assumed to have. */
  readonly lost: Promise<BrokerError>;
  readonly #lose: (reason: BrokerError) => void;
  /** What is to be undone at the end, the last first. */
  readonly #started: (() => Promise<void> | void)[] = [];
  readonly #listeners: Record<string, ListenAddress> = {};
  readonly #reread: () => Config;
  #front: Front | undefined;
  #certificates: ListenerCertificates | undefined;
  #cloud: LocalCloud | undefined;
  #routes: Routes | undefined;

  /** `reread`: reads the configuration again. @throws BrokerError `invalid`. */
  constructor(config: Config, log: Log, reread: () => Config) {
    this.#config = config;
    this.#atStart = config;
    this.#reread = reread;
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
    const clients = new Clients(() => this.#clock.now());
    // Before anything is waited for: a standby says now what is wrong with its files, not when it takes over.
    const certificates = await this.#openCertificates();
    const front = await this.#openFront(clients, certificates);
    const store = await this.#openStore(signal, onStandby);
    const broker = this.#makeBroker(store);
    const cloud = await this.#openCloud(broker);
    clients.onChange = (client, isThere) => broker.advisories.connection(client, isThere);
    // Before anyone can send: what routes take from topics must not miss anything.
    const routes = await this.#startRoutes(cloud);
    await this.#listen(front, this.#dialects(broker, clients, front.door));
    await cloud.listen(clients, certificates.cloud, this.#tryToListen);
    const token = await this.#consoleToken(store);
    const { sqs, sns, kinesis } = cloud;
    const shown = consoleCloud({ sqs, sns, kinesis, origin: () => this.#cloudOrigin() });
    await this.#listenForConsole(token, broker, clients, routes, shown);
    return { listeners: this.#listeners, ...this.#consoleUrl(token) };
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

  /**
   * Reads users, certificates and the configuration again. Users and certificates that cannot be read leave what was there;
   * the log says why. Of the configuration, routes, remotes, new queues and buckets, and the mail relay are taken up at once.
   * @throws BrokerError `invalid`: nothing of the configuration has changed then.
   */
  async reload(): Promise<Reloaded> {
    await this.#front?.reload();
    await this.#certificates?.reload();
    const config = this.#reread();
    const waiting = waitingKeys(this.#atStart, config);
    // A standby has none yet: it starts with these.
    const { cloud, routes, remotes } = config;
    const { queues, buckets, sns } = cloud;
    this.#config = { ...this.#config, routes, remotes, cloud: { ...this.#config.cloud, queues, buckets, sns } };
    await this.#cloud?.create(cloud);
    await this.#cloud?.relayBy(sns.smtp);
    const change = (await this.#routes?.apply(config)) ?? { started: [], ended: [], kept: [] };
    this.#log.info({ ...change, waiting }, 'configuration read again');
    return { ...change, waiting };
  }

  async #openStore(signal: AbortSignal, onStandby: () => void): Promise<Store> {
    const { dataDirectory: directory, store: settings, ha } = this.#config;
    prepareDirectory(directory);
    const isShared = ha.enabled || isOnNetwork(directory);
    if (isShared && canTestLocks) await testLocks(directory);
    const journal = chooseJournal(settings.journal, directory);
    const shared: SharedStore = openSharedStore({ directory, journal, maxBytes: storeLimit(this.#config) });
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
    const onLost = ha.enabled ? { onLost: this.#lose } : {};
    const lease = new Lease(store, { leaseMs, clock: this.#clock, ...onLost });
    lease.start();
    this.#started.push(() => lease.close());
    this.#log.info({ directory, journal, epoch: store.epoch }, 'store open');
    return store;
  }

  #makeBroker(store: Store): Broker {
    const broker = new Broker({
      store,
      clock: this.#clock,
      log: this.#log.child({ component: 'broker' }),
      memoryLimitBytes: bytesOf(this.#config.memory.messages, totalmem),
      flow: flowLimits(this.#config),
      ...destinationOptions(this.#config),
    });
    this.#started.push(() => broker.close());
    return broker;
  }

  async #openCertificates(): Promise<ListenerCertificates> {
    const certificates = new ListenerCertificates(this.#config, this.#clock, this.#log);
    this.#started.push(() => certificates.close());
    await certificates.start();
    this.#certificates = certificates;
    return certificates;
  }

  async #openFront(clients: Clients, { broker: certificates }: ListenerCertificates): Promise<Front> {
    const front = new Front(this.#config, clients, this.#clock, this.#log, certificates);
    this.#started.push(() => front.close());
    await front.start();
    this.#front = front;
    return front;
  }

  #dialects(broker: Broker, clients: Clients, access: Access): readonly Dialect[] {
    const { maxMessage, connectTimeoutMs } = this.#config.limits;
    const context: DialectContext = {
      broker,
      clients,
      access,
      limits: { ...defaultLimits, maxMessageBytes: maxMessage, connectTimeoutMs },
      populateUserId: this.#config.access.populateUserId,
      clock: this.#clock,
      log: this.#log,
      version,
    };
    const mqtt = new Mqtt(context, { ...this.#config.mqtt, serverName: `causeway ${version}` });
    return [new AmqpDialect(context), mqtt, new Stomp(context)];
  }

  async #openCloud(broker: Broker): Promise<LocalCloud> {
    const atEnd = (stop: () => Promise<void> | void): void => void this.#started.push(stop);
    this.#cloud = await LocalCloud.open({ config: this.#config, broker, clock: this.#clock, log: this.#log, atEnd });
    return this.#cloud;
  }

  async #startRoutes({ sqs, fifo, sns, kinesis, storage }: LocalCloud): Promise<Routes> {
    const context = { config: this.#config, sqs, sns, kinesis, fifo, clock: this.#clock, log: this.#log };
    const objects = localObjects(storage);
    const routes = new Routes({ ...context, objects, origin: () => this.#cloudOrigin() });
    this.#started.push(() => routes.close());
    await routes.apply(this.#config);
    this.#routes = routes;
    return routes;
  }

  #cloudOrigin(): string {
    const { host, port } = this.#listeners['cloud'] ?? { host: '127.0.0.1', port: 0 };
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  async #listenForConsole(
    token: string,
    broker: Broker,
    clients: Clients,
    routes: Routes,
    cloud: ConsoleCloud,
  ): Promise<void> {
    const settings = this.#config.listeners.console;
    if (settings === false) return;
    const { host, port } = settings;
    const { dataDirectory } = this.#config;
    const console = new Console({
      host,
      port,
      token,
      engine: {
        version,
        startedAt: this.#clock.now(),
        dataDirectory,
        broker,
        clients,
        get routes() {
          return routes.all;
        },
        reload: () => this.reload(),
        previewRoute: (name, message) => routes.preview(name, message),
        cloud,
        listeners: () => shownListeners(this.#config, this.#listeners),
        users: () => this.#front?.userCount,
      },
      clock: this.#clock,
      log: this.#log.child({ component: 'console' }),
    });
    this.#started.push(() => console.close());
    await this.#tryToListen('console', settings, () => console.start());
  }

  /** Kept with the data: an open page finds its way back to a restarted engine, and to the one that takes over. */
  async #consoleToken(store: Store): Promise<string> {
    const { token } = this.#config.console;
    if (token !== undefined) return token;
    const kept = await store.readRecord(consoleRecord.type, consoleRecord.key);
    if (kept !== undefined) return kept.toString();
    const made = randomBytes(24).toString('base64url');
    await store.write([{ kind: 'record', ...consoleRecord, value: Buffer.from(made) }]);
    return made;
  }

  #consoleUrl(token: string): { readonly consoleUrl?: string } {
    const address = this.#listeners['console'];
    if (address === undefined) return {};
    const { host, port } = address;
    // A wildcard is not an address to open.
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
    return { consoleUrl: `http://${name}:${port}/?token=${encodeURIComponent(token)}` };
  }

  async #listen(front: Front, dialects: readonly Dialect[]): Promise<void> {
    for (const dialect of dialects) {
      await dialect.start?.();
      this.#started.push(() => dialect.close());
    }
    this.#started.push(() => front.stopListening());
    await front.listen(dialects, this.#tryToListen);
  }

  readonly #tryToListen: TryToListen = async (name, settings, listen) => {
    try {
      this.#listeners[name] = await listen();
    } catch (error) {
      throw listenError(name, settings, error);
    }
  };
}

function chooseJournal(setting: 'auto' | Journal, directory: string): Journal {
  if (setting !== 'auto') return setting;
  return isOnNetwork(directory) ? 'rollback' : 'wal';
}

function listenError(name: string, { host, port }: ListenerConfig, error: unknown): BrokerError {
  const cause = error instanceof BrokerError ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = code === 'EADDRINUSE' ? 'the port is in use' : cause instanceof Error ? cause.message : String(cause);
  const advice = `choose another with --set listeners.${name}=PORT`;
  return new BrokerError('not-allowed', `listen for ${name} on ${host}:${port}: ${reason}; ${advice}`, {
    cause: error,
  });
}
