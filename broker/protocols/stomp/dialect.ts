// STOMP as the engine knows it: takes sockets from a listener, and ends all connections when the engine closes.

import type { Duplex } from 'node:stream';
import type { Peer } from '../../core/access.ts';
import type { Dialect as DialectContract, DialectContext } from '../../core/dialect.ts';
import { BrokerError } from '../../core/errors.ts';
import { Connection } from './connection.ts';

/** How long connections have to end when the engine closes. */
const closeMs = 1000;

export class Dialect implements DialectContract {
  readonly name = 'stomp';
  readonly #context: DialectContext;
  readonly #connections = new Map<Connection, Duplex>();
  #onLastClosed: (() => void) | undefined;
  #closing = false;

  constructor(context: DialectContext) {
    this.#context = { ...context, log: context.log.child({ component: 'stomp' }) };
  }

  accept(socket: Duplex, peer: Peer): void {
    if (this.#closing) {
      socket.destroy();
      return;
    }
    const connection = new Connection(this.#context, socket, peer, () => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#onLastClosed?.();
    });
    this.#connections.set(connection, socket);
    connection.start();
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#connections.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onLastClosed = resolve;
    const timer = this.#context.clock.after(closeMs, resolve);
    for (const connection of this.#connections.keys()) connection.fail(new BrokerError('closed', 'the broker stops'));
    await promise;
    timer.cancel();
    for (const socket of this.#connections.values()) socket.destroy();
  }
}
