// What becomes of each message of a route: whether it crosses, in which form, and with which notes; and how its end is a part
// of a transaction. How it is written is the writer's business (local-writer.ts, remote-sender.ts).

import type { Message } from '../core/message.ts';
import type { Transaction } from '../core/transaction.ts';
import { LossLedger } from './loss-ledger.ts';
import type { HeldNote } from './loss-ledger.ts';
import { didNotCross, noteHeaders } from './mapping.ts';
import type { RouteContext, RouteOptions } from './route-options.ts';
import { requestNotes } from './replies.ts';
import { extended, loopOf } from './route-path.ts';
import type { Taken } from './source.ts';

/** What is known of a message that was mapped, while others are. */
export interface HeldCrossing {
  readonly message: Message | undefined;
  readonly mapped: Message | undefined;
  readonly notes: readonly HeldNote[];
}

export class Crossings {
  readonly ledger: LossLedger;
  /** The message that is being mapped, in the broker's form, and what it was mapped to. Undefined: it does not cross. */
  message: Message | undefined;
  mapped: Message | undefined;
  /** What the route is called in the paths of messages; given before the first one. */
  step: string;
  /** Why a message can be neither written nor buried: where dead letters go, it came from. */
  stuck: string | undefined;
  readonly #options: RouteOptions;
  readonly #context: RouteContext;
  readonly #crossing: { death: Taken['death']; key: string | undefined; path: string | undefined } = {
    death: undefined,
    key: undefined,
    path: undefined,
  };

  constructor(options: RouteOptions, context: RouteContext) {
    this.#options = options;
    this.#context = context;
    this.ledger = new LossLedger(options.name);
    this.step = options.name;
  }

  /** Brings the message into the target's form, or says why it does not cross. Neither: the route passes it over. */
  map(taken: Taken): string | undefined {
    const { source, target, choice, onLoss, replies, foreignFields } = this.#options;
    const { ledger } = this;
    const crossing = this.#crossing;
    ledger.begin();
    this.mapped = undefined;
    const message = source.read(taken.message, ledger);
    this.message = message;
    if (taken.refusal !== undefined) return this.#refused(message, taken.refusal);
    if (choice !== undefined && !choice(message)) return undefined;
    const refusal = this.#refusalOf(message);
    if (refusal !== undefined) return refusal;
    const { original } = message;
    if (original !== undefined && foreignFields !== undefined && !target.keepsOriginal) {
      for (const { field, outcome, reason } of foreignFields(original)) ledger.note(field, outcome, reason);
    }
    crossing.death = taken.death;
    if (replies === undefined) this.mapped = target.map(message, crossing, ledger);
    else {
      const asked = replies.ask(message, taken);
      this.mapped = target.map(asked, crossing, requestNotes(ledger, message, asked));
    }
    if (this.mapped !== undefined && onLoss === 'drop-field') return undefined;
    const worst = ledger.worst();
    return this.mapped === undefined ? (worst ?? 'the target does not take it') : worst;
  }

  /** The message that was mapped last waits, and others are mapped meanwhile. */
  hold(): HeldCrossing {
    const { message, mapped, ledger } = this;
    return { message, mapped, notes: ledger.held() };
  }

  /** Goes on with it. */
  resume({ message, mapped, notes }: HeldCrossing): void {
    this.message = message;
    this.mapped = mapped;
    this.ledger.resume(notes);
  }

  /** It is written, or will be by the same transaction. */
  settle(transaction: Transaction, taken: Taken): void {
    taken.settle(transaction);
    this.ledger.end('transferred', this.#context.clock.now());
  }

  passOver(transaction: Transaction, taken: Taken): void {
    taken.settle(transaction);
    this.ledger.end('passedOver', this.#context.clock.now());
  }

  bury(transaction: Transaction, taken: Taken, refusal: string): void {
    const { source, deadLetter, name } = this.#options;
    const queue = deadLetter();
    if (source.isFedBy(queue)) {
      // There is nowhere else for it: it stays, and people are told.
      this.stuck = refusal;
      source.setCredit(0);
      taken.release();
      return;
    }
    taken.bury(transaction, queue, `route ${name}: ${refusal}`);
    this.ledger.end('deadLettered', this.#context.clock.now(), refusal);
    this.#context.log.debug({ refusal }, 'dead letter');
  }

  /** Why the route cannot go on, after a transaction was made; it is told once. */
  takeStuck(): string | undefined {
    const { stuck } = this;
    this.stuck = undefined;
    return stuck === undefined ? undefined : `a dead letter does not cross: ${stuck}`;
  }

  /** What keeps the message from this route, whatever its target. */
  #refusalOf(message: Message): string | undefined {
    const { key, target } = this.#options;
    const crossing = this.#crossing;
    crossing.path = extended(message.path, this.step);
    crossing.key = undefined;
    let refusal = loopOf(message.path, this.step);
    if (refusal === undefined && target.isKeyed) {
      crossing.key = key?.(message);
      if (crossing.key === undefined) refusal = 'it has nothing that its key could be made of';
    }
    return refusal === undefined ? undefined : this.#refused(message, refusal);
  }

  #refused(message: Message, refusal: string): string {
    this.ledger.note('body', 'refused', refusal);
    noteHeaders(message, 'refused', didNotCross, this.ledger);
    return refusal;
  }
}
