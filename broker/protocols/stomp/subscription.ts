// One SUBSCRIBE of a connection (STOMP 1.2, "SUBSCRIBE"): pushes messages of its queue to the client, within a window
// of unacknowledged ones, and knows which they are.

import type { Destination } from '../../core/address.ts';
import type { Consumer } from '../../core/consumer.ts';
import type { Entry } from '../../core/entry.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Selector } from '../../core/selector.ts';
import type { Death } from '../../core/store.ts';
import { Deliveries } from './deliveries.ts';
import type { Delivery } from './deliveries.ts';
import { destinationOfAddress, formatDestination } from './destination.ts';
import { headersOfMessage } from './message-to-frame.ts';
import type { Output } from './output.ts';
import { escapeValue } from './wire/encoder.ts';
import type { Version } from './wire/version.ts';

export const ackModes = ['auto', 'client', 'client-individual'] as const;

export type AckMode = (typeof ackModes)[number];

export interface SubscriptionOptions {
  /** The client's name for it; 1.0 knows subscriptions without. */
  readonly id: string | undefined;
  /** The server's, unique within the connection. */
  readonly number: number;
  readonly destination: Destination;
  readonly ackMode: AckMode;
  /** Messages sent and not acknowledged, at most. */
  readonly prefetch: number;
  readonly version: Version;
  readonly queue: Queue;
  /** Which messages of a queue it takes. Of a topic, its own queue has no others. */
  readonly selector: Selector | undefined;
  readonly output: Output;
  /** Called for each message that is sent. */
  readonly onDelivered: () => void;
  readonly onQueueDeleted: () => void;
}

/** Message ids that were acknowledged lately, for a second ACK of one: see `wasAcknowledged`. */
const rememberedIds = 1000;

export class Subscription {
  readonly id: string | undefined;
  readonly number: number;
  readonly destination: Destination;
  readonly ackMode: AckMode;
  readonly #prefetch: number;
  readonly #version: Version;
  readonly #output: Output;
  readonly #consumer: Consumer;
  readonly #onDelivered: () => void;
  /** The head's lines that every message has. */
  readonly #opening: string;
  readonly #deliveries = new Deliveries();
  /** STOMP 1.0 and 1.1, which acknowledge by message id. */
  readonly #byMessageId = new Map<string, Delivery>();
  readonly #acknowledgedIds = new Set<string>();
  /** Sent, and neither acknowledged nor acknowledged within a transaction. In mode auto: sent and not settled. */
  #unacknowledged = 0;
  #started = false;

  constructor(options: SubscriptionOptions) {
    const { id, number, destination, ackMode, prefetch, version, queue, selector, output } = options;
    const { onDelivered, onQueueDeleted } = options;
    this.id = id;
    this.number = number;
    this.destination = destination;
    this.ackMode = ackMode;
    this.#prefetch = prefetch;
    this.#version = version;
    this.#output = output;
    this.#onDelivered = onDelivered;
    this.#opening = 'MESSAGE\n';
    if (id !== undefined) this.#opening += this.#line('subscription', id);
    if (destination.kind === 'queue') this.#opening += this.#line('destination', formatDestination(destination));
    this.#consumer = queue.consume({
      deliver: (entry, message) => this.#deliver(entry, message),
      onQueueDeleted,
      ...(selector === undefined || destination.kind === 'topic' ? {} : { accepts: selector }),
    });
  }

  get consumer(): Consumer {
    return this.#consumer;
  }

  get queue(): Queue {
    return this.#consumer.queue;
  }

  /** From here on messages are sent: after the RECEIPT of its SUBSCRIBE, which clients wait for. */
  start(): void {
    this.#started = true;
    this.refreshCredit();
  }

  /** Lets the queue send as much as the window and the socket have room for. */
  refreshCredit(): void {
    const credit = this.#started && !this.#output.congested ? Math.max(0, this.#prefetch - this.#unacknowledged) : 0;
    if (credit !== this.#consumer.credit) this.#consumer.setCredit(credit);
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
    this.#consumer.close();
  }

  #deliver(entry: Entry, message: Message): void {
    this.#unacknowledged += 1;
    let head = this.#opening;
    // A topic's filter may take messages of many names.
    if (this.destination.kind === 'topic') head += this.#line('destination', destinationOfAddress(message.to));
    if (entry.redelivered) head += 'redelivered:true\n';
    if (entry.dead !== undefined) head += this.#linesOfDeath(entry.dead);
    if (this.ackMode === 'auto') {
      this.#output.writeTracked(`${head}${headersOfMessage(message, this.#version)}\n`, message.body, entry);
    } else {
      head += this.#awaitAcknowledgement(entry, message.id);
      this.#output.write(`${head}${headersOfMessage(message, this.#version)}\n`, message.body);
    }
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
    return isTaken ? this.#line('message-id', messageId) : '';
  }

  #linesOfDeath({ origin, reason }: Death): string {
    return (
      this.#line('original-destination', destinationOfAddress(origin)) + this.#line('dlqDeliveryFailureCause', reason)
    );
  }

  #line(name: string, value: string): string {
    return `${name}:${escapeValue(value, this.#version)}\n`;
  }
}
