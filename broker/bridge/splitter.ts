// One queue, several targets: each message is put into a queue for each target that it is meant for, and leaves its own, in
// one transaction. From there each target's route takes it at its own pace. The message is stored once.

import type { Broker } from '../core/broker.ts';
import type { Queue } from '../core/queue.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { Choice } from './choice.ts';
import { silent } from './mapping.ts';
import type { Source, Taken } from './source.ts';

export interface Branch {
  /** Of its route. */
  readonly name: string;
  /** Undefined: it takes all. */
  readonly choice: Choice | undefined;
}

export interface SplitterOptions {
  readonly name: string;
  /** Gives nothing that no branch takes. */
  readonly source: Source;
  readonly branches: readonly Branch[];
}

export interface SplitterContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the queues of branches are. */
export const branchNamespace = 'route';

const window = 1000;
const retryMs = 1000;

export class Splitter {
  readonly #options: SplitterOptions;
  readonly #context: SplitterContext;
  #pending: Taken[] = [];
  #inFlight = 0;
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: SplitterOptions, context: SplitterContext) {
    this.#options = options;
    this.#context = context;
  }

  async start(): Promise<void> {
    await this.#options.source.start(
      (taken) => this.#deliver(taken),
      () => this.#tryAgain(),
    );
    this.#take();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#options.source.close();
  }

  #take(): void {
    if (this.#closed) return;
    this.#options.source.setCredit(Math.max(0, window - this.#inFlight));
    if (this.#options.source.obstacle !== undefined) this.#tryAgain();
  }

  #deliver(taken: Taken): void {
    this.#inFlight++;
    this.#pending.push(taken);
    if (this.#pending.length === 1) queueMicrotask(() => this.#split());
  }

  #split(): void {
    const batch = this.#pending;
    this.#pending = [];
    if (this.#closed) return;
    const transaction = this.#context.broker.transaction();
    for (const taken of batch) {
      if (!taken.isHeld) continue;
      const queues = this.#queuesOf(taken);
      // A dead letter keeps its reason: whoever gets it further on looks for that.
      const { death } = taken;
      transaction.put(queues, taken.message, death === undefined ? {} : { dead: death });
      taken.settle(transaction);
    }
    transaction.commit().then(
      () => {
        this.#inFlight -= batch.length;
        this.#take();
      },
      (error: unknown) => {
        this.#inFlight -= batch.length;
        this.#context.log.warn({ err: error, route: this.#options.name }, 'route cannot write');
        this.#options.source.setCredit(0);
        for (const taken of batch.toReversed()) taken.release();
        this.#tryAgain();
      },
    );
  }

  #queuesOf(taken: Taken): readonly Queue[] {
    const { source, branches } = this.#options;
    const message = source.read(taken.message, silent);
    const chosen = branches.filter(({ choice }) => choice === undefined || choice(message));
    return chosen.map(({ name }) => branchQueue(this.#context.broker, name));
  }

  #tryAgain(): void {
    this.#retry?.cancel();
    this.#retry = this.#context.clock.after(retryMs, () => this.#take());
  }
}

/** Made when it is first asked for. */
export function branchQueue(broker: Broker, name: string): Queue {
  return broker.find(branchNamespace, name) ?? broker.declare({ namespace: branchNamespace, name });
}
