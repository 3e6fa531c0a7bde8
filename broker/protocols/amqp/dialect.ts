// AMQP 1.0 (OASIS standard of 2012) as a dialect of the engine. The order of the folder is that of the specification: codec/
// is part 1 and the frames of part 2, connection, session and link files the rest of part 2, message/ part 3, sasl/ part 5.

import type { Duplex } from 'node:stream';
import type { Peer } from '../../core/access.ts';
import type { Dialect, DialectContext } from '../../core/dialect.ts';
import { Connection } from './connection.ts';
import { WireError } from './conditions.ts';
import { Containers } from './containers.ts';

const closeTimeoutMs = 1000;

export class AmqpDialect implements Dialect {
  readonly name = 'amqp';
  readonly #context: DialectContext;
  readonly #connections = new Set<Connection>();
  readonly #containers = new Containers();
  #onIdle: (() => void) | undefined;

  constructor(context: DialectContext) {
    this.#context = context;
  }

  accept(socket: Duplex, peer: Peer): void {
    const connection: Connection = new Connection(socket, peer, this.#context, {
      containers: this.#containers,
      onClosed: () => {
        this.#connections.delete(connection);
        if (this.#connections.size === 0) this.#onIdle?.();
      },
    });
    this.#connections.add(connection);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) {
      connection.close(new WireError('connection', 'amqp:connection:forced', 'the broker is stopping'));
    }
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.#context.clock.after(closeTimeoutMs, resolve);
      this.#onIdle = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
