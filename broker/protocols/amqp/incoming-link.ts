// A link on which the peer sends: credit, deliveries of one or more transfers (part 2, section 2.6.12 and 2.6.14), and
// their answers. What becomes of a delivery that is there whole is its inlet's business: producer.ts or coordinator.ts. A
// producer is held back by credit: it gets new credit as its messages are committed, not as they arrive.

import { asBrokerError, type BrokerError } from '../../core/errors.ts';
import type { PublishWork } from './batch.ts';
import type { Composite, DeliveryState, Draft } from './codec/composite.ts';
import { errorFor, ofDelivery, WireError } from './conditions.ts';
import { accepted } from './dispositions.ts';
import { creditWindow, type Link } from './link.ts';
import { serialAdd, serialDifference } from './serial.ts';
import type { Session } from './session.ts';
import type { Transaction } from './transaction.ts';

/** Octets of a delivery-tag (2.8.7). */
const longestTag = 32;

/** What deliveries of a link go into. */
export interface Inlet {
  /** What fails is told by its tag: the sender of many to many places is to know which it was. */
  readonly namesDeliveries?: boolean;
  /** A delivery is there. Whoever takes it ends it, with `answer`, `done` or `fail`; what is thrown rejects it. */
  receive(delivery: ReceivedDelivery, bytes: Buffer): void;
  /** Undefined: it takes more. Otherwise nobody is to get credit for more until it resolves. */
  heldBack(): Promise<void> | undefined;
  /** The link is over. Idempotent. */
  end(): void;
}

/** A delivery that was received whole and awaits its answer, and in mode second then its settlement by the sender. */
export class ReceivedDelivery implements PublishWork {
  readonly id: number;
  readonly size: number;
  /** Nobody waits for an answer (any more). */
  settled: boolean;
  /** The transaction that it belongs to. */
  readonly txnId: Buffer | undefined;
  /** We settle it after its sender. */
  readonly settlesSecond: boolean;
  /** Where it is told by it if it fails. */
  readonly tag: Buffer | undefined;
  answered = false;
  readonly #link: IncomingLink;

  constructor(link: IncomingLink, received: Partial, tag: Buffer | undefined) {
    this.#link = link;
    this.id = received.id;
    this.size = received.size;
    this.settled = received.settled;
    this.settlesSecond = received.settlesSecond;
    // The identifier is a view of what the socket read.
    this.txnId = received.txnId && Buffer.from(received.txnId);
    this.tag = tag;
  }

  isOf(link: IncomingLink): boolean {
    return this.#link === link;
  }

  /** It was taken, with this for its state. */
  answer(state: DeliveryState): void {
    this.#link.answer(this, state);
  }

  fail(error: BrokerError): void {
    this.#link.fail(this, error);
  }

  /** As `fail`, of what was sent in a transaction. */
  failIn(transaction: Transaction, error: BrokerError): void {
    this.#link.failIn(this, transaction, error);
  }

  done(error: BrokerError | undefined): void {
    if (error === undefined) this.answer(accepted);
    else this.fail(error);
  }

  settledBySender(): void {
    this.settled = true;
    if (this.answered) this.#link.slotFreed();
  }
}

/** A delivery of which more is to come. */
interface Partial {
  readonly id: number;
  tag: Buffer;
  readonly settlesSecond: boolean;
  readonly parts: Buffer[];
  size: number;
  /** Octets of it that count as being assembled. */
  assembling: number;
  settled: boolean;
  txnId: Buffer | undefined;
  /** The one of `txnId`, which must not be discharged before it is there whole. */
  transaction: Transaction | undefined;
}

export class IncomingLink implements Link {
  readonly role = true;
  readonly name: string;
  readonly handle: number;
  readonly reply: Draft<'attach'>;
  readonly #session: Session;
  readonly #inlet: Inlet;
  /** The receiver settles after the sender (rcv-settle-mode second). */
  readonly #settlesSecond: boolean;
  readonly #understandsRejected: boolean;
  readonly #window: number;
  #deliveryCount: number;
  #credit = 0;
  /** Deliveries that hold a place in the window: not answered, or in mode second not settled. */
  #occupied = 0;
  #partial: Partial | undefined;
  /** There is no room for more where it goes. */
  #held = false;
  #ended = false;

  constructor(
    session: Session,
    attach: Composite<'attach'>,
    options: { readonly reply: Draft<'attach'>; readonly inlet: Inlet },
  ) {
    const { limits } = session.connection.context;
    this.#session = session;
    this.name = attach.name;
    this.handle = attach.handle;
    this.reply = options.reply;
    this.#inlet = options.inlet;
    this.#settlesSecond = attach.rcvSettleMode === 1;
    const outcomes = attach.source?.outcomes ?? [];
    this.#understandsRejected = outcomes.length === 0 || outcomes.includes('amqp:rejected:list');
    this.#deliveryCount = attach.initialDeliveryCount ?? 0;
    this.#window = Math.max(1, Math.min(creditWindow, limits.maxUncommitted));
  }

  start(): void {
    this.#replenish();
  }

  onFlow(flow: Composite<'flow'>): void {
    // The sender may give up credit by moving its delivery-count on (2.6.7).
    if (flow.deliveryCount !== undefined) {
      const skipped = serialDifference(flow.deliveryCount, this.#deliveryCount);
      if (skipped > 0) {
        this.#deliveryCount = flow.deliveryCount;
        this.#credit = Math.max(0, this.#credit - skipped);
      }
    }
    if (!this.#replenish() && flow.echo) this.#sendFlow();
  }

  onTransfer(transfer: Composite<'transfer'>, payload: Buffer, isNew: boolean): void {
    const delivery = this.#partial ?? this.#begin(transfer, isNew);
    const { settled, aborted, more, state } = transfer;
    if (delivery === this.#partial) requireSame(transfer, delivery);
    // Any one transfer can make the whole delivery settled (2.7.5).
    if (settled === true) delivery.settled = true;
    if (state?.kind === 'transactionalState') delivery.txnId = state.txnId;
    if (aborted) {
      this.#forgetPartial();
      this.#replenish();
      return;
    }
    delivery.size += payload.length;
    this.#requireSize(delivery.size);
    // The payload is a view of what the socket read: the copy is what stays.
    delivery.parts.push(Buffer.from(payload));
    if (more) {
      this.#partial = delivery;
      delivery.assembling += payload.length;
      this.#session.connection.assembling.take(payload.length);
      this.#keepOpen(delivery);
      return;
    }
    this.#forgetPartial();
    const [only] = delivery.parts;
    this.#receive(delivery, delivery.parts.length === 1 && only !== undefined ? only : Buffer.concat(delivery.parts));
  }

  answer(delivery: ReceivedDelivery, state: DeliveryState): void {
    if (!this.#ended && !delivery.settled) this.#send(delivery, state);
    if (delivery.settled) this.slotFreed();
  }

  fail(delivery: ReceivedDelivery, error: BrokerError): void {
    const told = delivery.tag === undefined ? error : ofDelivery(error, delivery.tag);
    if (!this.#ended && (delivery.settled || !this.#understandsRejected)) {
      this.#session.received.delete(delivery.id);
      delivery.settled = true;
      this.#session.detach(this, told);
    }
    this.answer(delivery, { kind: 'rejected', error: errorFor(told) });
  }

  /** The outcome belongs to the transaction; where none can be told, nothing of the transaction may happen (part 4, 4.4.4.1). */
  failIn(delivery: ReceivedDelivery, transaction: Transaction, error: BrokerError): void {
    if (delivery.settled) {
      transaction.fail(error);
      this.slotFreed();
    } else if (!this.#understandsRejected) {
      transaction.fail(error);
      this.fail(delivery, error);
    } else {
      const told = delivery.tag === undefined ? error : ofDelivery(error, delivery.tag);
      const outcome = { kind: 'rejected', error: errorFor(told) } as const;
      this.answer(delivery, { kind: 'transactionalState', txnId: transaction.id, outcome });
    }
  }

  slotFreed(): void {
    this.#occupied--;
    this.#replenish();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#forgetPartial();
    for (const [id, delivery] of this.#session.received) {
      if (delivery.isOf(this)) this.#session.received.delete(id);
    }
    this.#inlet.end();
  }

  #begin(
    { deliveryId, deliveryTag, messageFormat, rcvSettleMode, resume }: Composite<'transfer'>,
    isNew: boolean,
  ): Partial {
    if (this.#credit <= 0) {
      throw new WireError('link', 'amqp:link:transfer-limit-exceeded', 'a transfer without credit for it');
    }
    if (deliveryId === undefined || deliveryTag === undefined) {
      throw new WireError('session', 'amqp:invalid-field', 'first transfer without delivery-id or delivery-tag');
    }
    if (!isNew) {
      throw new WireError('session', 'amqp:invalid-field', `delivery-id ${deliveryId} was used before`, {
        field: 'delivery-id',
      });
    }
    if (deliveryTag.length > longestTag) {
      throw new WireError('session', 'amqp:invalid-field', `delivery-tag of ${deliveryTag.length} octets`);
    }
    if (messageFormat !== undefined && messageFormat !== 0) {
      throw new WireError('link', 'amqp:not-implemented', `message-format ${messageFormat} is not supported`);
    }
    // Our attach named no unsettled delivery: there is nothing to resume (2.6.13).
    if (resume) throw new WireError('link', 'amqp:not-allowed', 'the delivery to resume is not known');
    // Where the link settles first, no delivery of it settles second (2.7.5).
    if (rcvSettleMode !== undefined && rcvSettleMode > (this.#settlesSecond ? 1 : 0)) {
      throw new WireError('link', 'amqp:invalid-field', `rcv-settle-mode ${rcvSettleMode} of a transfer`, {
        field: 'rcv-settle-mode',
      });
    }
    this.#credit--;
    this.#deliveryCount = serialAdd(this.#deliveryCount, 1);
    return {
      id: deliveryId,
      tag: deliveryTag,
      settlesSecond: this.#settlesSecond && rcvSettleMode !== 0,
      parts: [],
      size: 0,
      assembling: 0,
      settled: false,
      txnId: undefined,
      transaction: undefined,
    };
  }

  #keepOpen(delivery: Partial): void {
    // It is a view of what the socket read.
    if (delivery.parts.length === 1) delivery.tag = Buffer.from(delivery.tag);
    if (delivery.txnId === undefined || delivery.transaction !== undefined) return;
    // An unknown one is refused when the delivery is there.
    delivery.transaction = this.#session.connection.transactions.known(delivery.txnId);
    delivery.transaction?.beginArriving(delivery);
  }

  #receive(received: Partial, bytes: Buffer): void {
    const tag = this.#inlet.namesDeliveries === true ? Buffer.from(received.tag) : undefined;
    const delivery = new ReceivedDelivery(this, received, tag);
    this.#occupied++;
    if (!delivery.settled) this.#session.received.set(delivery.id, delivery);
    try {
      this.#inlet.receive(delivery, bytes);
    } catch (error) {
      delivery.fail(asBrokerError(error));
    }
  }

  #send(delivery: ReceivedDelivery, state: DeliveryState): void {
    const { received, answers, connection } = this.#session;
    answers.add(delivery.id, !delivery.settlesSecond, state);
    connection.output.schedule();
    delivery.answered = true;
    if (delivery.settlesSecond) return;
    delivery.settled = true;
    received.delete(delivery.id);
  }

  /** Grants credit when half of the window has become free. False: there is nothing to grant. */
  #replenish(): boolean {
    const grantable = this.#window - this.#occupied;
    if (this.#ended || this.#held || grantable - this.#credit < Math.max(1, this.#window / 2)) return false;
    const room = this.#inlet.heldBack();
    if (room !== undefined) {
      this.#awaitRoom(room);
      return false;
    }
    this.#credit = grantable;
    this.#sendFlow();
    return true;
  }

  /** What the sender has credit for is still taken. */
  #awaitRoom(room: Promise<void>): void {
    this.#held = true;
    room
      .then(() => {
        this.#held = false;
        this.#replenish();
      })
      .catch((error: unknown) => this.#session.connection.fail(error));
  }

  #sendFlow(): void {
    this.#session.sendFlow({
      handle: this.handle,
      deliveryCount: this.#deliveryCount,
      linkCredit: this.#credit,
    });
  }

  #requireSize(size: number): void {
    const { connection } = this.#session;
    const { maxMessageBytes } = connection.context.limits;
    if (size > maxMessageBytes) {
      throw new WireError('link', 'amqp:link:message-size-exceeded', `at most ${maxMessageBytes} octets are taken`);
    }
    if (connection.assembling.isOver) {
      throw new WireError('link', 'amqp:resource-limit-exceeded', 'too many large messages at the same time');
    }
  }

  #forgetPartial(): void {
    if (this.#partial === undefined) return;
    this.#session.connection.assembling.free(this.#partial.assembling);
    this.#partial.transaction?.endArriving(this.#partial);
    this.#partial = undefined;
  }
}

/** What a transfer that goes on with a delivery says of it again is what the first one said (2.7.5). */
function requireSame({ deliveryId, deliveryTag, messageFormat }: Composite<'transfer'>, { id, tag }: Partial): void {
  const changed =
    deliveryId !== undefined && deliveryId !== id
      ? 'delivery-id'
      : deliveryTag !== undefined && !deliveryTag.equals(tag)
        ? 'delivery-tag'
        : messageFormat !== undefined && messageFormat !== 0
          ? 'message-format'
          : undefined;
  if (changed === undefined) return;
  throw new WireError('session', 'amqp:invalid-field', `${changed} changes within a delivery`, { field: changed });
}
