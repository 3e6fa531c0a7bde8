// A request for entries under a deadline lease, as SQS receives are: it takes what is there, up to a number, or waits
// for the first to arrive.

import type { Clock, Timer } from '../util/clock.ts';
import type { Entry } from './entry.ts';
import type { BrokerError } from './errors.ts';
import type { Message } from './message.ts';

export interface PullOptions {
  readonly max: number;
  /** How long the entries are leased, in milliseconds. */
  readonly leaseMs: number;
  /** How long to wait for the first entry, in milliseconds; 0: not at all. */
  readonly waitMs: number;
  /** Ends the wait early, with nothing: the requester is gone. */
  readonly signal?: AbortSignal;
}

export interface Pulled {
  readonly entry: Entry;
  readonly message: Message;
}

export class Pull {
  readonly result: Promise<readonly Pulled[]>;
  readonly leaseMs: number;
  readonly mayWait: boolean;
  readonly #taken: Pulled[] = [];
  readonly #max: number;
  readonly #onEnd: (pull: Pull) => void;
  readonly #timer: Timer | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.finish();
  #resolve!: (taken: readonly Pulled[]) => void;
  #reject!: (error: BrokerError) => void;

  constructor(options: PullOptions, clock: Clock, onEnd: (pull: Pull) => void) {
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.leaseMs = options.leaseMs;
    this.mayWait = options.waitMs > 0;
    this.#max = options.max;
    this.#onEnd = onEnd;
    this.#signal = options.signal;
    this.#signal?.addEventListener('abort', this.#onAbort);
    if (this.mayWait) this.#timer = clock.after(options.waitMs, () => this.finish());
  }

  get isFull(): boolean {
    return this.#taken.length >= this.#max;
  }

  get hasAny(): boolean {
    return this.#taken.length > 0;
  }

  take(entry: Entry, message: Message): void {
    this.#taken.push({ entry, message });
  }

  /** Answers with what was taken. Idempotent. */
  finish(): void {
    this.#end();
    this.#resolve(this.#taken);
  }

  fail(error: BrokerError): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#timer?.cancel();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#onEnd(this);
  }
}
