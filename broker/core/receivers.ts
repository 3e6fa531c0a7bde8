// Who takes from a queue: consumers with credit, those of a higher priority first and equals in turn, and pulls, served in
// the order they came.

import type { Consumer } from './consumer.ts';
import type { Entry } from './entry.ts';
import type { BrokerError } from './errors.ts';
import type { Message } from './message.ts';
import type { Pull } from './pull.ts';

/** Consumers of one priority. */
interface Band {
  readonly priority: number;
  readonly consumers: Consumer[];
  lastServed: number;
}

export class Receivers {
  /** The highest priority first; mostly there is one. */
  readonly #bands: Band[] = [];
  readonly #pulls: Pull[] = [];
  #withCredit = 0;
  #consumerCount = 0;
  #selectiveCount = 0;
  /** The one that gets everything. */
  #exclusive: Consumer | undefined;

  get count(): number {
    return this.#consumerCount + this.#pulls.length;
  }

  /** Someone would take an entry now. */
  get want(): boolean {
    return this.#withCredit > 0 || this.#pulls.length > 0;
  }

  /** Someone does not take any message. */
  get haveSelective(): boolean {
    return this.#selectiveCount > 0;
  }

  get haveCredit(): boolean {
    return this.#withCredit > 0;
  }

  get firstPull(): Pull | undefined {
    return this.#pulls[0];
  }

  /** Of those that are there, one takes it, if not now. */
  someoneSelects(message: Message): boolean {
    for (const { accepts } of this.#all()) if (accepts === undefined || accepts(message)) return true;
    return false;
  }

  add(consumer: Consumer): void {
    const { priority } = consumer;
    let at = this.#bands.findIndex((band) => band.priority <= priority);
    if (at < 0) at = this.#bands.length;
    if (this.#bands[at]?.priority !== priority) this.#bands.splice(at, 0, { priority, consumers: [], lastServed: -1 });
    this.#bands[at]!.consumers.push(consumer);
    this.#consumerCount++;
    if (consumer.accepts !== undefined) this.#selectiveCount++;
    this.#electExclusive();
  }

  remove(consumer: Consumer): void {
    const at = this.#bands.findIndex((band) => band.priority === consumer.priority);
    const band = this.#bands[at];
    const index = band?.consumers.indexOf(consumer) ?? -1;
    if (band === undefined || index < 0) return;
    band.consumers.splice(index, 1);
    if (index <= band.lastServed) band.lastServed--;
    if (band.consumers.length === 0) this.#bands.splice(at, 1);
    this.#consumerCount--;
    if (consumer.accepts !== undefined) this.#selectiveCount--;
    this.#electExclusive();
  }

  /** A consumer's credit became more than nothing, or nothing. */
  creditChanged(has: boolean): void {
    this.#withCredit += has ? 1 : -1;
  }

  /** The next in turn that has credit and takes the message; undefined if none does. */
  nextConsumer(entry: Entry, message: Message): Consumer | undefined {
    if (this.#exclusive !== undefined) return this.takes(this.#exclusive, entry, message) ? this.#exclusive : undefined;
    for (const band of this.#bands) {
      const { consumers } = band;
      const { length } = consumers;
      for (let tried = 1; tried <= length; tried++) {
        const index = (band.lastServed + tried) % length;
        const consumer = consumers[index]!;
        if (!this.takes(consumer, entry, message)) continue;
        band.lastServed = index;
        return consumer;
      }
    }
    return undefined;
  }

  /** The consumer has credit, and takes the message. */
  takes(consumer: Consumer, entry: Entry, message: Message): boolean {
    if (consumer.credit <= 0) return false;
    if (consumer.accepts === undefined || consumer.accepts(message)) return true;
    if (consumer.scanned < entry.seq) consumer.scanned = entry.seq;
    return false;
  }

  /** Consumers that do not take any message, and could be given one. */
  *selective(): IterableIterator<Consumer> {
    for (const consumer of this.#all()) {
      if (consumer.accepts === undefined || consumer.credit <= 0) continue;
      if (this.#exclusive === undefined || this.#exclusive === consumer) yield consumer;
    }
  }

  /** An entry came back: who has passed it by may look again. */
  returned(entry: Entry): void {
    if (!this.haveSelective) return;
    for (const consumer of this.#all()) consumer.scanned = Math.min(consumer.scanned, entry.seq - 1);
  }

  addPull(pull: Pull): void {
    this.#pulls.push(pull);
  }

  forgetPull(pull: Pull): void {
    const index = this.#pulls.indexOf(pull);
    if (index >= 0) this.#pulls.splice(index, 1);
  }

  /** Pulls end with the first entries they got, and those that may not wait once nothing is under way, from disk or out. */
  answerPulls(isBusy: boolean): void {
    for (const pull of this.#pulls.slice()) if (pull.hasAny || (!pull.mayWait && !isBusy)) pull.finish();
  }

  finishPulls(): void {
    for (const pull of this.#pulls.slice()) pull.finish();
  }

  /** Entries that consumers hold. */
  *held(): IterableIterator<Entry> {
    for (const { leased } of this.#all()) yield* leased;
  }

  /** The queue is gone. */
  dismiss(error: BrokerError): void {
    for (const pull of this.#pulls.slice()) pull.fail(error);
    for (const consumer of Array.from(this.#all())) {
      consumer.close();
      consumer.onQueueDeleted?.();
    }
  }

  *#all(): IterableIterator<Consumer> {
    for (const { consumers } of this.#bands) yield* consumers;
  }

  /** The one that was first, among those of the highest priority that want it. */
  #electExclusive(): void {
    this.#exclusive = undefined;
    for (const consumer of this.#all()) {
      if (!consumer.exclusive) continue;
      this.#exclusive = consumer;
      return;
    }
  }
}
