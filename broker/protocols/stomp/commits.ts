// What a connection has asked for and is not durable yet: one core transaction for all frames that came together,
// committed when they are through; and the receipts, sent in the order of the frames and never before their commit
// (STOMP 1.2, "RECEIPT": the frame was processed).

import type { Broker } from '../../core/broker.ts';
import type { Transaction } from '../../core/transaction.ts';

export interface CommitEvents {
  readonly onReceipt: (id: string) => void;
  /** Nothing of the batch happened. `receipt`: the first that was asked for in it. */
  readonly onFailed: (error: unknown, receipt: string | undefined) => void;
  /** Some of what was under way is done. */
  readonly onProgress: () => void;
}

interface Batch {
  /** Receipts to send, and what is to happen between them, in order. */
  readonly results: (string | (() => void))[];
  operations: number;
  bytes: number;
  done: boolean;
}

export class Commits {
  readonly #broker: Broker;
  readonly #events: CommitEvents;
  #transaction: Transaction | undefined;
  /** The transaction is the client's: later frames are not to slip into it. */
  #isOwn = false;
  #batch: Batch = newBatch();
  readonly #underWay: Batch[] = [];
  #operations = 0;
  #bytes = 0;
  #answers = 0;
  #failed = false;

  constructor(broker: Broker, events: CommitEvents) {
    this.#broker = broker;
    this.#events = events;
  }

  /** Sends and acknowledgements that await their commit. */
  get operations(): number {
    return this.#operations;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Receipts that wait for what came before them. */
  get answers(): number {
    return this.#answers;
  }

  /** A commit failed: nothing more will be answered. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The transaction that frames without one of their own go into. */
  get transaction(): Transaction {
    if (this.#isOwn) this.commit();
    this.#transaction ??= this.#broker.transaction();
    return this.#transaction;
  }

  /** An operation was added to `transaction`. */
  count(bytes: number): void {
    this.#batch.operations += 1;
    this.#batch.bytes += bytes;
    this.#operations += 1;
    this.#bytes += bytes;
  }

  /** Sends the receipt once everything up to here is durable. */
  receipt(id: string): void {
    this.#batch.results.push(id);
    this.#answers += 1;
  }

  /** Runs once everything up to here is durable, and its receipts are sent. Not after a failure. */
  whenDurable(run: () => void): void {
    this.#batch.results.push(run);
  }

  /** Ends what came together. */
  commit(): void {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    this.#isOwn = false;
    if (transaction === undefined && this.#batch.results.length === 0) return;
    this.#start(transaction);
  }

  /** Commits a transaction of the client's own, in its turn. */
  commitOwn(transaction: Transaction, operations: number, bytes: number): void {
    this.commit();
    this.#batch.operations = operations;
    this.#batch.bytes = bytes;
    this.#operations += operations;
    this.#bytes += bytes;
    this.#transaction = transaction;
    this.#isOwn = true;
  }

  #start(transaction: Transaction | undefined): void {
    const batch = this.#batch;
    this.#batch = newBatch();
    this.#underWay.push(batch);
    if (transaction === undefined) {
      this.#finish(batch);
      return;
    }
    transaction.commit().then(
      () => this.#finish(batch),
      (error: unknown) => this.#fail(batch, error),
    );
  }

  #finish(batch: Batch): void {
    batch.done = true;
    while (!this.#failed && this.#underWay[0]?.done === true) {
      const { results, operations, bytes } = this.#underWay.shift()!;
      this.#operations -= operations;
      this.#bytes -= bytes;
      for (const result of results) {
        if (typeof result === 'string') {
          this.#answers -= 1;
          this.#events.onReceipt(result);
        } else {
          result();
        }
      }
    }
    this.#events.onProgress();
  }

  #fail(batch: Batch, error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#events.onFailed(
      error,
      batch.results.find((result) => typeof result === 'string'),
    );
    this.#events.onProgress();
  }
}

function newBatch(): Batch {
  return { results: [], operations: 0, bytes: 0, done: false };
}
