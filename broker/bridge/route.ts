// A route: takes from a broker queue, or from a topic filter through a durable subscription of its own, maps, and writes
// to a target. Write and settlement are one transaction: each message is in one place, through any crash.

import { randomUUID } from 'node:crypto';
import { parseAddress } from '../core/address.ts';
import type { Broker } from '../core/broker.ts';
import { subscriptions } from '../core/namespaces.ts';
import type { Consumer } from '../core/consumer.ts';
import type { Entry } from '../core/entry.ts';
import type { Message } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import type { Subscription } from '../core/topics.ts';
import type { Transaction } from '../core/transaction.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import { LossLedger } from './loss-ledger.ts';
import type { CountedLoss } from './loss-ledger.ts';
import type { Loss, Mapped, Mapping, MappingRules } from './mapping.ts';

/** Where a route writes. */
export interface Target {
  readonly address: string;
  /** Whom the target's receivers see as the sender. */
  readonly senderId: string;
  readonly mapping: Mapping;
  /** Undefined: it is not there now. */
  find(): { readonly queue: Queue; readonly maxBytes: number; readonly delayMs: number } | undefined;
}

export interface RouteOptions {
  readonly name: string;
  /** `queue://NAME` or `topic://FILTER`. */
  readonly from: string;
  readonly target: Target;
  /** What becomes of a message with fields that the target cannot hold. */
  readonly onLoss: 'drop-field' | 'dead-letter';
  readonly rules: MappingRules;
}

export interface RouteContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
}

export type RouteState = 'running' | 'paused' | 'failed';

/** Messages that may be on their way at once: enough for several commits. */
const window = 1000;
const retryMs = 1000;

export class Route {
  readonly #options: RouteOptions;
  readonly #ledger: LossLedger;
  readonly #context: RouteContext;
  #consumer: Consumer | undefined;
  #subscription: Subscription | undefined;
  #retry: Timer | undefined;
  #paused = false;
  #error: string | undefined;
  #closed = false;

  constructor(options: RouteOptions, context: RouteContext) {
    this.#options = options;
    this.#context = { ...context, log: context.log.child({ route: options.name }) };
    this.#ledger = new LossLedger(options.name);
  }

  get name(): string {
    return this.#options.name;
  }

  get from(): string {
    return this.#options.from;
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

  losses(): readonly CountedLoss[] {
    return this.#ledger.rows();
  }

  get state(): RouteState {
    if (this.#paused) return 'paused';
    return this.#error === undefined ? 'running' : 'failed';
  }

  /** Why it cannot write now. */
  get error(): string | undefined {
    return this.#paused ? undefined : this.#error;
  }

  async start(): Promise<void> {
    const { broker } = this.#context;
    this.#ledger.restore(await broker.store.readCounters(this.#ledger.prefix));
    const source = await this.#openSource();
    this.#consumer = source.consume({ deliver: (entry, message) => this.#cross(entry, message) });
    this.#run();
  }

  /** What is under way is finished; nothing more is taken. */
  pause(): void {
    this.#paused = true;
    this.#consumer?.setCredit(0);
  }

  resume(): void {
    this.#paused = false;
    this.#run();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#retry?.cancel();
    if (this.#subscription !== undefined) this.#context.broker.topics.unsubscribe(this.#subscription);
    this.#consumer?.close();
  }

  async #openSource(): Promise<Queue> {
    const { broker } = this.#context;
    const { kind, name } = parseAddress(this.#options.from);
    if (kind === 'queue') return broker.queue(name);
    const queueName = `route:${this.#options.name}`;
    const queue =
      broker.find(subscriptions, queueName) ?? broker.declare({ namespace: subscriptions, name: queueName });
    // From here on, nothing that is published may miss it, a crash included.
    await broker.save(queue);
    this.#subscription = { filter: name, queue };
    broker.topics.subscribe(this.#subscription);
    return queue;
  }

  #run(): void {
    if (this.#paused || this.#closed) return;
    if (this.#options.target.find() === undefined) {
      this.#fail(`${this.to} does not exist`);
      return;
    }
    this.#error = undefined;
    this.#consumer?.setCredit(Math.max(0, window - this.#consumer.leased.size));
  }

  #cross(entry: Entry, message: Message): void {
    const { broker, clock } = this.#context;
    const found = this.#options.target.find();
    if (found === undefined) {
      entry.queue.release(entry, { redelivered: false });
      this.#fail(`${this.to} does not exist`);
      return;
    }
    const mapped = this.#options.target.mapping(message, this.#options.rules, found.maxBytes, entry.dead);
    const transaction = broker.transaction();
    const reason = this.#reasonToRefuse(mapped);
    if (reason !== undefined && entry.queue.policy.deadLetter?.target() === entry.queue) {
      // There is nowhere else for it: it stays, and people are told.
      entry.queue.release(entry, { redelivered: false });
      this.#fail(`a dead letter does not cross: ${reason}`);
      return;
    }
    if (reason !== undefined || mapped.message === undefined) {
      broker.addDeadLetter(transaction, entry, `route ${this.#options.name}: ${reason}`);
    } else {
      // A message of its own in SQS: its identifier and time are given there.
      const { senderId: userId } = this.#options.target;
      const sent = { ...mapped.message, id: randomUUID(), timestamp: clock.now(), userId };
      transaction.put([found.queue], sent, { delayMs: found.delayMs });
      transaction.settle(entry);
    }
    this.#commit(transaction, entry, mapped.losses, reason === undefined);
  }

  #commit(transaction: Transaction, entry: Entry, losses: readonly Loss[], crossed: boolean): void {
    this.#ledger.add(transaction, losses, crossed ? 'transferred' : 'deadLettered');
    transaction.commit().then(
      () => {
        if (this.#paused || this.#error !== undefined) return;
        this.#consumer?.grant(1);
      },
      (error: unknown) => {
        entry.queue.release(entry, { redelivered: false });
        this.#fail(error instanceof Error ? error.message : String(error));
      },
    );
  }

  /** Why the whole message is not to cross; undefined: it is. */
  #reasonToRefuse({ losses, message }: Mapped): string | undefined {
    if (message !== undefined && this.#options.onLoss === 'drop-field') return undefined;
    const worst = losses.find(({ outcome }) => outcome === 'refused' || outcome === 'dropped');
    if (worst === undefined) return message === undefined ? 'the target does not take it' : undefined;
    return `${worst.field}: ${worst.reason}`;
  }

  /** Takes nothing more until it is worth another try. The source keeps the backlog. */
  #fail(error: string): void {
    if (this.#closed) return;
    if (this.#error !== error) this.#context.log.warn({ error }, 'route cannot write');
    this.#error = error;
    this.#consumer?.setCredit(0);
    this.#retry?.cancel();
    this.#retry = this.#context.clock.after(retryMs, () => this.#run());
  }
}
