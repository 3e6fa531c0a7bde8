// What comes before AMQP's first frame: protocol headers (part 2, section 2.2) and the SASL layer (part 5, section 5.3). Ends
// with who the client is, or with the connection.

import { Reader } from './codec/reader.ts';
import { readComposite } from './codec/composite.ts';
import type { Peer, Principal } from '../../core/access.ts';
import type { DialectContext } from '../../core/dialect.ts';
import type { FrameReader } from './codec/frame-reader.ts';
import { saslFrame } from './codec/frame-reader.ts';
import { WireError } from './conditions.ts';
import type { Output } from './output.ts';
import type { Step } from './sasl/mechanism.ts';
import { Negotiation, saslCodes } from './sasl/negotiation.ts';

const amqpHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0]);
const saslHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0]);

export interface HandshakeEvents {
  /** AMQP frames follow. */
  onReady(principal: Principal): void;
  /** The connection is to be closed. `isTold`: the peer knows why. */
  onRefused(reason: string, isTold: boolean, cause?: unknown): void;
  /** What the peer has sent ahead can be read now. */
  onAnswered(): void;
  /** The peer broke the rules of the exchange. */
  onFailed(error: WireError): void;
}

export class Handshake {
  readonly #context: DialectContext;
  readonly #peer: Peer;
  readonly #input: FrameReader;
  readonly #output: Output;
  readonly #events: HandshakeEvents;
  readonly #negotiation: Negotiation;
  #saslBegun = false;
  #principal: Principal | undefined;

  constructor(context: DialectContext, peer: Peer, input: FrameReader, output: Output, events: HandshakeEvents) {
    this.#context = context;
    this.#peer = peer;
    this.#input = input;
    this.#output = output;
    this.#events = events;
    this.#negotiation = new Negotiation(context.access, peer);
  }

  onHeader(octets: Buffer): void {
    if (octets.equals(saslHeader) && !this.#saslBegun) {
      this.#saslBegun = true;
      this.#output.frames.header(saslHeader);
      this.#output.frames.sasl('saslMechanisms', { saslServerMechanisms: this.#negotiation.offered });
      this.#output.schedule();
    } else if (octets.equals(amqpHeader) && this.#principal !== undefined) {
      this.#begin(this.#principal);
    } else if (octets.equals(amqpHeader) && !this.#saslBegun) {
      this.#await(this.#context.access.authenticate(this.#peer, undefined), (principal) => {
        if (principal === undefined) this.#refuseHeader('no SASL layer, and anonymous clients are not let in');
        else this.#begin(principal);
      });
    } else {
      this.#refuseHeader(`protocol header ${octets.toString('hex')}`);
    }
  }

  onFrame(type: number, body: Buffer): void {
    if (!this.#saslBegun || type !== saslFrame) {
      throw new WireError('connection', 'amqp:connection:framing-error', `frame of type ${type} during SASL`);
    }
    const frame = readComposite(new Reader(body), ['saslInit', 'saslResponse']);
    this.#await(this.#negotiation.step(frame), (step) => this.#answer(step));
  }

  #begin(principal: Principal): void {
    this.#output.frames.header(amqpHeader);
    this.#output.schedule();
    this.#events.onReady(principal);
  }

  #answer(step: Step): void {
    const { frames } = this.#output;
    switch (step.kind) {
      case 'challenge':
        frames.sasl('saslChallenge', { challenge: step.challenge });
        break;
      case 'success':
        frames.sasl('saslOutcome', { code: saslCodes.ok, additionalData: step.additionalData });
        this.#principal = step.principal;
        this.#input.expectsHeader = true;
        break;
      case 'refusal':
        frames.sasl('saslOutcome', { code: saslCodes.auth });
        this.#events.onRefused('authentication failed', true);
        break;
    }
    this.#output.schedule();
  }

  /** A header that is not supported is answered with one that is, and the end (2.2). */
  #refuseHeader(reason: string): void {
    this.#output.frames.header(saslHeader);
    this.#output.schedule();
    this.#events.onRefused(reason, false);
  }

  /** What the client has sent ahead waits for the answer. */
  #await<T>(work: Promise<T>, then: (result: T) => void): void {
    this.#input.suspend();
    work.then(
      (result) => {
        then(result);
        this.#events.onAnswered();
      },
      (error: unknown) => {
        if (error instanceof WireError) return this.#events.onFailed(error);
        this.#output.frames.sasl('saslOutcome', { code: saslCodes.sysTemp });
        this.#output.schedule();
        this.#events.onRefused('authentication was not possible', true, error);
      },
    );
  }
}
