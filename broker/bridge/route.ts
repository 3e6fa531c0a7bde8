// A route: takes from its source, brings each message into its target's form, and writes it. Write, settlement and counts
// are one transaction: each message is in one place, through any crash. What comes at once shares a transaction.

import { BrokerError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import type { Transaction } from '../core/transaction.ts';
import type { Timer } from '../util/clock.ts';
import { LossLedger } from './loss-ledger.ts';
import type { LedgerRow, LossRow } from './loss-ledger.ts';
import { didNotCross, noteHeaders } from './mapping.ts';
import { Pace } from './pace.ts';
import { refusalIn, refusalOf } from './refusals.ts';
import type { RouteContext, RouteOptions } from './route-options.ts';
import { extended, loopOf } from './route-path.ts';
import { routeStates } from './route-states.ts';
import type { Taken } from './source.ts';

export type RouteState = 'running' | 'paused' | 'draining' | 'failed';

/** Messages that may be on their way at once: enough for several commits. */
const window = 1000;
const retryMs = 1000;

export class Route {
  readonly #options: RouteOptions;
  readonly #ledger: LossLedger;
  readonly #context: RouteContext;
  readonly #pace: Pace | undefined;
  readonly #crossing: { death: Taken['death']; key: string | undefined; path: string | undefined } = {
    death: undefined,
    key: undefined,
    path: undefined,
  };
  /** The message that is being mapped, and what it was mapped to. */
  #message: Message | undefined;
  #mapped: Message | undefined;
  /** Why a message of this batch can be neither written nor buried. */
  #stuck: string | undefined;
  #pending: Taken[] = [];
  #isScheduled = false;
  #inFlight = 0;
  /** Where the target needs time, batches wait for each other. */
  #turn: Promise<void> = Promise.resolve();
  #retry: Timer | undefined;
  #state: 'running' | 'paused' | 'draining' = 'running';
  #error: string | undefined;
  #closed = false;

  constructor(options: RouteOptions, context: RouteContext) {
    this.#options = options;
    this.#context = { ...context, log: context.log.child({ route: options.name }) };
    this.#ledger = new LossLedger(options.name);
    this.#pace = options.rate === undefined ? undefined : new Pace(options.rate, context.clock, () => this.#take());
  }

  get name(): string {
    return this.#options.name;
  }

  get from(): string {
    return this.#options.source.address;
  }

  get to(): string {
    return this.#options.target.address;
  }

  /** Messages that crossed since the route was made, earlier engines' included. */
  get transferred(): number {
    return this.#ledger.transferred;
  }

  get deadLettered(): number {
    return this.#ledger.deadLettered;
  }

  get passedOver(): number {
    return this.#ledger.passedOver;
  }

  /** Fields that did not arrive by themselves as they were. */
  losses(): readonly LossRow[] {
    return this.#ledger.losses();
  }

  /** What became of every field. */
  ledger(): readonly LedgerRow[] {
    return this.#ledger.rows();
  }

  get state(): RouteState {
    if (this.#state !== 'running') return this.#state;
    return this.#error === undefined ? 'running' : 'failed';
  }

  /** Why it cannot write now. */
  get error(): string | undefined {
    return this.#state === 'paused' ? undefined : this.#error;
  }

  async start(): Promise<void> {
    const { store } = this.#context.broker;
    const { name, paused = false, source } = this.#options;
    await this.#ledger.restore(store);
    const kept = await routeStates.read(store, name);
    if (kept ?? paused) this.#state = 'paused';
    await source.start(
      (taken) => this.#deliver(taken),
      (obstacle) => this.#fail(obstacle),
    );
    this.#run();
  }

  /** What is under way is finished; nothing more is taken, after a restart neither. */
  pause(): void {
    this.#state = 'paused';
    this.#options.source.setCredit(0);
    this.#remember();
  }

  resume(): void {
    this.#state = 'running';
    this.#remember();
    this.#run();
  }

  /** Takes what is there, then pauses. */
  drain(): void {
    this.#state = 'draining';
    this.#run();
    this.#endDrain();
  }

  /** Takes a stream's records again, from a time on. @throws BrokerError `unsupported` for other sources. */
  async rewind(to: number): Promise<void> {
    const { source, name } = this.#options;
    if (source.rewind === undefined) {
      throw new BrokerError('unsupported', `route "${name}": only streams can be read again from a time`);
    }
    source.setCredit(0);
    await source.rewind(to);
    this.#run();
  }

  /** Takes the route's dead letters again; resolves with their number once the last is under way. */
  retryDead(): Promise<number> {
    const { source, deadLetter } = this.#options;
    return source.revive(deadLetter(), `route ${this.name}: `);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#retry?.cancel();
    this.#pace?.close();
    this.#options.source.close();
  }

  #remember(): void {
    const { broker } = this.#context;
    const { name } = this.#options;
    const paused = this.#state === 'paused';
    broker.background(routeStates.write(broker.store, name, paused), 'remember whether a route is paused');
  }

  #run(): void {
    if (this.#state === 'paused' || this.#closed) return;
    const { source, target } = this.#options;
    const obstacle = target.obstacle();
    if (typeof obstacle === 'string') {
      this.#fail(obstacle);
      return;
    }
    this.#error = undefined;
    this.#take();
    // What it takes from may have gone, or come, just now.
    if (source.obstacle !== undefined) this.#fail(source.obstacle);
  }

  /** Asks for as much as may be under way. */
  #take(): void {
    if (this.#state === 'paused' || this.#error !== undefined || this.#closed) return;
    const room = Math.max(0, window - this.#inFlight);
    this.#options.source.setCredit(this.#pace === undefined ? room : this.#pace.allow(room));
  }

  #deliver(taken: Taken): void {
    this.#pace?.spend();
    this.#inFlight++;
    this.#pending.push(taken);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    const { target } = this.#options;
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

  /** As #crossAll, for a target that needs time for each message. */
  async #crossInTurn(batch: readonly Taken[]): Promise<void> {
    const { target, source } = this.#options;
    const transaction = this.#context.broker.transaction();
    try {
      for (let obstacle = target.obstacle(); obstacle !== undefined; obstacle = target.obstacle()) {
        if (typeof obstacle === 'string') throw new BrokerError('not-found', obstacle);
        await obstacle;
      }
      for (const taken of batch) {
        let refusal = this.#map(taken);
        if (refusal === undefined && this.#mapped !== undefined) {
          refusal = await refusalOf(target.prepare?.(this.#mapped, taken));
        }
        this.#end(transaction, taken, refusal);
      }
      target.beforeCommit?.(transaction);
      source.beforeCommit?.(transaction);
    } catch (error) {
      this.#abort(transaction, batch, error);
      return;
    }
    if (!this.#closed) this.#commit(transaction, batch);
  }

  #crossAll(batch: readonly Taken[]): void {
    const transaction = this.#context.broker.transaction();
    try {
      for (const taken of batch) this.#end(transaction, taken, this.#map(taken));
      this.#options.target.beforeCommit?.(transaction);
      this.#options.source.beforeCommit?.(transaction);
    } catch (error) {
      this.#abort(transaction, batch, error);
      return;
    }
    this.#commit(transaction, batch);
  }

  #commit(transaction: Transaction, batch: readonly Taken[]): void {
    if (this.#stuck !== undefined) this.#fail(`a dead letter does not cross: ${this.#stuck}`);
    this.#stuck = undefined;
    this.#ledger.settle(transaction);
    transaction.commit().then(
      () => {
        this.#inFlight -= batch.length;
        this.#take();
        this.#endDrain();
      },
      (error: unknown) => this.#giveBack(batch, messageOf(error)),
    );
  }

  /** Brings the message into the target's form, or says why it does not cross. Neither: the route passes it over. */
  #map(taken: Taken): string | undefined {
    const { source, target, choice, onLoss, replies, foreignFields } = this.#options;
    const ledger = this.#ledger;
    const crossing = this.#crossing;
    ledger.begin();
    this.#mapped = undefined;
    const message = source.read(taken.message, ledger);
    this.#message = message;
    if (choice !== undefined && !choice(message)) return undefined;
    const refusal = this.#refusalOf(message);
    if (refusal !== undefined) return refusal;
    const { original } = message;
    if (original !== undefined && foreignFields !== undefined && !target.keepsOriginal) {
      for (const { field, outcome, reason } of foreignFields(original)) ledger.note(field, outcome, reason);
    }
    crossing.death = taken.death;
    this.#mapped = target.map(replies === undefined ? message : replies.ask(message), crossing, ledger);
    if (this.#mapped !== undefined && onLoss === 'drop-field') return undefined;
    const worst = ledger.worst();
    return this.#mapped === undefined ? (worst ?? 'the target does not take it') : worst;
  }

  /** Adds what becomes of the message to the transaction. @throws BrokerError for trouble that is not the message's. */
  #end(transaction: Transaction, taken: Taken, refusal: string | undefined): void {
    const now = this.#context.clock.now();
    // Purged, meanwhile.
    if (!taken.isHeld) return;
    if (refusal !== undefined) this.#bury(transaction, taken, refusal, now);
    else if (this.#mapped === undefined) {
      taken.settle(transaction);
      this.#ledger.end('passedOver', now);
    } else {
      const late = this.#put(transaction, taken, this.#mapped);
      if (late !== undefined) this.#bury(transaction, taken, late, now);
      else {
        taken.settle(transaction);
        this.#ledger.end('transferred', now);
      }
    }
  }

  /** Returns why the target refuses it for good. */
  #put(transaction: Transaction, taken: Taken, mapped: Message): string | undefined {
    const { target, replies } = this.#options;
    try {
      target.put(transaction, mapped, taken);
    } catch (error) {
      return refusalIn(error);
    }
    if (this.#message !== undefined) replies?.expect(transaction, this.#message);
    return undefined;
  }

  #bury(transaction: Transaction, taken: Taken, refusal: string, now: number): void {
    const { source, deadLetter } = this.#options;
    const queue = deadLetter();
    if (source.isFedBy(queue)) {
      // There is nowhere else for it: it stays, and people are told.
      this.#stuck = refusal;
      source.setCredit(0);
      taken.release();
      return;
    }
    taken.bury(transaction, queue, `route ${this.name}: ${refusal}`);
    this.#ledger.end('deadLettered', now);
    this.#context.log.debug({ refusal }, 'dead letter');
  }

  #abort(transaction: Transaction, batch: readonly Taken[], error: unknown): void {
    if (!(error instanceof BrokerError)) throw error;
    transaction.abort();
    this.#ledger.forget();
    this.#giveBack(batch, error.message);
  }

  /** What keeps the message from this route, whatever its target. */
  #refusalOf(message: Message): string | undefined {
    const { name, key, target } = this.#options;
    const crossing = this.#crossing;
    crossing.path = extended(message.path, name);
    crossing.key = undefined;
    let refusal = loopOf(message.path, name);
    if (refusal === undefined && target.isKeyed) {
      crossing.key = key?.(message);
      if (crossing.key === undefined) refusal = 'it has nothing that its key could be made of';
    }
    if (refusal !== undefined) {
      this.#ledger.note('body', 'refused', refusal);
      noteHeaders(message, 'refused', didNotCross, this.#ledger);
    }
    return refusal;
  }

  #giveBack(batch: readonly Taken[], error: string): void {
    this.#inFlight -= batch.length;
    this.#fail(error);
    // Backwards: each goes before the ones that came after it.
    for (const taken of batch.toReversed()) taken.release();
  }

  /** Takes nothing more until it is worth another try. The source keeps the backlog. */
  #fail(error: string): void {
    if (this.#closed) return;
    if (this.#error !== error) this.#context.log.warn({ error }, 'route cannot write');
    this.#error = error;
    this.#options.source.setCredit(0);
    this.#retry?.cancel();
    this.#retry = this.#context.clock.after(retryMs, () => this.#run());
  }

  #endDrain(): void {
    if (this.#state !== 'draining' || this.#inFlight > 0 || !this.#options.source.isEmpty) return;
    this.#context.log.info({}, 'drained');
    this.pause();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
