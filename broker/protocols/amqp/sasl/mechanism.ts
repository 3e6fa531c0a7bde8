// What a SASL mechanism is (RFC 4422): an exchange of responses and challenges that ends with a name or a refusal. A new
// mechanism is a file with one of these, and a line in negotiation.ts.

import type { Access, Peer, Principal } from '../../../core/access.ts';

export type Step =
  | { readonly kind: 'challenge'; readonly challenge: Buffer }
  /** `additionalData` goes to the client with the outcome (a server's signature). */
  | { readonly kind: 'success'; readonly principal: Principal; readonly additionalData?: Buffer }
  | { readonly kind: 'refusal' };

export interface Exchange {
  /** One response of the client; the first may be absent. */
  respond(response: Buffer | undefined): Promise<Step>;
}

export interface Mechanism {
  readonly name: string;
  /** Whether it is offered to this peer. */
  readonly isOffered: (access: Access, peer: Peer) => boolean;
  begin(access: Access, peer: Peer): Exchange;
}

export const refusal: Step = { kind: 'refusal' };
