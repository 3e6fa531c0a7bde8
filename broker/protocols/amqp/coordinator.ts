// The link to the transaction coordinator (part 4, section 4.1 to 4.3): messages that declare and discharge transactions.
// A transaction lives no longer than the link that declared it.

import { asBrokerError } from '../../core/errors.ts';
import { readComposite, type Composite } from './codec/composite.ts';
import { WireError } from './conditions.ts';
import type { Connection } from './connection.ts';
import { accepted } from './dispositions.ts';
import type { Inlet, ReceivedDelivery } from './incoming-link.ts';
import { Sections } from './message/sections.ts';

/** Distributed and promotable transactions are not among them (4.5.9). */
export const coordinatorCapabilities: readonly string[] = [
  'amqp:local-transactions',
  'amqp:multi-txns-per-ssn',
  'amqp:multi-ssns-per-txn',
];

export class Coordinator implements Inlet {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  receive(delivery: ReceivedDelivery, bytes: Buffer): void {
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

  #declare(delivery: ReceivedDelivery, { globalId }: Composite<'declare'>): void {
    if (globalId !== undefined) {
      throw new WireError('link', 'amqp:not-implemented', 'distributed transactions are not supported');
    }
    // Its identifier comes with the answer: nobody could name the transaction.
    if (delivery.settled) throw new WireError('link', 'amqp:not-allowed', 'a declare that is settled');
    delivery.answer({ kind: 'declared', txnId: this.#connection.transactions.declare(this).id });
  }

  #discharge(delivery: ReceivedDelivery, { txnId, fail = false }: Composite<'discharge'>): void {
    const { batch, transactions } = this.#connection;
    const transaction = transactions.take(txnId, this);
    if (fail) {
      transaction.rollBack();
      return delivery.answer(accepted);
    }
    // What was sent before it outside of it is stored before it.
    batch.commit();
    transaction
      .commit()
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
