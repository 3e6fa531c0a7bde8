// Who takes from a queue: consumers with credit, served in turn, and pulls, served in the order they came.

import type { Consumer } from './consumer.ts';
import type { Entry } from './entry.ts';
import type { BrokerError } from './errors.ts';
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

  /** The next in turn that has credit; there must be one. */
  nextConsumer(): Consumer {
    for (;;) {
      this.#lastServed = (this.#lastServed + 1) % this.#consumers.length;
      const consumer = this.#consumers[this.#lastServed]!;
      if (consumer.credit > 0) return consumer;
    }
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
