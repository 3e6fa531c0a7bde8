// Writes to targets of this engine: write, settlement and counts are one transaction, so that each message is in one place,
// through any crash. What comes at once shares a transaction.

import { BrokerError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import type { Transaction } from '../core/transaction.ts';
import type { Crossings, HeldCrossing } from './crossings.ts';
import { refusalIn, refusalOf } from './refusals.ts';
import type { RouteContext, RouteOptions } from './route-options.ts';
import type { Taken } from './source.ts';
import type { Target } from './target.ts';
import { messageOf, retryMs } from './writer.ts';
import type { Writer, WriterEvents } from './writer.ts';

/** Messages that may be on their way at once: enough for several commits. */
const window = 1000;
/** Messages that the target prepares at once: more than there are threads to sign with, few enough for an object store. */
const preparedAtOnce = 16;

/** A message that its target prepares. */
interface Preparing {
  readonly taken: Taken;
  readonly crossing: HeldCrossing;
  /** Why it does not cross. */
  readonly refusal: string | undefined | Promise<string | undefined>;
}

export class LocalWriter implements Writer {
  inFlight = 0;
  readonly #options: RouteOptions;
  readonly #target: Target;
  readonly #crossings: Crossings;
  readonly #context: RouteContext;
  readonly #events: WriterEvents;
  #pending: Taken[] = [];
  #isScheduled = false;
  /** Where the target needs time, batches wait for each other. */
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    options: RouteOptions,
    target: Target,
    crossings: Crossings,
    context: RouteContext,
    events: WriterEvents,
  ) {
    this.#options = options;
    this.#target = target;
    this.#crossings = crossings;
    this.#context = context;
    this.#events = events;
  }

  get room(): number {
    return Math.max(0, window - this.inFlight);
  }

  ready(): string | undefined {
    const obstacle = this.#target.obstacle();
    // One that passes is waited for with the messages.
    return typeof obstacle === 'string' ? obstacle : undefined;
  }

  write(taken: Taken): void {
    this.inFlight++;
    this.#pending.push(taken);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  close(): void {
    this.#closed = true;
  }

  #flush(): void {
    this.#isScheduled = false;
    const target = this.#target;
    const batch = this.#pending;
    this.#pending = [];
    if (batch.length === 0 || this.#closed) return;
    if (target.prepare !== undefined) {
      this.#turn = this.#turn.then(() => this.#crossInTurn(batch));
      this.#context.broker.background(this.#turn, 'cross');
      return;
    }
    const obstacle = target.obstacle();
    if (obstacle === undefined) this.#crossAll(batch);
    else if (typeof obstacle === 'string') this.#giveBack(batch, obstacle);
    else {
      // They go first when it is over.
      this.#pending = batch;
      this.#isScheduled = true;
      obstacle.then(
        () => this.#flush(),
        () => this.#flush(),
      );
    }
  }

  /** As #crossAll, for a target that may need time for each message. */
  async #crossInTurn(batch: readonly Taken[]): Promise<void> {
    const target = this.#target;
    const transaction = this.#context.broker.transaction();
    // A request and the reply that is expected for it are one after the other.
    const most = this.#options.replies === undefined ? preparedAtOnce : 1;
    const preparing: Preparing[] = [];
    const endFirst = async (): Promise<void> => {
      const { taken, crossing, refusal } = preparing.shift()!;
      const reason = await refusal;
      this.#crossings.resume(crossing);
      this.#end(transaction, taken, reason);
    };
    try {
      for (let obstacle = target.obstacle(); obstacle !== undefined; obstacle = target.obstacle()) {
        if (typeof obstacle === 'string') throw new BrokerError('not-found', obstacle);
        await obstacle;
      }
      for (const taken of batch) {
        // What has gone while others were prepared has no limits to map by.
        const obstacle = target.obstacle();
        if (typeof obstacle === 'string') throw new BrokerError('not-found', obstacle);
        const refusal = this.#crossings.map(taken) ?? this.#prepare(taken);
        // What needs no time waits for what came before it.
        if (!(refusal instanceof Promise) && preparing.length === 0) this.#end(transaction, taken, refusal);
        else preparing.push({ taken, refusal, crossing: this.#crossings.hold() });
        if (preparing.length >= most) await endFirst();
      }
      while (preparing.length > 0) await endFirst();
      target.beforeCommit?.(transaction);
      this.#options.source.beforeCommit?.(transaction);
    } catch (error) {
      this.#abort(transaction, batch, error);
      return;
    }
    if (!this.#closed) this.#commit(transaction, batch);
  }

  /** Has the target prepare what was mapped: why it does not cross, or a promise of that. */
  #prepare(taken: Taken): string | undefined | Promise<string | undefined> {
    const { mapped } = this.#crossings;
    if (mapped === undefined) return undefined;
    let preparation: Promise<void> | undefined;
    try {
      preparation = this.#target.prepare?.(mapped, taken);
    } catch (error) {
      return refusalIn(error);
    }
    if (preparation === undefined) return undefined;
    const refusal = refusalOf(preparation);
    // Nobody waits for it if one before it ends the transaction.
    refusal.catch(() => undefined);
    return refusal;
  }

  #crossAll(batch: readonly Taken[]): void {
    const transaction = this.#context.broker.transaction();
    try {
      for (const taken of batch) this.#end(transaction, taken, this.#crossings.map(taken));
      this.#target.beforeCommit?.(transaction);
      this.#options.source.beforeCommit?.(transaction);
    } catch (error) {
      this.#abort(transaction, batch, error);
      return;
    }
    this.#commit(transaction, batch);
  }

  #commit(transaction: Transaction, batch: readonly Taken[]): void {
    const stuck = this.#crossings.takeStuck();
    if (stuck !== undefined) this.#events.onTrouble(stuck, retryMs);
    this.#crossings.ledger.settle(transaction);
    transaction.commit().then(
      () => {
        this.inFlight -= batch.length;
        this.#events.onEnded();
      },
      (error: unknown) => this.#giveBack(batch, messageOf(error)),
    );
  }

  /** Adds what becomes of the message to the transaction. @throws BrokerError for trouble that is not the message's. */
  #end(transaction: Transaction, taken: Taken, refusal: string | undefined): void {
    const crossings = this.#crossings;
    // Purged, meanwhile.
    if (!taken.isHeld) return;
    if (refusal !== undefined) crossings.bury(transaction, taken, refusal);
    else if (crossings.mapped === undefined) crossings.passOver(transaction, taken);
    else {
      const late = this.#put(transaction, taken, crossings.mapped);
      if (late === undefined) crossings.settle(transaction, taken);
      else crossings.bury(transaction, taken, late);
    }
  }

  /** Returns why the target refuses it for good. */
  #put(transaction: Transaction, taken: Taken, mapped: Message): string | undefined {
    try {
      this.#target.put(transaction, mapped, taken);
    } catch (error) {
      return refusalIn(error);
    }
    const { message } = this.#crossings;
    if (message !== undefined) this.#options.replies?.expect(transaction, message);
    return undefined;
  }

  #abort(transaction: Transaction, batch: readonly Taken[], error: unknown): void {
    if (!(error instanceof BrokerError)) throw error;
    transaction.abort();
    this.#crossings.ledger.forget();
    this.#giveBack(batch, error.message);
  }

  #giveBack(batch: readonly Taken[], error: string): void {
    this.inFlight -= batch.length;
    this.#events.onTrouble(error, retryMs);
    // Backwards: each goes before the ones that came after it.
    for (const taken of batch.toReversed()) taken.release();
    this.#events.onEnded();
  }
}
