// One transaction (part 4, section 4.4): messages sent, messages acquired and outcomes given, which take effect together when
// it is committed.

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

/** What a delivery costs that is acquired or settled in it. */
const deliveryBytes = 256;

/** Where it was declared. */
export interface Control {
  /** Ends the link to the coordinator. */
  terminate(error: WireError): void;
}

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
  /** Deliveries that were acquired in it, or whose outcome is part of it. */
  readonly #deliveries = new Set<SentDelivery>();
  /** Deliveries of the controller that have begun and are not there whole. */
  readonly #arriving = new Set<object>();
  readonly #control: Control;
  #discharged = false;
  #operations = 0;
  #bytes = 0;
  #failure: BrokerError | undefined;

  constructor(id: Buffer, broker: Broker, bounds: Bounds, control: Control) {
    this.id = id;
    this.#control = control;
    this.#broker = broker;
    this.#bounds = bounds;
    this.#core = broker.transaction();
    this.#provisional = { kind: 'transactionalState', txnId: id, outcome: accepted };
  }

  /** Nothing more becomes a part of it. */
  get discharged(): boolean {
    return this.#discharged;
  }

  /** Why it can only be rolled back. */
  get failure(): BrokerError | undefined {
    return this.#failure;
  }

  /** A part of a message has come, and not all of it. */
  get isArriving(): boolean {
    return this.#arriving.size > 0;
  }

  beginArriving(delivery: object): void {
    this.#arriving.add(delivery);
  }

  endArriving(delivery: object): void {
    this.#arriving.delete(delivery);
  }

  /** The delivery goes back if it is not committed (4.4.3). */
  acquire(delivery: SentDelivery): void {
    this.#hold(deliveryBytes);
    this.#deliveries.add(delivery);
  }

  /** The controller broke a rule that ends its control link, and with that all that the link declared. */
  violated(message: string): void {
    this.#control.terminate(new WireError('link', 'amqp:transaction:rollback', message));
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
    this.#hold(deliveryBytes);
    this.#deliveries.add(delivery);
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
      await this.rollBack();
      throw this.#failure;
    }
    this.#discharged = true;
    try {
      await this.#core.commit();
    } catch (error) {
      await this.#undo();
      throw error;
    }
    this.#free();
    for (const delivery of this.#deliveries) delivery.committed();
  }

  /** Undone at once; resolves when no more than whole messages, or the news of their abortion, are on their way. */
  async rollBack(): Promise<void> {
    this.#discharged = true;
    this.#core.abort();
    await this.#undo();
  }

  async #undo(): Promise<void> {
    this.#free();
    const aborting = Array.from(this.#deliveries, (delivery) => delivery.rolledBack());
    await Promise.all(aborting);
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
