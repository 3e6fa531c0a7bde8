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
  /** What else has to be stored before it is done. */
  readonly awaited: Promise<void>[];
  /** Receipts to send, and what is to happen between them, in order. */
  readonly results: (string | (() => void))[];
  operations: number;
  bytes: number;
  /** Each frame that changes something asks for a receipt. */
  allAsk: boolean;
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
  #holds = 0;
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

  /** There is no room for what the client sends. */
  get held(): boolean {
    return this.#holds > 0;
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

  /** A frame that changed something did not ask for a receipt. */
  unasked(): void {
    this.#batch.allAsk = false;
  }

  /** Runs once everything up to here is durable, and its receipts are sent. Not after a failure. */
  whenDurable(run: () => void): void {
    this.#batch.results.push(run);
  }

  /** Something that is stored by itself: what is asked for from here on is answered after it. */
  await(stored: Promise<void>): void {
    this.#batch.awaited.push(stored);
  }

  /** Nothing more is to be taken from the client until it resolves. */
  hold(until: Promise<void>): void {
    this.#holds += 1;
    void until.then(() => {
      this.#holds -= 1;
      this.#events.onProgress();
    });
  }

  /** Ends what came together. */
  commit(): void {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    this.#isOwn = false;
    const { results, awaited } = this.#batch;
    if (transaction === undefined && results.length === 0 && awaited.length === 0) return;
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
    const { awaited } = batch;
    if (transaction === undefined && awaited.length === 0) {
      this.#finish(batch);
      return;
    }
    // A client that sends to itself gets the RECEIPT before the MESSAGE, unless the RECEIPT is for what came behind it.
    if (batch.allAsk && awaited.length === 0) transaction?.onceStored(() => this.#answer(batch));
    const committed = transaction?.commit() ?? nothing;
    const all = awaited.length === 0 ? committed : Promise.all([committed, ...awaited]);
    all.then(
      () => this.#finish(batch),
      (error: unknown) => this.#fail(batch, error),
    );
  }

  #finish(batch: Batch): void {
    if (!batch.done) this.#answer(batch);
    this.#events.onProgress();
  }

  #answer(batch: Batch): void {
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

const nothing: Promise<void> = Promise.resolve();

function newBatch(): Batch {
  return { results: [], awaited: [], operations: 0, bytes: 0, allAsk: true, done: false };
}
