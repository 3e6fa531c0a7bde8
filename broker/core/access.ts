// Who is let in, and what they may do. Dialects ask; what is allowed is decided by whoever implements Access.

import type { Destination } from './address.ts';
import { BrokerError } from './errors.ts';

/** ActiveMQ's permissions: `create` is what a first use of a queue needs, `admin` what removing and purging do. */
export type Operation = 'read' | 'write' | 'create' | 'admin';

/** The far end of a connection, as the listener saw it. */
export interface Peer {
  /** Address and port, for people. */
  readonly address: string;
  /** Clients without credentials are let in on this listener. */
  readonly anonymous: boolean;
  /** Subject of the certificate that the client proved to have (mutual TLS), as RFC 4514 writes it. */
  readonly certificateSubject?: string | undefined;
  /** The connection cannot be listened to by others. */
  readonly encrypted?: boolean | undefined;
}

export interface Credentials {
  readonly user: string;
  readonly password: Buffer;
}

/** A client that was let in. */
export interface Principal {
  /** The name by which it is known. */
  readonly user: string;
  /**
   * Called for each send and subscription: quick, and without a wait. Wildcards and composites are asked for as they
   * are written.
   * @throws BrokerError `unauthorized`.
   */
  authorize(operation: Operation, destination: Destination): void;
}

/** What is kept of a password for SCRAM (RFC 5802, section 3): the password cannot be had from it. */
export interface ScramKeys {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export interface Access {
  /** Undefined credentials: the client gave none. @returns undefined if it is refused. Slows down who fails often. */
  authenticate(peer: Peer, credentials: Credentials | undefined): Promise<Principal | undefined>;
  /** By the certificate of its connection (SASL EXTERNAL). */
  authenticateByCertificate(peer: Peer): Promise<Principal | undefined>;
  /** What a client of that name leaves behind is nobody else's: names are proven, and there is such a user. */
  isProven(user: string): boolean;
  /** A client of that name as it would be let in now, for what it has left; undefined: it would not be. */
  principalOf(user: string): Principal | undefined;
  /** There are users whom SCRAM-SHA-256 could let in. */
  readonly knowsScram: boolean;
  /** For a user who does not exist, keys that nothing fits, the same each time. */
  scramKeys(user: string): Promise<ScramKeys>;
  /** The end of a SCRAM exchange. @returns undefined if the client is refused. */
  authenticateByScram(peer: Peer, user: string, hasProved: boolean): Promise<Principal | undefined>;
}

/** May do everything. */
export function unrestricted(user: string): Principal {
  return { user, authorize: () => undefined };
}

/** Without users: whoever is let in without credentials may also give some, which are checked against nothing. */
export const openAccess: Access = {
  knowsScram: false,
  isProven: () => false,
  principalOf: (user) => unrestricted(user),
  authenticate: async (peer, credentials) =>
    peer.anonymous ? unrestricted(credentials?.user ?? 'anonymous') : undefined,
  authenticateByCertificate: async ({ certificateSubject }) =>
    certificateSubject === undefined ? undefined : unrestricted(certificateSubject),
  scramKeys: () => Promise.reject(new BrokerError('unsupported', 'there are no users')),
  authenticateByScram: async () => undefined,
};
