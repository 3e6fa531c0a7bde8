// Open connections by the container that they belong to (part 2, section 2.4.1), of which one may want to be the only one
// (AMQP Enforcing Connection Uniqueness): JMS clients do, since a client identifier is in use once (JMS 2.0, 6.1.2).

import type { Connection } from './connection.ts';

interface Container {
  readonly connections: Set<Connection>;
  /** Its one connection was promised to stay that. */
  isSole: boolean;
}

export class Containers {
  readonly #containers = new Map<string, Container>();
  readonly #names = new Map<Connection, string>();

  /** False: there is another connection, and one of both wants to be the only one. */
  enter(connection: Connection, name: string, isSole: boolean): boolean {
    // Who has no name is nobody's other connection.
    if (name === '') return true;
    const container = this.#containers.get(name);
    if (container === undefined) {
      this.#containers.set(name, { connections: new Set([connection]), isSole });
    } else if (isSole || container.isSole) {
      return false;
    } else {
      container.connections.add(connection);
    }
    this.#names.set(connection, name);
    return true;
  }

  /** Other connections of the same container. */
  others(connection: Connection): readonly Connection[] {
    const container = this.#containers.get(this.#names.get(connection) ?? '');
    return Array.from(container?.connections ?? []).filter((other) => other !== connection);
  }

  /** The connection is over. Idempotent. */
  leave(connection: Connection): void {
    const name = this.#names.get(connection);
    if (name === undefined) return;
    this.#names.delete(connection);
    const container = this.#containers.get(name);
    container?.connections.delete(connection);
    if (container?.connections.size === 0) this.#containers.delete(name);
  }
}
