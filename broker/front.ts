// The engine's side that clients see: listeners, who is let in, and the audit of it. Puts together what
// protocols/ and access/ have, which know nothing of each other.

import { AuditLog } from './access/audit-log.ts';
import { Door } from './access/door.ts';
import { withoutUsers } from './access/no-users.ts';
import { UsersFile } from './access/users-file.ts';
import { Users } from './access/users.ts';
import { allowsAnonymous } from './config.ts';
import type { Config } from './config.ts';
import type { ListenerConfig } from './config-listeners.ts';
import type { Clients } from './core/clients.ts';
import type { Dialect } from './core/dialect.ts';
import { Listener } from './protocols/listener.ts';
import type { ListenAddress } from './protocols/listener.ts';
import type { Certificates } from './protocols/transport/certificates.ts';
import { ConnectionLimits } from './protocols/transport/connection-limits.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

/** In the order in which they are opened. */
export const brokerListeners = ['amqp', 'mqtt', 'stomp', 'amqps', 'mqtts', 'stomps', 'ws', 'wss', 'any'] as const;

export type TryToListen = (
  name: string,
  settings: ListenerConfig,
  listen: () => Promise<ListenAddress>,
) => Promise<void>;

export class Front {
  /** Whom dialects ask. */
  readonly door: Door;
  readonly #config: Config;
  readonly #clients: Clients;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #audit: AuditLog | undefined;
  readonly #usersFile: UsersFile | undefined;
  readonly #certificates: Certificates | undefined;
  readonly #listeners: Listener[] = [];
  #users: Users | undefined;

  /** `certificates`: without them there is no TLS. */
  constructor(config: Config, clients: Clients, clock: Clock, log: Log, certificates: Certificates | undefined) {
    this.#config = config;
    this.#clients = clients;
    this.#clock = clock;
    this.#log = log;
    const { access, audit } = config;
    const { file, maxSize: maxBytes, keep } = audit;
    const accessLog = log.child({ component: 'access' });
    this.#audit = file === undefined ? undefined : new AuditLog({ file, maxBytes, keep, clock, log: accessLog });
    this.#usersFile = access.users === undefined ? undefined : new UsersFile(access.users, clock, accessLog);
    this.#certificates = certificates;
    this.door = new Door(this.#doorkeeper(), clock, (entry) => this.#audit?.write(entry));
  }

  /** Reads what clients are judged by. @throws BrokerError `invalid`: a file that cannot be read, or is wrong. */
  async start(): Promise<void> {
    await this.#usersFile?.start();
  }

  /** Opens the audit log, and the listeners. @throws BrokerError `invalid` for the log, and as `tryToListen` does. */
  async listen(dialects: readonly Dialect[], tryToListen: TryToListen): Promise<void> {
    await this.#audit?.start();
    const { listeners, limits, access } = this.#config;
    const log = this.#log.child({ component: 'listener' });
    const common = {
      dialects,
      certificates: this.#certificates,
      limits: new ConnectionLimits(limits.maxConnections, limits.maxConnectionsPerAddress),
      maxMessageBytes: limits.maxMessage,
      handshakeTimeoutMs: limits.handshakeTimeoutMs,
      watcher: this.door,
      clock: this.#clock,
    };
    for (const name of brokerListeners) {
      const settings = listeners[name];
      if (settings === false) continue;
      const listener = new Listener({
        ...common,
        name,
        host: settings.host,
        port: settings.port,
        anonymous: allowsAnonymous(settings, access.users !== undefined),
        origins: 'origins' in settings ? settings.origins : [],
        log: log.child({ listener: name }),
      });
      await tryToListen(name, settings, () => listener.start());
      this.#listeners.push(listener);
    }
  }

  /** Undefined: nobody is asked who they are. */
  get userCount(): number | undefined {
    return this.#usersFile?.users.size;
  }

  /** No new connections; those that are there are the dialects' to end. */
  stopListening(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  /** Once all connections have ended. */
  async close(): Promise<void> {
    this.stopListening();
    this.#usersFile?.close();
    this.#users?.close();
    await this.#audit?.close();
  }

  /** Reads users again. What cannot be read leaves what was there; the log says why. */
  async reload(): Promise<void> {
    await this.#usersFile?.reload();
  }

  #doorkeeper() {
    const { rules, maxConnectionsPerUser: mostConnectionsOfUser } = this.#config.access;
    const file = this.#usersFile;
    if (file === undefined) return withoutUsers(mostConnectionsOfUser);
    const users = new Users({ file, rules, mostConnectionsOfUser, clock: this.#clock });
    file.onChange(() => {
      for (const client of this.#clients) {
        const { protocol, user } = client;
        if (protocol === 'aws' || user === undefined || users.has(user)) continue;
        client.disconnect(`user "${user}" is no longer there`);
      }
    });
    this.#users = users;
    return users;
  }
}
