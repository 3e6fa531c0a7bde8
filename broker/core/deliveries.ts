// Entries of a queue that were delivered and are not settled yet: a consumer has them, until it settles or goes, or a pull
// has, until a deadline. What of it has to survive a crash goes to the store, and is not waited for.

import type { Waiting } from './backlog.ts';
import type { Consumer } from './consumer.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Endings } from './endings.ts';
import type { Entry } from './entry.ts';
import { BrokerError } from './errors.ts';
import { Leases } from './leases.ts';
import type { ReleaseOptions } from './leases.ts';
import type { Pull } from './pull.ts';
import type { QueueContext } from './queue-context.ts';
import { redeliveryDelay } from './queue-policy.ts';
import type { Queue } from './queue.ts';

/** Parts of the queue that entries come from, and go back to. */
export interface DeliveredFrom {
  readonly backlog: Waiting;
  readonly dispatcher: Dispatcher;
  readonly endings: Endings;
}

export class Deliveries {
  readonly #queue: Queue;
  readonly #context: QueueContext;
  readonly #backlog: Waiting;
  readonly #dispatcher: Dispatcher;
  readonly #endings: Endings;
  readonly #leases: Leases;
  /** Entries that consumers and pulls hold, those being settled included. */
  #count = 0;

  constructor(queue: Queue, context: QueueContext, { backlog, dispatcher, endings }: DeliveredFrom) {
    this.#queue = queue;
    this.#context = context;
    this.#backlog = backlog;
    this.#dispatcher = dispatcher;
    this.#endings = endings;
    this.#leases = new Leases(context.clock, (entry) => this.#deadlinePassed(entry));
  }

  get count(): number {
    return this.#count + this.#backlog.pagedLeasedCount;
  }

  /** What is stored can be read again: an entry in flight costs no more than its position. */
  lease(entry: Entry): void {
    entry.state = 'leased';
    for (const observer of this.#queue.observers) observer.leased(entry);
    if (entry.residence !== 'memory') entry.message = undefined;
    this.#count++;
  }

  /** It was leased under the pull's deadline. */
  pulled(entry: Entry, pull: Pull): void {
    const now = this.#context.clock.now();
    entry.attempts++;
    entry.firstAt ??= now;
    entry.until = now + pull.leaseMs;
    this.#save(entry);
    this.#leases.hold(entry);
  }

  /** Its lease, from before the engine started, goes on. */
  restored(entry: Entry): void {
    this.lease(entry);
    this.#leases.hold(entry);
    this.#dispatcher.restored(entry);
  }

  /** Ends the leases that have run out by now, without waiting for the timer. */
  pass(): void {
    this.#leases.pass();
  }

  /** As Queue.release. */
  release(entry: Entry, options: ReleaseOptions): void {
    if (entry.state !== 'leased') return;
    if (options.redelivered !== false) entry.redelivered = true;
    if (options.failed === true) entry.attempts++;
    const changed = options.failed === true || entry.until !== 0;
    entry.until = 0;
    if (changed) this.#save(entry);
    if (options.failed === true && (this.#endings.buryIfFailed(entry) || this.#postpone(entry))) return;
    this.ended(entry);
    this.comeBack(entry);
    this.#queue.dispatch();
  }

  /** As Queue.extend. */
  extend(entry: Entry, ms: number): void {
    if (entry.consumer !== undefined || entry.state === 'settling' || entry.state === 'gone') {
      throw new BrokerError('not-allowed', 'the entry cannot be leased');
    }
    if (entry.state === 'paged') {
      this.#extendOnDisk(entry, ms);
      return;
    }
    if (ms === 0) {
      this.release(entry, {});
      return;
    }
    if (entry.state === 'ready') {
      this.#dispatcher.remove(entry);
      this.lease(entry);
      this.#dispatcher.restored(entry);
    }
    entry.until = this.#context.clock.now() + ms;
    this.#leases.hold(entry);
    this.#save(entry);
  }

  /** What the consumer held comes back. */
  consumerClosed(consumer: Consumer): void {
    const held = [...consumer.leased].sort((a, b) => a.seq - b.seq);
    consumer.leased.clear();
    for (const entry of held) {
      entry.consumer = undefined;
      // What is being settled comes back only if that fails.
      if (entry.state !== 'leased') continue;
      this.#count--;
      this.#dispatcher.leaseEnded(entry);
      entry.redelivered = true;
      entry.abandoned = true;
      this.comeBack(entry);
    }
  }

  /** Nobody has it any more. */
  ended(entry: Entry): void {
    this.#count--;
    entry.consumer?.leased.delete(entry);
    entry.consumer = undefined;
    this.#leases.drop(entry);
    this.#dispatcher.leaseEnded(entry);
  }

  /** It takes its place among the ready ones again. */
  comeBack(entry: Entry): void {
    if (this.#queue.deleted || this.#queue.isPurged(entry)) {
      entry.state = 'gone';
      return;
    }
    this.#dispatcher.cameBack(entry);
  }

  /** Of those under a deadline. */
  find(seq: number): Entry | undefined {
    return this.#leases.find(seq);
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    yield* this.#leases;
    yield* this.#dispatcher.receivers.held();
  }

  /** The queue was purged, or is deleted: nothing comes back. */
  clear(): void {
    for (const entry of Array.from(this)) {
      if (entry.state !== 'leased') continue;
      this.ended(entry);
      entry.state = 'gone';
    }
    this.stop();
  }

  /** Stops the timer. */
  stop(): void {
    this.#leases.stop();
  }

  /** Its lease goes on without an owner until it may be delivered again. False: it may at once. */
  #postpone(entry: Entry): boolean {
    const { redelivery } = this.#queue.policy;
    const delayMs = redelivery === undefined ? 0 : redeliveryDelay(redelivery, entry.attempts, Math.random);
    if (delayMs === 0) return false;
    entry.consumer?.leased.delete(entry);
    entry.consumer = undefined;
    entry.until = this.#context.clock.now() + delayMs;
    this.#leases.hold(entry);
    this.#save(entry);
    return true;
  }

  /** The entry is as it was before the engine started; its lease holds from when it is read. */
  #extendOnDisk(entry: Entry, ms: number): void {
    const until = ms === 0 ? 0 : this.#context.clock.now() + ms;
    this.#backlog.pagedLeaseChanged(entry.until, until, entry.priority);
    entry.until = until;
    this.#save(entry);
  }

  #deadlinePassed(entry: Entry): void {
    entry.until = 0;
    entry.redelivered = true;
    this.ended(entry);
    this.comeBack(entry);
    this.#queue.dispatch();
  }

  #save(entry: Entry): void {
    if (entry.residence === 'memory' || this.#queue.isPurged(entry)) return;
    entry.delivered = true;
    const write = this.#context.store.write([{ kind: 'deliver', entry, delivery: entry.delivery }]);
    this.#context.background(write, `record a delivery of queue "${this.#queue.name}"`);
  }
}
