// A delivery that was sent, and what becomes of its entry (part 3, section 3.4): accepted settles it, released puts it back as
// it was, modified may count a failure, rejected and what is undeliverable here are dead letters, as with ActiveMQ. In a
// transaction the outcome is provisional (part 4, section 4.4.2), and so may be that it was sent at all (4.4.3).

import { amend } from '../../core/amend.ts';
import type { Entry } from '../../core/entry.ts';
import { asBrokerError, type BrokerError } from '../../core/errors.ts';
import type { Work } from './batch.ts';
import type { Composite, Outcome } from './codec/composite.ts';
import { annotated } from './message/annotated.ts';
import type { OutgoingLink } from './outgoing-link.ts';
import type { Transaction } from './transaction.ts';

const tagLength = 4;
const released: Composite<'released'> = { kind: 'released' };

export class SentDelivery implements Work {
  readonly link: OutgoingLink;
  readonly entry: Entry;
  /** Within the session; given when its first transfer is sent. */
  id = 0;
  /** The receiver will say no more. */
  settled = false;
  /** The receiver's word is known, if perhaps not durable yet. */
  #outcome: Outcome | undefined;
  /** In which it was acquired. */
  readonly acquiredIn: Transaction | undefined;
  /** In which the outcome is provisional. */
  #transaction: Transaction | undefined;

  constructor(link: OutgoingLink, entry: Entry, acquiredIn: Transaction | undefined) {
    this.link = link;
    this.entry = entry;
    this.acquiredIn = acquiredIn;
    acquiredIn?.acquire(this);
  }

  get tag(): Buffer {
    const tag = Buffer.allocUnsafe(tagLength);
    tag.writeUInt32BE(this.id);
    return tag;
  }

  get decided(): boolean {
    return this.#outcome !== undefined;
  }

  /** In which it is until that is discharged. */
  get transaction(): Transaction | undefined {
    if (this.#transaction !== undefined) return this.#transaction;
    return this.acquiredIn?.discharged === false ? this.acquiredIn : undefined;
  }

  decide(outcome: Outcome): void {
    this.#outcome = outcome;
    const { batch } = this.link.session.connection;
    const reason = deathReason(outcome);
    if (!this.link.acquires) {
      this.#conclude(outcome);
    } else if (outcome.kind === 'accepted') {
      if (!batch.settle(this.entry, this)) this.done(undefined);
    } else if (annotates(outcome)) {
      this.#amend(outcome);
    } else if (reason !== undefined) {
      batch.deadLetter(this.entry, reason, this);
    } else {
      this.#release(hasFailed(outcome));
      this.#conclude(outcome);
    }
  }

  /** As `decide`, when and if the transaction is committed. */
  decideIn(transaction: Transaction, outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#transaction = transaction;
    // What is annotated ends, or goes back, with its annotations, when it is committed.
    const reason = annotates(outcome) ? undefined : deathReason(outcome);
    transaction.retire(this, outcome.kind === 'accepted', reason);
  }

  /** What was acquired in it and has no outcome stays with its receiver, to be decided outside of it. */
  committed(): void {
    const outcome = this.#outcome;
    this.#transaction = undefined;
    if (outcome === undefined) return;
    if (annotates(outcome) && this.link.acquires) return this.#amend(outcome);
    if (outcome.kind !== 'accepted' && deathReason(outcome) === undefined) this.#release(hasFailed(outcome));
    this.#conclude(outcome);
  }

  /**
   * What was acquired in it goes back as it was. Of the rest, what the receiver has settled gets the default outcome, and what
   * it has not stays with it, without one (4.4.4). Resolves when nothing of it is on its way any more.
   */
  async rolledBack(): Promise<void> {
    this.#transaction = undefined;
    this.#outcome = undefined;
    if (this.acquiredIn === undefined) {
      if (this.settled) this.decide(this.link.defaultOutcome);
      return;
    }
    const aborted = this.link.abort(this);
    // What is aborted is settled by that.
    if (aborted === undefined) this.#conclude(released);
    else this.link.session.unsettled.delete(this.id);
    this.#release(false);
    await aborted;
  }

  /** Its settlement is durable, or could not be stored: then the message is there still, and delivered again. */
  done(error: BrokerError | undefined): void {
    if (error !== undefined) this.#release(false);
    if (this.#outcome !== undefined) this.#conclude(this.#outcome);
  }

  /** As its receiver says, once its annotations are stored; without them if they cannot be. */
  #amend(outcome: Composite<'modified'>): void {
    const { connection } = this.link.session;
    const { broker, limits } = connection.context;
    const { messageAnnotations = [] } = outcome;
    const reason = deathReason(outcome);
    const amended = amend(broker.store, this.entry, (message) =>
      annotated(message, messageAnnotations, limits.maxMessageBytes),
    );
    const refused = amended.then(
      () => undefined,
      (error: unknown) => asBrokerError(error),
    );
    const decided = refused.then(async (error) => {
      // With its link it has gone back already.
      if (reason !== undefined && !this.link.ended) await broker.deadLetter(this.entry, reason);
      else this.#release(hasFailed(outcome));
      this.#conclude(outcome);
      if (error !== undefined) this.link.session.detachSoon(this.link, error);
    });
    broker.background(decided, 'give back an annotated message', () => this.#release(false));
  }

  /** Nothing to do after the link's end, when the queue has it back, nor for what was only shown. */
  #release(failed: boolean): void {
    if (!this.link.ended && this.link.acquires) this.entry.queue.release(this.entry, { failed });
  }

  /** Settles it, if the receiver waits for that (rcv-settle-mode second). */
  #conclude(outcome: Outcome): void {
    const { session } = this.link;
    if (this.settled || !session.unsettled.delete(this.id)) return;
    session.settlements.add(this.id, true, outcome);
    session.connection.output.schedule();
  }
}

function annotates(outcome: Outcome): outcome is Composite<'modified'> {
  return outcome.kind === 'modified' && (outcome.messageAnnotations?.length ?? 0) > 0;
}

function hasFailed(outcome: Outcome): boolean {
  return outcome.kind === 'modified' && outcome.deliveryFailed === true;
}

/** Why the outcome makes a dead letter: rejected, or not to be delivered here again, which is to no one. */
function deathReason(outcome: Outcome): string | undefined {
  if (outcome.kind === 'modified') {
    return outcome.undeliverableHere === true ? 'undeliverable here, says its receiver' : undefined;
  }
  if (outcome.kind !== 'rejected') return undefined;
  const { error } = outcome;
  if (error === undefined) return 'rejected by its receiver';
  return error.description === undefined ? error.condition : `${error.condition}: ${error.description}`;
}
