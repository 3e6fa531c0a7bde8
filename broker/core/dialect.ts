// What a messaging protocol is to the engine: something that is handed accepted sockets and talks to the Broker.

import type { Duplex } from 'node:stream';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { Access, Peer } from './access.ts';
import type { Broker } from './broker.ts';
import type { Clients } from './clients.ts';

export interface Dialect {
  readonly name: 'amqp' | 'mqtt' | 'stomp';
  /** Takes up what the store keeps for it (sessions, subscriptions). Awaited before any socket is handed over. */
  start?(): Promise<void>;
  /** Takes over the socket, which has no listeners yet and is paused. The dialect ends it. */
  accept(socket: Duplex, peer: Peer): void;
  /** Ends all connections, telling them so where the protocol can. Resolves when they are gone, or a second later. */
  close(): Promise<void>;
}

/** Bounds that hold for every dialect. */
export interface DialectLimits {
  /** Largest message, body and headers as encoded by the dialect, in bytes. */
  readonly maxMessageBytes: number;
  /** From accept to the protocol's own connect being complete, authentication included. */
  readonly connectTimeoutMs: number;
  /** Publishes of one connection that await their commit; beyond it the socket is not read. */
  readonly maxUncommitted: number;
  /** The same in bytes of messages. */
  readonly maxUncommittedBytes: number;
  /** Unsent bytes on a socket beyond which nothing more is delivered to it until it drains. */
  readonly maxUnsentBytes: number;
}

export const defaultLimits: DialectLimits = {
  maxMessageBytes: 100 * 1024 * 1024,
  connectTimeoutMs: 30_000,
  maxUncommitted: 2000,
  maxUncommittedBytes: 16 * 1024 * 1024,
  maxUnsentBytes: 1024 * 1024,
};

export interface DialectContext {
  readonly broker: Broker;
  readonly clients: Clients;
  readonly access: Access;
  readonly limits: DialectLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** Messages carry the name of the user who sent them, and nobody else's. */
  readonly populateUserId?: boolean;
  /** Of the engine, for clients that ask. */
  readonly version: string;
}
