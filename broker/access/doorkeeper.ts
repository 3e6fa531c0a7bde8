// Who decides whether a client is let in. Two do: one where there are users, one where there are none.

import type { Credentials, Peer, Principal, ScramKeys } from '../core/access.ts';

/** A client is let in, or not, for a reason that the log and the audit give; the client itself is not told. */
export type Admission =
  | { readonly principal: Principal; readonly by: 'password' | 'certificate' | 'scram' | 'nothing' }
  | { readonly refused: string };

export interface Doorkeeper {
  readonly knowsScram: boolean;
  /** Undefined credentials: the client gave none. */
  admit(peer: Peer, credentials: Credentials | undefined): Promise<Admission>;
  admitByCertificate(peer: Peer): Promise<Admission>;
  admitByScram(peer: Peer, user: string, hasProved: boolean): Promise<Admission>;
  scramKeys(user: string): Promise<ScramKeys>;
  /** As Access has them. */
  isProven(user: string): boolean;
  principalOf(user: string): Principal | undefined;
  /** Connections that the user may have at the same time. */
  mostConnections(user: string): number;
}
