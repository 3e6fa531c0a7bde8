// Listeners over all three dialects and a broker in memory, for tests of what lies between a port and a dialect.

import type { Socket } from 'node:net';
import { openAccess } from '../../broker/core/access.ts';
import type { Access, Peer } from '../../broker/core/access.ts';
import type { Dialect } from '../../broker/core/dialect.ts';
import { AmqpDialect } from '../../broker/protocols/amqp/dialect.ts';
import { Listener } from '../../broker/protocols/listener.ts';
import type { ConnectionWatcher, ListenerOptions } from '../../broker/protocols/listener.ts';
import { Dialect as Mqtt } from '../../broker/protocols/mqtt/dialect.ts';
import { Dialect as Stomp } from '../../broker/protocols/stomp/dialect.ts';
import { Certificates } from '../../broker/protocols/transport/certificates.ts';
import type { CertificateFiles } from '../../broker/protocols/transport/certificates.ts';
import { ConnectionLimits } from '../../broker/protocols/transport/connection-limits.ts';
import { systemClock } from '../../broker/util/clock.ts';
import type { Clock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import type { Log } from '../../broker/util/log.ts';
import { testBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';

export interface Listening extends AsyncDisposable {
  readonly port: number;
  readonly broker: TestBroker['broker'];
  readonly store: TestBroker['store'];
  readonly certificates: Certificates | undefined;
  /** Peers that reached a dialect, in order. */
  readonly peers: readonly Peer[];
  readonly refused: readonly string[];
  /** Resolves when so many connections have ended. */
  ended(count: number): Promise<void>;
}

export interface ListeningOptions extends Partial<
  Omit<ListenerOptions, 'name' | 'certificates' | 'dialects' | 'watcher' | 'log'>
> {
  readonly tls?: Partial<CertificateFiles> & Pick<CertificateFiles, 'certificate' | 'key'>;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Told of connections too, if it wants to be. */
  readonly access?: Access & Partial<ConnectionWatcher>;
}

export async function listening(name: ListenerOptions['name'], options: ListeningOptions = {}): Promise<Listening> {
  const { tls, access: given, clock = systemClock, log = silent, ...rest } = options;
  const access: Access & Partial<ConnectionWatcher> = given ?? openAccess;
  const base = await testBroker();
  const context = { ...base.context, access };
  const dialects: Dialect[] = [new AmqpDialect(context), new Mqtt(context), new Stomp(context)];
  for (const dialect of dialects) await dialect.start?.();
  const certificates =
    tls && new Certificates({ minVersion: 'TLSv1.2', clientCertificates: 'none', ...tls }, clock, log);
  await certificates?.start();
  const peers: Peer[] = [];
  const refused: string[] = [];
  let ended = 0;
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const watcher: ConnectionWatcher = {
    opened: (peer, ...details) => {
      peers.push(peer);
      access.opened?.(peer, ...details);
    },
    closed: (peer) => {
      access.closed?.(peer);
      ended += 1;
      for (const { count, resolve } of waiting) if (ended >= count) resolve();
    },
    refused: (_address, _listener, reason) => refused.push(reason),
  };
  const listener = new Listener({
    host: '127.0.0.1',
    port: 0,
    anonymous: true,
    limits: new ConnectionLimits(1000, 1000),
    origins: [],
    maxMessageBytes: 1024 * 1024,
    handshakeTimeoutMs: 5000,
    ...rest,
    name,
    certificates,
    dialects,
    watcher,
    clock,
    log,
  });
  const { port } = await listener.start();
  return {
    port,
    broker: base.broker,
    store: base.store,
    certificates,
    peers,
    refused,
    ended: (count) =>
      new Promise((resolve) => {
        if (ended >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    [Symbol.asyncDispose]: async () => {
      listener.close();
      certificates?.close();
      for (const dialect of dialects) await dialect.close();
      await base[Symbol.asyncDispose]();
    },
  };
}

/** Resolves when it is closed, whether that came by an end or by a reset. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.resume().once('close', () => resolve());
  });
}
