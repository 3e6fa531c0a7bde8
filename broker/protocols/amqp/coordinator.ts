// The link to the transaction coordinator (part 4, section 4.1 to 4.3): messages that declare and discharge transactions.
// A transaction lives no longer than the link that declared it.

import { asBrokerError } from '../../core/errors.ts';
import { readComposite, type Composite } from './codec/composite.ts';
import { WireError } from './conditions.ts';
import type { Connection } from './connection.ts';
import { accepted } from './dispositions.ts';
import type { Inlet, ReceivedDelivery } from './incoming-link.ts';
import { Sections } from './message/sections.ts';
import type { Session } from './session.ts';
import type { Control } from './transaction.ts';

/** Distributed and promotable transactions are not among them (4.5.9). */
export const coordinatorCapabilities: readonly string[] = [
  'amqp:local-transactions',
  'amqp:multi-txns-per-ssn',
  'amqp:multi-ssns-per-txn',
];

export class Coordinator implements Inlet, Control {
  readonly #session: Session;
  readonly #connection: Connection;
  readonly #handle: number;

  /** `handle`: of its link. */
  constructor(session: Session, handle: number) {
    this.#session = session;
    this.#connection = session.connection;
    this.#handle = handle;
  }

  receive(delivery: ReceivedDelivery, bytes: Buffer): void {
    // A declare's answer is the transaction, and a discharge's whether it came true (4.2, 4.3).
    if (delivery.settled) throw new WireError('link', 'amqp:not-allowed', 'a request that is settled');
    const reader = new Sections(bytes).valueReader();
    if (reader === undefined) throw new WireError('link', 'amqp:not-allowed', 'a message that is no amqp-value');
    const request = readComposite(reader, ['declare', 'discharge']);
    if (request.kind === 'declare') this.#declare(delivery, request);
    else this.#discharge(delivery, request);
  }

  heldBack(): undefined {
    return undefined;
  }

  end(): void {
    this.#connection.transactions.rollBackAll(this);
  }

  terminate(error: WireError): void {
    this.#session.detachThose(({ handle }) => handle === this.#handle, error);
  }

  #declare(delivery: ReceivedDelivery, { globalId }: Composite<'declare'>): void {
    if (globalId !== undefined) {
      throw new WireError('link', 'amqp:not-implemented', 'distributed transactions are not supported');
    }
    delivery.answer({ kind: 'declared', txnId: this.#connection.transactions.declare(this).id });
  }

  #discharge(delivery: ReceivedDelivery, { txnId, fail = false }: Composite<'discharge'>): void {
    const { batch, transactions } = this.#connection;
    // Whatever is asked for, a message of which a part was sent in it makes that an error (4.4.1).
    if (transactions.find(txnId).isArriving) {
      const error = new WireError('link', 'amqp:transaction:rollback', 'a message sent in it is not there whole');
      return this.terminate(error);
    }
    const transaction = transactions.take(txnId, this);
    // What was sent before it outside of it is stored before it.
    if (!fail) batch.commit();
    const discharged = fail ? transaction.rollBack() : transaction.commit();
    discharged
      .then(
        () => delivery.answer(accepted),
        (error: unknown) => {
          const { message } = asBrokerError(error);
          delivery.fail(new WireError('link', 'amqp:transaction:rollback', message, { cause: error }));
        },
      )
      .catch((error: unknown) => this.#connection.fail(error));
  }
}
