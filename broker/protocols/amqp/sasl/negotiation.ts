// The server's side of the SASL layer (part 5, section 5.3): offers mechanisms, runs the exchange of the one that is
// chosen, says the outcome. One attempt a connection.

import type { Access, Peer } from '../../../core/access.ts';
import { WireError } from '../conditions.ts';
import type { SaslFrame } from '../codec/composite.ts';
import { anonymous } from './anonymous.ts';
import { external } from './external.ts';
import { refusal, type Exchange, type Mechanism, type Step } from './mechanism.ts';
import { plain } from './plain.ts';
import { scramSha256 } from './scram.ts';

/** The strongest first: clients take the first that they can do. */
const mechanisms: readonly Mechanism[] = [external, scramSha256, plain, anonymous];

/** Challenges after which an exchange is given up. */
const maxSteps = 8;

/** Codes of the outcome (part 5, section 5.3.3.6). */
export const saslCodes = { ok: 0, auth: 1, sysTemp: 4 } as const;

export class Negotiation {
  readonly #access: Access;
  readonly #peer: Peer;
  #exchange: Exchange | undefined;
  #steps = 0;

  constructor(access: Access, peer: Peer) {
    this.#access = access;
    this.#peer = peer;
  }

  get offered(): readonly string[] {
    return mechanisms.filter((mechanism) => mechanism.isOffered(this.#access, this.#peer)).map(({ name }) => name);
  }

  /** The answer to a frame of the client. Rejects if the user could not be looked up. */
  async step(frame: SaslFrame): Promise<Step> {
    this.#steps++;
    if (frame.kind === 'saslInit' && this.#exchange === undefined) {
      const mechanism = mechanisms.find(({ name }) => name === frame.mechanism);
      if (mechanism === undefined || !mechanism.isOffered(this.#access, this.#peer)) return refusal;
      this.#exchange = mechanism.begin(this.#access, this.#peer);
      return this.#exchange.respond(frame.initialResponse);
    }
    if (frame.kind === 'saslResponse' && this.#exchange !== undefined) {
      return this.#steps > maxSteps ? refusal : this.#exchange.respond(frame.response);
    }
    throw new WireError('connection', 'amqp:illegal-state', `${frame.kind} was not expected`);
  }
}
