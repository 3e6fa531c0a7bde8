// A look through what a queue held when it began, in order and within a credit, without taking anything.

import type { Broker } from './broker.ts';
import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import { compileSelector } from './selector.ts';
import type { SelectorSource } from './subscriber.ts';

export interface BrowseOptions {
  readonly queue: Queue;
  readonly selector?: SelectorSource | undefined;
  /** Must neither throw nor wait. */
  readonly deliver: (entry: Entry, message: Message) => void;
  /** All of it was delivered, or the queue is gone. */
  readonly onEnd: () => void;
}

const pageEntries = 100;

export class QueueBrowser {
  readonly #broker: Broker;
  readonly #options: BrowseOptions;
  readonly #accepts: (message: Message) => boolean;
  /** What came later is not shown. */
  readonly #end: number;
  #after = 0;
  #credit = 0;
  #reading = false;
  #closed = false;

  /** Made by Broker.browse. @throws BrokerError `invalid` for a bad selector. */
  constructor(broker: Broker, options: BrowseOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#accepts = compileSelector(options.selector?.text ?? '', options.selector);
    this.#end = broker.store.nextId();
  }

  get credit(): number {
    return this.#credit;
  }

  setCredit(credit: number): void {
    this.#credit = credit;
    this.#read();
  }

  grant(credit: number): void {
    this.setCredit(this.#credit + credit);
  }

  close(): void {
    this.#closed = true;
  }

  #read(): void {
    if (this.#reading || this.#closed || this.#credit <= 0) return;
    this.#reading = true;
    const { queue } = this.#options;
    const reading = this.#page().finally(() => {
      this.#reading = false;
    });
    this.#broker.background(
      reading.then(() => this.#read()),
      `browse queue "${queue.name}"`,
      () => this.#finish(),
    );
  }

  async #page(): Promise<void> {
    const { queue, deliver } = this.#options;
    const page = queue.deleted ? [] : await queue.browse(this.#after, pageEntries);
    for (const { entry, message } of page) {
      if (entry.seq > this.#end) break;
      if (this.#closed || this.#credit <= 0) return;
      this.#after = entry.seq;
      if (!this.#accepts(message)) continue;
      this.#credit--;
      deliver(entry, message);
    }
    const last = page.at(-1);
    if (last === undefined || last.entry.seq > this.#end) this.#finish();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onEnd();
  }
}
