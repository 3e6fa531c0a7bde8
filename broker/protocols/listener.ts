// A TCP listener that hands its connections to one dialect.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Dialect } from '../core/dialect.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly anonymous: boolean;
  /** Connections beyond this many are closed at once. */
  readonly maxConnections: number;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export class Listener {
  readonly #dialect: Dialect;
  readonly #options: ListenerOptions;
  readonly #server: Server;

  constructor(dialect: Dialect, options: ListenerOptions) {
    this.#dialect = dialect;
    this.#options = options;
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true }, (socket) =>
      this.#accept(socket),
    );
    this.#server.maxConnections = options.maxConnections;
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

  /** No new connections; those that are there are the dialect's to end. */
  close(): void {
    this.#server.close();
  }

  #accept(socket: Socket): void {
    const address = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
    this.#dialect.accept(socket, { address, anonymous: this.#options.anonymous });
  }
}

function isTcp(address: string | AddressInfo | null): address is AddressInfo {
  return address !== null && typeof address === 'object';
}
