// The certificates of the listeners, of the broker's and of the cloud endpoint's: from files, or of the engine's own.

import type { Config } from './config.ts';
import type { ListenerConfig } from './config-listeners.ts';
import { OwnCertificate } from './own-certificate.ts';
import { Certificates } from './protocols/transport/certificates.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export class ListenerCertificates {
  /** Undefined: there is no TLS. */
  readonly broker: Certificates | undefined;
  readonly cloud: Certificates | undefined;
  readonly #own: OwnCertificate | undefined;

  constructor({ dataDirectory, tls, cloud, listeners }: Config, clock: Clock, log: Log) {
    const child = log.child({ component: 'tls' });
    const isOwn = tls?.own === true || cloud.tls?.own === true;
    // Whatever address is listened on is one that clients connect to, but for those that stand for all.
    const open: Readonly<Record<string, ListenerConfig | false>> = { ...listeners };
    const hosts = Object.values(open).flatMap((listener) => (listener === false ? [] : [listener.host]));
    const names = [...(tls?.names ?? []), ...(cloud.tls?.names ?? []), ...hosts.filter((host) => !isWildcard(host))];
    this.#own = isOwn ? new OwnCertificate({ dataDirectory, names, clock, log: child }) : undefined;
    this.broker = tls && new Certificates(tls, clock, child);
    this.cloud = cloud.tls && new Certificates({ ...cloud.tls, clientCertificates: 'none' }, clock, child);
  }

  /** @throws BrokerError `invalid`: a file cannot be read, or they do not fit together. */
  async start(): Promise<void> {
    await this.#own?.start();
    await this.broker?.start();
    await this.cloud?.start();
  }

  /** What cannot be read leaves what was there; the log says why. */
  async reload(): Promise<void> {
    await this.broker?.reload();
    await this.cloud?.reload();
  }

  /** Idempotent. */
  close(): void {
    this.#own?.close();
    this.broker?.close();
    this.cloud?.close();
  }
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
