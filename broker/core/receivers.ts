// Who takes from a queue: consumers with credit, served in turn, and pulls, served in the order they came.

import type { Consumer } from './consumer.ts';
import type { Entry } from './entry.ts';
import type { BrokerError } from './errors.ts';
import type { Message } from './message.ts';
import type { Pull } from './pull.ts';

export class Receivers {
  readonly #consumers: Consumer[] = [];
  readonly #pulls: Pull[] = [];
  #lastServed = 0;
  #withCredit = 0;

  get count(): number {
    return this.#consumers.length + this.#pulls.length;
  }

  /** Someone would take an entry now. */
  get want(): boolean {
    return this.#withCredit > 0 || this.#pulls.length > 0;
  }

  get haveCredit(): boolean {
    return this.#withCredit > 0;
  }

  get firstPull(): Pull | undefined {
    return this.#pulls[0];
  }

  add(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  remove(consumer: Consumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index >= 0) this.#consumers.splice(index, 1);
  }

  /** A consumer's credit became more than nothing, or nothing. */
  creditChanged(has: boolean): void {
    this.#withCredit += has ? 1 : -1;
  }

  /** The next in turn that has credit and takes the message; undefined if none does. */
  nextConsumer(entry: Entry, message: Message): Consumer | undefined {
    const { length } = this.#consumers;
    for (let tried = 1; tried <= length; tried++) {
      const index = (this.#lastServed + tried) % length;
      const consumer = this.#consumers[index]!;
      if (consumer.credit <= 0) continue;
      if (consumer.accepts === undefined || consumer.accepts(message)) {
        this.#lastServed = index;
        return consumer;
      }
      if (consumer.scanned < entry.seq) consumer.scanned = entry.seq;
    }
    return undefined;
  }

  /** Consumers that do not take any message, and could be given one. */
  *selective(): IterableIterator<Consumer> {
    for (const consumer of this.#consumers) if (consumer.accepts !== undefined && consumer.credit > 0) yield consumer;
  }

  /** An entry came back: who has passed it by may look again. */
  returned(entry: Entry): void {
    for (const consumer of this.#consumers) consumer.scanned = Math.min(consumer.scanned, entry.seq - 1);
  }

  addPull(pull: Pull): void {
    this.#pulls.push(pull);
  }

  forgetPull(pull: Pull): void {
    const index = this.#pulls.indexOf(pull);
    if (index >= 0) this.#pulls.splice(index, 1);
  }

  /** Pulls end with the first entries they got, and those that may not wait once nothing is on its way from disk. */
  answerPulls(reading: boolean): void {
    for (const pull of this.#pulls.slice()) if (pull.hasAny || (!pull.mayWait && !reading)) pull.finish();
  }

  finishPulls(): void {
    for (const pull of this.#pulls.slice()) pull.finish();
  }

  /** Entries that consumers hold. */
  *held(): IterableIterator<Entry> {
    for (const { leased } of this.#consumers) yield* leased;
  }

  /** The queue is gone. */
  dismiss(error: BrokerError): void {
    for (const pull of this.#pulls.slice()) pull.fail(error);
    for (const consumer of this.#consumers.slice()) {
      consumer.close();
      consumer.onQueueDeleted?.();
    }
  }
}
