// A port of the broker: takes connections, within limits, and leads each through what lies between TCP and its dialect (TLS,
// WebSocket, finding out what it speaks). What it does on the way is in transport/.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Peer } from '../core/access.ts';
import type { Dialect } from '../core/dialect.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { Certificates } from './transport/certificates.ts';
import type { ConnectionLimits } from './transport/connection-limits.ts';
import type { Link } from './transport/link.ts';
import { Occasionally } from '../util/occasionally.ts';
import { SecureStage } from './transport/secure-stage.ts';
import { mostSniffed, sniff } from './transport/sniff.ts';
import { UpgradeStage } from './transport/upgrade-stage.ts';

/** What a port speaks: a dialect, plain or in TLS; WebSocket, plain or in TLS; or whatever comes. */
export type Speaks = Dialect['name'] | `${Dialect['name']}s` | 'ws' | 'wss' | 'any';

/** Told of every connection that reaches a dialect, or does not. */
export interface ConnectionWatcher {
  opened(peer: Peer, listener: string, dialect: Dialect['name']): void;
  closed(peer: Peer): void;
  refused(address: string, listener: string, reason: string): void;
}

export interface ListenerOptions {
  readonly name: Speaks;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly anonymous: boolean;
  readonly dialects: readonly Dialect[];
  /** Needed by what speaks TLS. */
  readonly certificates?: Certificates | undefined;
  /** Shared by all listeners. */
  readonly limits: ConnectionLimits;
  /** Of web pages, beside this machine's own. */
  readonly origins: readonly string[];
  readonly maxMessageBytes: number;
  /** For TLS, for the WebSocket handshake, and for the first bytes where they decide; for each of them. */
  readonly handshakeTimeoutMs: number;
  readonly watcher: ConnectionWatcher;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #dialects: ReadonlyMap<string, Dialect>;
  readonly #server: Server;
  readonly #secure: SecureStage | undefined;
  readonly #upgrade: UpgradeStage;
  readonly #told: Occasionally;
  /** Connections that have not reached a dialect, by the address of their far end. */
  readonly #onTheirWay = new Map<string, Socket>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#dialects = new Map(options.dialects.map((dialect) => [dialect.name, dialect]));
    const { certificates, clock, origins, maxMessageBytes, handshakeTimeoutMs } = options;
    this.#told = new Occasionally(clock);
    this.#upgrade = new UpgradeStage({
      origins,
      maxMessageBytes,
      handshakeTimeoutMs,
      clock,
      onStream: (dialect, stream, link) => this.#handOver(dialect, stream, link),
      onRefused: (link, reason) => this.#refused(link, reason),
    });
    this.#secure =
      certificates &&
      new SecureStage({
        certificates,
        handshakeTimeoutMs,
        clock,
        log: options.log,
        onSecure: (socket, link) => this.#lead(withoutTls(options.name), socket, link),
        onFailed: (link, reason) => this.#refused(link, reason),
      });
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Resolves with where it listens. Rejects as listen(2) fails: the port is in use, or may not be had. */
  async start(): Promise<ListenAddress> {
    const { host, port } = this.#options;
    this.#server.listen({ host, port, backlog: 1024 });
    await once(this.#server, 'listening');
    // A TCP server's address is never a path.
    const address = this.#server.address();
    return isTcp(address) ? { host: address.address, port: address.port } : { host, port };
  }

  /** No new connections; those that are there are the dialects' to end. */
  close(): void {
    this.#server.close();
    for (const socket of this.#onTheirWay.values()) socket.destroy();
  }

  #accept(socket: Socket): void {
    const { limits, name } = this.#options;
    const ip = socket.remoteAddress ?? 'unknown';
    const link: Link = {
      ip,
      address: `${ip}:${socket.remotePort ?? 0}`,
      encrypted: false,
      certificateSubject: undefined,
    };
    const refusal = limits.entered(ip);
    if (refusal !== undefined) {
      socket.destroy();
      this.#refused(link, refusal);
      return;
    }
    this.#onTheirWay.set(link.address, socket);
    // Whoever has the socket hears of its errors too, or hears its end, which always follows.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#onTheirWay.delete(link.address);
      limits.left(ip);
    });
    if (name.endsWith('s') && name !== 'ws') this.#secure?.accept(socket, link);
    else this.#lead(name, socket, link);
  }

  /** From what is known of what it speaks to its dialect. */
  #lead(speaks: string, socket: Socket, link: Link): void {
    if (speaks === 'ws') this.#upgrade.accept(socket, link);
    else if (speaks === 'any') this.#sniff(socket, link);
    else this.#handOver(speaks, socket, link);
  }

  #sniff(socket: Socket, link: Link): void {
    const { clock, handshakeTimeoutMs } = this.#options;
    const end = (reason: string): void => {
      this.#refused(link, reason);
      socket.destroy();
    };
    const timer = clock.after(handshakeTimeoutMs, () => end('did not say in time what it speaks'));
    const onClose = (): void => timer.cancel();
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const spoken = sniff(bytes.subarray(0, mostSniffed));
      if (spoken === 'undecided') return;
      socket.pause();
      socket.removeListener('data', onData);
      socket.removeListener('close', onClose);
      timer.cancel();
      socket.unshift(bytes);
      if (spoken === undefined) end('speaks none of AMQP 1.0, MQTT, STOMP, WebSocket');
      else if (spoken === 'http') this.#lead('ws', socket, link);
      else if (spoken !== 'tls') this.#lead(spoken, socket, link);
      else if (this.#secure === undefined || link.encrypted) end('TLS is not spoken here');
      else this.#secure.accept(socket, link);
    };
    socket.on('data', onData);
    socket.once('close', onClose);
    socket.resume();
  }

  #handOver(name: string, stream: Duplex, { address, encrypted, certificateSubject }: Link): void {
    this.#onTheirWay.delete(address);
    const dialect = this.#dialects.get(name);
    if (dialect === undefined) return void stream.destroy();
    const { watcher, anonymous } = this.#options;
    const peer: Peer = { address, anonymous, encrypted, certificateSubject };
    watcher.opened(peer, this.#options.name, dialect.name);
    stream.once('close', () => watcher.closed(peer));
    dialect.accept(stream, peer);
  }

  #refused({ ip, address }: Link, reason: string): void {
    if (this.#told.isDue(`${ip} ${reason}`)) {
      this.#options.log.info({ address, reason }, 'refused a connection');
      this.#options.watcher.refused(address, this.#options.name, reason);
    }
  }
}

function withoutTls(name: Speaks): string {
  return name === 'any' ? name : name.slice(0, -1);
}

function isTcp(address: string | AddressInfo | null): address is AddressInfo {
  return address !== null && typeof address === 'object';
}
