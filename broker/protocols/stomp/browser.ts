// A SUBSCRIBE with `browser:true`, as ActiveMQ has it: shows what a queue holds, takes nothing, and says with a last MESSAGE
// that this was all. There is nothing to acknowledge: what a client says about its messages has no effect.

import type { Entry } from '../../core/entry.ts';
import type { Message } from '../../core/message.ts';
import type { BrowseOptions, QueueBrowser } from '../../core/queue-browser.ts';
import type { DeliveryHead } from './delivery-head.ts';
import type { Output } from './output.ts';

export interface BrowserOptions {
  /** The client's name for it. */
  readonly id: string | undefined;
  /** The server's, unique within the connection. */
  readonly number: number;
  /** Messages that are handed to the socket at once. */
  readonly prefetch: number;
  readonly head: DeliveryHead;
  /** Every message has an `ack` header, as the mode of the subscription asks. */
  readonly hasAckHeader: boolean;
  /** Called once it is started: what it is to show is there by then. */
  readonly browse: (events: Pick<BrowseOptions, 'deliver' | 'onEnd'>) => QueueBrowser;
  readonly output: Output;
  /** Called for each message that is sent. */
  readonly onDelivered: () => void;
}

export class Browser {
  readonly id: string | undefined;
  readonly number: number;
  readonly durableName = undefined;
  readonly #prefetch: number;
  readonly #head: DeliveryHead;
  readonly #hasAckHeader: boolean;
  readonly #output: Output;
  readonly #onDelivered: () => void;
  readonly #browse: BrowserOptions['browse'];
  #browser: QueueBrowser | undefined;
  #shown = 0;
  #closed = false;

  constructor(options: BrowserOptions) {
    this.id = options.id;
    this.number = options.number;
    this.#prefetch = options.prefetch;
    this.#head = options.head;
    this.#hasAckHeader = options.hasAckHeader;
    this.#output = options.output;
    this.#onDelivered = options.onDelivered;
    this.#browse = options.browse;
  }

  get destination(): string {
    return this.#head.destination;
  }

  /** It shows what was there now: all that the connection asked for before is done. */
  start(): void {
    if (this.#closed) return;
    this.#browser = this.#browse({
      deliver: (entry, message) => this.#deliver(entry, message),
      onEnd: () => this.#output.write(this.#head.endOfBrowsing()),
    });
    this.refreshCredit();
  }

  /** It is as fast as the socket. */
  refreshCredit(): void {
    this.#browser?.setCredit(this.#output.congested ? 0 : this.#prefetch);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#browser?.close();
  }

  #deliver(entry: Entry, message: Message): void {
    this.#shown += 1;
    const ack = this.#hasAckHeader ? `ack:${this.number}-${this.#shown}\n` : '';
    const form = this.#head.form(message);
    this.#output.write(this.#head.of(entry, message, form, ack), form?.body ?? message.body);
    this.#onDelivered();
    if (this.#browser?.credit === 0) this.refreshCredit();
  }
}
