// SASL SCRAM-SHA-256 (RFC 7677): the client proves that it knows the password without saying it, and the server that it
// knows the client. The arithmetic is in util/scram.ts. Without channel binding.

import { challenge, judgeClientFinal, readClientFirst, type Challenge } from '../../../util/scram.ts';
import type { Access, Peer } from '../../../core/access.ts';
import { refusal, type Exchange, type Mechanism, type Step } from './mechanism.ts';

export const scramSha256: Mechanism = {
  name: 'SCRAM-SHA-256',
  isOffered: (access) => access.knowsScram,
  begin: (access, peer) => new ScramExchange(access, peer),
};

class ScramExchange implements Exchange {
  readonly #access: Access;
  readonly #peer: Peer;
  #challenge: Challenge | undefined;

  constructor(access: Access, peer: Peer) {
    this.#access = access;
    this.#peer = peer;
  }

  async respond(response: Buffer | undefined): Promise<Step> {
    // The client speaks first, and is asked to if it has not (RFC 4422, section 5.1).
    if (response === undefined) return { kind: 'challenge', challenge: Buffer.alloc(0) };
    return this.#challenge === undefined ? this.#begin(response) : this.#end(this.#challenge, response);
  }

  async #begin(message: Buffer): Promise<Step> {
    const first = readClientFirst(message);
    if (first === undefined) return refusal;
    // A user who does not exist is refused at the end, like one whose password is wrong.
    this.#challenge = challenge(first, await this.#access.scramKeys(first.user));
    return { kind: 'challenge', challenge: this.#challenge.message };
  }

  async #end(asked: Challenge, message: Buffer): Promise<Step> {
    const verdict = judgeClientFinal(asked, message);
    const hasProved = verdict?.hasProved === true;
    const principal = await this.#access.authenticateByScram(this.#peer, asked.first.user, hasProved);
    if (principal === undefined || verdict === undefined || !hasProved) return refusal;
    return { kind: 'success', principal, additionalData: verdict.message };
  }
}
