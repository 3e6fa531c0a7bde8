// One transaction (part 4, section 4.4): messages sent and outcomes given, which take effect together when it is committed.

import type { Destination } from '../../core/address.ts';
import type { Broker, SendOptions } from '../../core/broker.ts';
import type { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Transaction as CoreTransaction } from '../../core/transaction.ts';
import type { DeliveryState } from './codec/composite.ts';
import { WireError } from './conditions.ts';
import { accepted } from './dispositions.ts';
import type { ReceivedDelivery } from './incoming-link.ts';
import type { SentDelivery } from './sent-delivery.ts';

/** What a delivery costs that is settled in it. */
const retiredBytes = 256;

export interface Bounds {
  /** Counts one operation more. @returns why that is too much, if it is. */
  hold(bytes: number): BrokerError | undefined;
  free(operations: number, bytes: number): void;
}

export class Transaction {
  readonly id: Buffer;
  readonly #broker: Broker;
  readonly #bounds: Bounds;
  readonly #core: CoreTransaction;
  /** What messages sent in it are answered (4.4.4.1): one object, so that answers in a row share a disposition. */
  readonly #provisional: DeliveryState;
  /** Deliveries whose outcome is part of it. */
  readonly #retired: SentDelivery[] = [];
  #operations = 0;
  #bytes = 0;
  #failure: BrokerError | undefined;

  constructor(id: Buffer, broker: Broker, bounds: Bounds) {
    this.id = id;
    this.#broker = broker;
    this.#bounds = bounds;
    this.#core = broker.transaction();
    this.#provisional = { kind: 'transactionalState', txnId: id, outcome: accepted };
  }

  /** Sends the message if it is committed. @throws BrokerError if it cannot be. */
  send(to: Destination, message: Message, options: SendOptions): void {
    this.#requireSound();
    this.#broker.send(this.#core, to, message, options);
  }

  /** Answers the delivery that the messages came in. @throws BrokerError if it was too much: nothing is sent then. */
  await(delivery: ReceivedDelivery): void {
    this.#hold(delivery.size);
    this.#requireSound();
    delivery.answer(this.#provisional);
  }

  /**
   * The outcome of the delivery becomes so if it is committed: settled, or a dead letter for this reason, or else what the
   * delivery makes of it then.
   */
  retire(delivery: SentDelivery, isAccepted: boolean, deathReason: string | undefined): void {
    this.#hold(retiredBytes);
    this.#retired.push(delivery);
    const { entry, link } = delivery;
    if (!link.acquires) return;
    if (isAccepted && this.#core.settle(entry)) this.#core.afterCommit(() => this.#broker.delivered++);
    if (deathReason !== undefined) this.#broker.addDeadLetter(this.#core, entry, deathReason);
  }

  /** It can only be rolled back from now on. */
  fail(error: BrokerError): void {
    this.#failure ??= error;
  }

  /** @throws BrokerError: then it was rolled back. */
  async commit(): Promise<void> {
    if (this.#failure !== undefined) {
      this.rollBack();
      throw this.#failure;
    }
    try {
      await this.#core.commit();
    } catch (error) {
      this.#free();
      for (const delivery of this.#retired) delivery.rolledBack();
      throw error;
    }
    this.#free();
    for (const delivery of this.#retired) delivery.committed();
  }

  rollBack(): void {
    this.#core.abort();
    this.#free();
    for (const delivery of this.#retired) delivery.rolledBack();
  }

  #requireSound(): void {
    if (this.#failure === undefined) return;
    throw new WireError('link', 'amqp:transaction:rollback', this.#failure.message, { cause: this.#failure });
  }

  #hold(bytes: number): void {
    this.#operations++;
    this.#bytes += bytes;
    const excess = this.#bounds.hold(bytes);
    if (excess !== undefined) this.fail(excess);
    // The message, or the outcome, that was too much is there until the transaction is discharged, and none after it.
  }

  #free(): void {
    this.#bounds.free(this.#operations, this.#bytes);
  }
}
