// The head of a MESSAGE frame: what all deliveries of one subscription begin with, and what belongs to one delivery
// (STOMP 1.2, "MESSAGE"). The headers of the message itself are message-to-frame.ts's, and stand behind these: of repeated
// headers the first counts.

import { isFilter } from '../../core/address.ts';
import type { Destination } from '../../core/address.ts';
import type { Entry } from '../../core/entry.ts';
import type { Message } from '../../core/message.ts';
import { mq, temporary } from '../../core/namespaces.ts';
import type { Death } from '../../core/store.ts';
import type { Destinations } from './destination.ts';
import { headersOfMessage } from './message-to-frame.ts';
import { transformed } from './transformation.ts';
import type { Transformation, Transformed } from './transformation.ts';
import { escapeValue } from './wire/encoder.ts';
import type { Version } from './wire/version.ts';

export interface DeliveryHeadOptions {
  /** The client's name for the subscription; 1.0 knows subscriptions without. */
  readonly id: string | undefined;
  readonly from: readonly Destination[];
  readonly names: Destinations;
  readonly version: Version;
  readonly transformation: Transformation | undefined;
}

export class DeliveryHead {
  /** What it receives from, as the client knows it. */
  readonly destination: string;
  readonly #opening: string;
  /** The frame's destination is that of the subscription. */
  readonly #isFixed: boolean;
  readonly #names: Destinations;
  readonly #version: Version;
  readonly #transformation: Transformation | undefined;
  /** Of topics: what the message before was sent to, and its line. */
  #lastTo = '';
  #lastLine = '';

  constructor({ id, from, names, version, transformation }: DeliveryHeadOptions) {
    this.#names = names;
    this.#version = version;
    this.#transformation = transformation;
    this.destination = names.textOf(from);
    const [first] = from;
    // A filter takes messages of many names; and so may a topic's, of destinations that are made of others.
    this.#isFixed = from.length === 1 && first !== undefined && !isFilter(first.name) && first.kind !== 'topic';
    this.#opening = 'MESSAGE\n';
    if (id !== undefined) this.#opening += this.line('subscription', id);
    if (this.#isFixed) this.#opening += this.line('destination', this.destination);
  }

  /** The body in the form that the client is to get, where that is not the message's own. */
  form(message: Message): Transformed | undefined {
    return message.bodyType === 'value' ? transformed(message, this.#transformation) : undefined;
  }

  /** `ack`: the lines that tell how this one is acknowledged. With the blank line behind it. */
  of(entry: Entry, message: Message, form: Transformed | undefined, ack: string): string {
    let head = this.#opening;
    if (!this.#isFixed) head += this.#lineOfDestination(entry, message);
    if (entry.redelivered) head += 'redelivered:true\n';
    if (entry.dead !== undefined) head += this.#linesOfDeath(entry.dead);
    // What was published to a topic and waits in a queue came there by a virtual topic.
    else if (entry.queue.namespace === mq && message.to.startsWith('topic:')) {
      head += this.line('original-destination', this.#names.nameOf(message.to));
    }
    return `${head}${ack}${headersOfMessage(message, this.#version, this.#names, form)}\n`;
  }

  /** What a browser sends when it has shown everything, as ActiveMQ does. */
  endOfBrowsing(): string {
    const destination = this.#isFixed ? '' : this.line('destination', this.destination);
    return `${this.#opening}${destination}message-id:0\nbrowser:end\n\n`;
  }

  line(name: string, value: string): string {
    return `${name}:${escapeValue(value, this.#version)}\n`;
  }

  #lineOfDestination({ queue }: Entry, { to }: Message): string {
    if (queue.namespace === mq) return this.line('destination', `/queue/${queue.name}`);
    if (queue.namespace === temporary) {
      return this.line('destination', this.#names.nameOf(`temp-queue://${queue.name}`));
    }
    if (to !== this.#lastTo) {
      this.#lastTo = to;
      this.#lastLine = this.line('destination', this.#names.nameOf(to));
    }
    return this.#lastLine;
  }

  #linesOfDeath({ origin, reason }: Death): string {
    return this.line('original-destination', this.#names.nameOf(origin)) + this.line('dlqDeliveryFailureCause', reason);
  }
}
