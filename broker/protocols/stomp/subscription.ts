// One SUBSCRIBE of a connection (STOMP 1.2, "SUBSCRIBE"): pushes messages of its queue to the client, within a window
// of unacknowledged ones, and knows which they are.

import type { Entry } from '../../core/entry.ts';
import type { Message } from '../../core/message.ts';
import type { Subscriber } from '../../core/subscriber.ts';
import { Deliveries } from './deliveries.ts';
import type { Delivery } from './deliveries.ts';
import type { DeliveryHead } from './delivery-head.ts';
import type { Output } from './output.ts';
import type { Version } from './wire/version.ts';

export const ackModes = ['auto', 'client', 'client-individual'] as const;

export type AckMode = (typeof ackModes)[number];

/** What takes messages for a subscription, and hands them to `deliver`. */
export type Subscribe = (deliver: (entry: Entry, message: Message) => void) => Subscriber;

export interface SubscriptionOptions {
  /** The client's name for it; 1.0 knows subscriptions without. */
  readonly id: string | undefined;
  /** The server's, unique within the connection. */
  readonly number: number;
  readonly ackMode: AckMode;
  /** Messages sent and not acknowledged, at most. */
  readonly prefetch: number;
  readonly version: Version;
  readonly head: DeliveryHead;
  /** The name of a durable subscription. */
  readonly durableName: string | undefined;
  readonly subscribe: Subscribe;
  readonly output: Output;
  /** Called for each message that is sent. */
  readonly onDelivered: () => void;
}

/** Message ids that were acknowledged lately, for a second ACK of one: see `wasAcknowledged`. */
const rememberedIds = 1000;

export class Subscription {
  readonly id: string | undefined;
  readonly number: number;
  readonly ackMode: AckMode;
  readonly durableName: string | undefined;
  readonly subscriber: Subscriber;
  readonly #prefetch: number;
  readonly #version: Version;
  readonly #output: Output;
  readonly #head: DeliveryHead;
  readonly #onDelivered: () => void;
  readonly #deliveries = new Deliveries();
  /** STOMP 1.0 and 1.1, which acknowledge by message id. */
  readonly #byMessageId = new Map<string, Delivery>();
  readonly #acknowledgedIds = new Set<string>();
  /** Sent, and neither acknowledged nor acknowledged within a transaction. In mode auto: sent and not settled. */
  #unacknowledged = 0;
  #started = false;

  /** @throws as `subscribe` does. */
  constructor(options: SubscriptionOptions) {
    this.id = options.id;
    this.number = options.number;
    this.ackMode = options.ackMode;
    this.durableName = options.durableName;
    this.#prefetch = options.prefetch;
    this.#version = options.version;
    this.#output = options.output;
    this.#head = options.head;
    this.#onDelivered = options.onDelivered;
    this.subscriber = options.subscribe((entry, message) => this.#deliver(entry, message));
  }

  /** What it receives from, as the client wrote it. */
  get destination(): string {
    return this.#head.destination;
  }

  /** From here on messages are sent: after the RECEIPT of its SUBSCRIBE, which clients wait for. */
  start(): void {
    this.#started = true;
    this.refreshCredit();
  }

  /** Lets its queues send as much as the window and the socket have room for. */
  refreshCredit(): void {
    const credit = this.#started && !this.#output.congested ? Math.max(0, this.#prefetch - this.#unacknowledged) : 0;
    if (credit !== this.subscriber.credit) this.subscriber.setCredit(credit);
  }

  /** Messages that were sent wait for the client to acknowledge them. */
  get isOwedAcknowledgements(): boolean {
    return this.ackMode !== 'auto' && this.#deliveries.size > 0;
  }

  byNumber(number: number): Delivery | undefined {
    return this.#deliveries.get(number);
  }

  byMessageId(id: string): Delivery | undefined {
    return this.#byMessageId.get(id);
  }

  /**
   * A second acknowledgement of one message is no fault: many clients acknowledge every message of a cumulative
   * subscription, in the order in which they happen to finish.
   */
  wasAcknowledged(numberOrId: number | string): boolean {
    if (typeof numberOrId === 'string') return this.#acknowledgedIds.has(numberOrId);
    return numberOrId >= 1 && numberOrId < this.#deliveries.nextNumber && !this.#deliveries.get(numberOrId);
  }

  /** What an ACK or NACK of a delivery is about: "cumulative" in mode client. */
  coveredBy(delivery: Delivery): readonly Delivery[] {
    return this.ackMode === 'client' ? this.#deliveries.upTo(delivery.number) : [delivery];
  }

  /** They no longer count towards the window. The credit comes with refreshCredit. */
  acknowledged(count: number): void {
    this.#unacknowledged -= count;
  }

  /** Mode auto: what was sent is done with. */
  settled(count: number): void {
    this.acknowledged(count);
    this.refreshCredit();
  }

  /** An acknowledgement was aborted. */
  takeBack(): void {
    this.#unacknowledged += 1;
    this.refreshCredit();
  }

  /** There is nothing more to acknowledge about it. */
  forget(delivery: Delivery): void {
    this.#deliveries.remove(delivery);
    if (this.#version === '1.2' || this.#byMessageId.get(delivery.messageId) !== delivery) return;
    this.#byMessageId.delete(delivery.messageId);
    this.#acknowledgedIds.add(delivery.messageId);
    if (this.#acknowledgedIds.size <= rememberedIds) return;
    for (const oldest of this.#acknowledgedIds) {
      this.#acknowledgedIds.delete(oldest);
      return;
    }
  }

  /** What is not acknowledged goes back to the queue. Idempotent. */
  close(): void {
    this.subscriber.close();
  }

  #deliver(entry: Entry, message: Message): void {
    this.#unacknowledged += 1;
    const head = this.#head;
    const form = head.form(message);
    const body = form?.body ?? message.body;
    if (this.ackMode === 'auto') this.#output.writeTracked(head.of(entry, message, form, ''), body, entry);
    else this.#output.write(head.of(entry, message, form, this.#awaitAcknowledgement(entry, message.id)), body);
    this.#onDelivered();
  }

  /** @returns the header by which the client is to acknowledge it, where that is not the message's id. */
  #awaitAcknowledgement(entry: Entry, id: string): string {
    const number = this.#deliveries.nextNumber;
    // Senders of other protocols give their own ids; in STOMP they must tell unacknowledged messages apart.
    const isTaken = this.#version !== '1.2' && this.#byMessageId.has(id);
    const messageId = isTaken ? `${id}#${number}` : id;
    const delivery: Delivery = { subscription: this, number, entry, messageId, transaction: undefined };
    this.#deliveries.add(delivery);
    if (this.#version === '1.2') return `ack:${this.number}-${number}\n`;
    this.#byMessageId.set(messageId, delivery);
    return isTaken ? this.#head.line('message-id', messageId) : '';
  }
}
