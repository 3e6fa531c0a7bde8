// A delivery that was sent, and what becomes of its entry (part 3, section 3.4): accepted settles it, released puts it back as
// it was, modified may count a failure, rejected and what is undeliverable here are dead letters, as with ActiveMQ.

import type { Entry } from '../../core/entry.ts';
import type { BrokerError } from '../../core/errors.ts';
import type { Work } from './batch.ts';
import type { Composite, Outcome } from './codec/composite.ts';
import type { OutgoingLink } from './outgoing-link.ts';

const tagLength = 4;

export class SentDelivery implements Work {
  readonly link: OutgoingLink;
  readonly entry: Entry;
  /** Within the session; given when its first transfer is sent. */
  id = 0;
  /** The receiver's word is known, if perhaps not durable yet. */
  decided = false;
  #outcome: Outcome | undefined;
  /** The receiver waits for our settlement (rcv-settle-mode second). */
  #awaited = false;

  constructor(link: OutgoingLink, entry: Entry) {
    this.link = link;
    this.entry = entry;
  }

  get tag(): Buffer {
    const tag = Buffer.allocUnsafe(tagLength);
    tag.writeUInt32BE(this.id);
    return tag;
  }

  decide(outcome: Outcome, settled: boolean): void {
    this.decided = true;
    this.#outcome = outcome;
    this.#awaited = !settled;
    const { batch } = this.link.session.connection;
    switch (outcome.kind) {
      case 'accepted':
        if (!batch.settle(this.entry, this)) this.done(undefined);
        return;
      case 'rejected':
        batch.deadLetter(this.entry, rejectionReason(outcome), this);
        return;
      case 'modified':
        if (outcome.undeliverableHere === true) {
          batch.deadLetter(this.entry, 'undeliverable here, says its receiver', this);
          return;
        }
        this.#release(outcome.deliveryFailed === true);
        return;
      default:
        this.#release(false);
    }
  }

  /** Its settlement is durable, or could not be stored: then the message is there still, and delivered again. */
  done(error: BrokerError | undefined): void {
    if (error !== undefined) this.entry.queue.release(this.entry);
    if (!this.#awaited || this.#outcome === undefined) return;
    const { session } = this.link;
    if (!session.unsettled.delete(this.id)) return;
    session.settlements.add(this.id, true, this.#outcome);
    session.connection.output.schedule();
  }

  #release(failed: boolean): void {
    this.entry.queue.release(this.entry, { failed });
    this.done(undefined);
  }
}

function rejectionReason({ error }: Composite<'rejected'>): string {
  if (error === undefined) return 'rejected by its receiver';
  return error.description === undefined ? error.condition : `${error.condition}: ${error.description}`;
}
