// Consumers that take only some messages: looks behind the head of a queue for what they take, in memory and then on
// disk. What is passed over stays where it is, and costs no memory; each consumer sees each entry once.

import type { Waiting } from './backlog.ts';
import type { Consumer } from './consumer.ts';
import type { Entry } from './entry.ts';
import type { Message } from './message.ts';

/** What the queue does for it. */
export interface SelectiveQueue {
  /** No group holds it back from the consumer. */
  readonly mayHave: (consumer: Consumer, entry: Entry) => boolean;
  /** Leases an entry that was taken from its place, or just extracted, and hands it over unless it has expired. */
  readonly give: (consumer: Consumer, entry: Entry, message: Message) => void;
  readonly dispatch: () => void;
  /** A look at the disk is over. */
  readonly looked: () => void;
  readonly background: (work: Promise<unknown>, onFailure: () => void) => void;
}

export class Selective {
  readonly #backlog: Waiting;
  readonly #queue: SelectiveQueue;

  constructor(backlog: Waiting, queue: SelectiveQueue) {
    this.#backlog = backlog;
    this.#queue = queue;
  }

  /** Gives the consumer what it takes, within its credit. */
  serve(consumer: Consumer): void {
    const { accepts } = consumer;
    if (accepts === undefined || consumer.scanning) return;
    for (let entry = this.#next(consumer); entry !== undefined; entry = this.#next(consumer)) {
      const { message } = entry;
      if (message === undefined) {
        this.#backlog.reload();
        return;
      }
      consumer.scanned = entry.seq;
      if (!accepts(message) || !this.#queue.mayHave(consumer, entry)) continue;
      this.#backlog.remove(entry);
      this.#queue.give(consumer, entry, message);
    }
    if (consumer.credit > 0) this.#scanDisk(consumer, accepts);
  }

  #next(consumer: Consumer): Entry | undefined {
    return consumer.credit > 0 ? this.#backlog.firstAfter(consumer.scanned) : undefined;
  }

  #scanDisk(consumer: Consumer, accepts: (message: Message) => boolean): void {
    if (!this.#backlog.hasPages) return;
    consumer.scanning = true;
    const scan = this.#backlog.scan(consumer.scanned).then((page) => {
      consumer.scanning = false;
      for (const stored of page) {
        if (consumer.credit === 0) break;
        consumer.scanned = Math.max(consumer.scanned, stored.seq);
        if (!accepts(stored.message)) continue;
        const entry = this.#backlog.extract(stored);
        if (entry !== undefined) this.#queue.give(consumer, entry, stored.message);
      }
      if (page.length > 0) this.#queue.dispatch();
      this.#queue.looked();
    });
    this.#queue.background(scan, () => {
      consumer.scanning = false;
      this.#queue.looked();
    });
  }
}
