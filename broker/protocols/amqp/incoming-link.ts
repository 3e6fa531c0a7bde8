// A link on which the peer sends: credit, deliveries of one or more transfers (part 2, section 2.6.12 and 2.6.14), and
// their outcome once the store has them. A producer is held back by credit: it gets new credit as its messages are
// committed, not as they arrive.

import { randomUUID } from 'node:crypto';
import type { Destination } from '../../core/address.ts';
import { asBrokerError, type BrokerError } from '../../core/errors.ts';
import { addressText, targetDestination } from './address.ts';
import type { PublishWork } from './batch.ts';
import type { Composite, Draft } from './codec/composite.ts';
import { errorFor, WireError } from './conditions.ts';
import { accepted } from './dispositions.ts';
import { creditWindow, type Link } from './link.ts';
import { messageFromSections } from './message/from-sections.ts';
import { Sections } from './message/sections.ts';
import { serialAdd, serialDifference } from './serial.ts';
import type { Session } from './session.ts';

/** Octets of a delivery-tag (2.8.7). */
const longestTag = 32;

/** A delivery that was received whole and awaits its commit, and in mode second then its settlement by the sender. */
export class ReceivedDelivery implements PublishWork {
  readonly id: number;
  readonly size: number;
  /** Nobody waits for an answer (any more). */
  settled: boolean;
  answered = false;
  readonly #link: IncomingLink;

  constructor(link: IncomingLink, id: number, size: number, settled: boolean) {
    this.#link = link;
    this.id = id;
    this.size = size;
    this.settled = settled;
  }

  done(error: BrokerError | undefined): void {
    this.#link.committed(this, error);
  }

  settledBySender(): void {
    this.settled = true;
    if (this.answered) this.#link.slotFreed();
  }
}

/** A delivery of which more is to come. */
interface Partial {
  readonly id: number;
  readonly parts: Buffer[];
  size: number;
  /** Octets of it that count as being assembled. */
  assembling: number;
  settled: boolean;
}

export class IncomingLink implements Link {
  readonly role = true;
  readonly name: string;
  readonly handle: number;
  readonly reply: Draft<'attach'>;
  readonly #session: Session;
  /** Undefined on an anonymous terminus: messages say themselves where they go. */
  readonly #destination: Destination | undefined;
  /** The receiver settles after the sender (rcv-settle-mode second). */
  readonly #settlesSecond: boolean;
  readonly #understandsRejected: boolean;
  readonly #window: number;
  #deliveryCount: number;
  #credit = 0;
  /** Deliveries that hold a place in the window: not committed, or in mode second not settled. */
  #occupied = 0;
  #partial: Partial | undefined;
  #ended = false;

  constructor(
    session: Session,
    attach: Composite<'attach'>,
    options: { readonly reply: Draft<'attach'>; readonly destination: Destination | undefined },
  ) {
    const { limits } = session.connection.context;
    this.#session = session;
    this.name = attach.name;
    this.handle = attach.handle;
    this.reply = options.reply;
    this.#destination = options.destination;
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

  onTransfer(transfer: Composite<'transfer'>, payload: Buffer): void {
    const delivery = this.#partial ?? this.#begin(transfer);
    const { deliveryId, settled, aborted, more } = transfer;
    if (deliveryId !== undefined && deliveryId !== delivery.id) {
      throw new WireError('session', 'amqp:invalid-field', 'delivery-id changes within a delivery');
    }
    // Any one transfer can make the whole delivery settled (2.7.5).
    if (settled === true) delivery.settled = true;
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
      return;
    }
    this.#forgetPartial();
    const [only] = delivery.parts;
    this.#receive(delivery, delivery.parts.length === 1 && only !== undefined ? only : Buffer.concat(delivery.parts));
  }

  /** The delivery's transaction is over. */
  committed(delivery: ReceivedDelivery, error: BrokerError | undefined): void {
    if (!this.#ended) this.#answer(delivery, error);
    if (delivery.settled) this.slotFreed();
  }

  slotFreed(): void {
    this.#occupied--;
    this.#replenish();
  }

  end(): void {
    this.#ended = true;
    this.#forgetPartial();
  }

  #begin({ deliveryId, deliveryTag, messageFormat, resume }: Composite<'transfer'>): Partial {
    if (this.#credit <= 0) {
      throw new WireError('link', 'amqp:link:transfer-limit-exceeded', 'a transfer without credit for it');
    }
    if (deliveryId === undefined || deliveryTag === undefined) {
      throw new WireError('session', 'amqp:invalid-field', 'first transfer without delivery-id or delivery-tag');
    }
    if (deliveryTag.length > longestTag) {
      throw new WireError('session', 'amqp:invalid-field', `delivery-tag of ${deliveryTag.length} octets`);
    }
    if (messageFormat !== undefined && messageFormat !== 0) {
      throw new WireError('link', 'amqp:not-implemented', `message-format ${messageFormat} is not supported`);
    }
    // Our attach named no unsettled delivery: there is nothing to resume (2.6.13).
    if (resume) throw new WireError('link', 'amqp:not-allowed', 'the delivery to resume is not known');
    this.#credit--;
    this.#deliveryCount = serialAdd(this.#deliveryCount, 1);
    return { id: deliveryId, parts: [], size: 0, assembling: 0, settled: false };
  }

  #receive({ id, size, settled }: Partial, bytes: Buffer): void {
    const { connection } = this.#session;
    const delivery = new ReceivedDelivery(this, id, size, settled);
    this.#occupied++;
    if (!settled) this.#session.received.set(id, delivery);
    connection.client.messagesIn++;
    try {
      const sections = new Sections(bytes);
      const to = this.#destination ?? relayDestination(sections);
      const now = connection.context.clock.now();
      const { message, delayMs } = messageFromSections(sections, to, newId, now);
      connection.batch.publish(to, message, { delayMs, publisher: connection }, delivery);
    } catch (error) {
      this.committed(delivery, asBrokerError(error));
    }
  }

  #answer(delivery: ReceivedDelivery, error: BrokerError | undefined): void {
    const { received, answers, connection } = this.#session;
    if (error !== undefined && (delivery.settled || !this.#understandsRejected)) {
      received.delete(delivery.id);
      delivery.settled = true;
      this.#session.detach(this, error);
    }
    if (delivery.settled) return;
    const state = error === undefined ? accepted : ({ kind: 'rejected', error: errorFor(error) } as const);
    answers.add(delivery.id, !this.#settlesSecond, state);
    connection.output.schedule();
    delivery.answered = true;
    if (this.#settlesSecond) return;
    delivery.settled = true;
    received.delete(delivery.id);
  }

  /** Grants credit when half of the window has become free. False: there is nothing to grant. */
  #replenish(): boolean {
    const grantable = this.#window - this.#occupied;
    if (this.#ended || grantable - this.#credit < Math.max(1, this.#window / 2)) return false;
    this.#credit = grantable;
    this.#sendFlow();
    return true;
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
    this.#partial = undefined;
  }
}

function newId(): string {
  return `ID:${randomUUID()}`;
}

function relayDestination({ properties }: Sections): Destination {
  const to = addressText(properties?.to);
  // The condition that an attach to such an address would have had (Anonymous Terminus for Message Routing, 2.2.2).
  if (to === undefined) throw new WireError('link', 'amqp:not-found', 'message without "to" on the anonymous terminus');
  return targetDestination(to, undefined);
}
