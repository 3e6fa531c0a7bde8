// A route: takes from its source, brings each message into its target's form, and has it written. Here are its states, and how
// much it takes; what becomes of a message is in crossings.ts, how it is written in local-writer.ts and remote-sender.ts.

import { BrokerError } from '../core/errors.ts';
import type { Timer } from '../util/clock.ts';
import { Crossings } from './crossings.ts';
import { LocalWriter } from './local-writer.ts';
import type { LedgerRow, LossRow } from './loss-ledger.ts';
import { Pace } from './pace.ts';
import { RemoteSender } from './remote-sender.ts';
import type { RouteContext, RouteOptions } from './route-options.ts';
import { routeStates } from './route-states.ts';
import { routeSteps } from './route-steps.ts';
import type { Shadow } from './shadow.ts';
import type { Taken } from './source.ts';
import { retryMs } from './writer.ts';
import type { Writer } from './writer.ts';

export type RouteState = 'running' | 'paused' | 'draining' | 'failed';

/** How often a source that has to be asked is looked at while it is drained. */
const drainedMs = 250;
/** How long a far end may take with what is under way when the route is to end. */
const restMs = 5000;

export class Route {
  readonly #options: RouteOptions;
  readonly #context: RouteContext;
  readonly #crossings: Crossings;
  readonly #writer: Writer;
  readonly #pace: Pace | undefined;
  #retry: Timer | undefined;
  #drained: Timer | undefined;
  #state: 'running' | 'paused' | 'draining' = 'running';
  #error: string | undefined;
  /** The writer finds out whether it writes. */
  #isLooking = false;
  /** Set when nothing more is to be taken, and somebody waits for the end of what is under way. */
  #rested: (() => void) | undefined;
  #closed = false;

  constructor(options: RouteOptions, context: RouteContext) {
    this.#options = options;
    this.#context = { ...context, log: context.log.child({ route: options.name }) };
    this.#crossings = new Crossings(options, this.#context);
    const { target } = options;
    const events = {
      onEnded: (): void => {
        if (this.#writer.inFlight === 0) this.#rested?.();
        this.#take();
        this.#endDrain();
      },
      onTrouble: (error: string, afterMs: number): void => this.#fail(error, afterMs),
    };
    this.#writer =
      'send' in target
        ? new RemoteSender(options, target, this.#crossings, this.#context, events)
        : new LocalWriter(options, target, this.#crossings, this.#context, events);
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

  /** Of a route that copies without consuming. */
  get shadow(): Shadow | undefined {
    return this.#options.shadow;
  }

  /** Messages that crossed since the route was made, earlier engines' included. */
  get transferred(): number {
    return this.#crossings.ledger.transferred;
  }

  get deadLettered(): number {
    return this.#crossings.ledger.deadLettered;
  }

  get passedOver(): number {
    return this.#crossings.ledger.passedOver;
  }

  /** Fields that did not arrive by themselves as they were. */
  losses(): readonly LossRow[] {
    return this.#crossings.ledger.losses();
  }

  /** What became of every field. */
  ledger(): readonly LedgerRow[] {
    return this.#crossings.ledger.rows();
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
    const { name, paused = false, source, shadow } = this.#options;
    await shadow?.start();
    await this.#crossings.ledger.restore(store);
    this.#crossings.step = await routeSteps.of(this.#context.broker, this);
    const kept = await routeStates.read(store, name);
    if (kept ?? paused) this.#state = 'paused';
    await source.start(
      (taken) => this.#deliver(taken),
      (obstacle) => this.#fail(obstacle, retryMs),
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

  /** Takes nothing more, and closes once what is under way has ended, or has taken too long. */
  async end(): Promise<void> {
    if (this.#closed) return;
    const { clock } = this.#context;
    this.#options.source.setCredit(0);
    const { promise, resolve } = Promise.withResolvers<void>();
    const tooLong = clock.after(restMs, resolve);
    this.#rested = resolve;
    if (this.#writer.inFlight === 0) resolve();
    await promise;
    tooLong.cancel();
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#retry?.cancel();
    this.#drained?.cancel();
    this.#pace?.close();
    this.#writer.close();
    this.#options.source.close();
    this.#options.shadow?.close();
  }

  #remember(): void {
    const { broker } = this.#context;
    const { name } = this.#options;
    const paused = this.#state === 'paused';
    broker.background(routeStates.write(broker.store, name, paused), 'remember whether a route is paused');
  }

  #run(): void {
    if (this.#state === 'paused' || this.#closed || this.#isLooking || this.#rested !== undefined) return;
    const ready = this.#writer.ready();
    if (typeof ready === 'string') this.#fail(ready, retryMs);
    else if (ready === undefined) this.#go();
    else this.#context.broker.background(this.#look(ready), `open ${this.to}`);
  }

  async #look(ready: Promise<boolean>): Promise<void> {
    this.#isLooking = true;
    const isReady = await ready.finally(() => (this.#isLooking = false));
    if (isReady && this.#state !== 'paused' && !this.#closed) this.#go();
  }

  #go(): void {
    const { source } = this.#options;
    this.#error = undefined;
    this.#take();
    // What it takes from may have gone, or come, just now.
    if (source.obstacle !== undefined) this.#fail(source.obstacle, retryMs);
  }

  /** Asks for as much as may be under way. */
  #take(): void {
    if (this.#state === 'paused' || this.#error !== undefined || this.#isLooking || this.#closed) return;
    if (this.#rested !== undefined) return;
    const { room } = this.#writer;
    this.#options.source.setCredit(this.#pace === undefined ? room : this.#pace.allow(room));
  }

  #deliver(taken: Taken): void {
    this.#pace?.spend();
    this.#writer.write(taken);
  }

  /** Takes nothing more until it is worth another try. The source keeps the backlog. */
  #fail(error: string, afterMs: number): void {
    if (this.#closed) return;
    if (this.#error !== error) this.#context.log.warn({ error }, 'route cannot write');
    this.#error = error;
    this.#options.source.setCredit(0);
    this.#retry?.cancel();
    this.#retry = this.#context.clock.after(afterMs, () => this.#run());
  }

  #endDrain(): void {
    if (this.#state !== 'draining' || this.#writer.inFlight > 0) return;
    if (this.#options.source.isEmpty) {
      this.#context.log.info({}, 'drained');
      this.#options.shadow?.drained();
      this.pause();
    } else this.#lookAgain();
  }

  /** Sources far away do not say when nothing is left. */
  #lookAgain(): void {
    this.#drained?.cancel();
    this.#drained = this.#context.clock.after(drainedMs, () => this.#endDrain());
  }
}
