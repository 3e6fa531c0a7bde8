// Copies of queues as the source of a route: each message that is put into one of them is put into a queue of the route's own
// by the same transaction, and leaves that at the route's pace. Whoever receives from the queues notices nothing; and so that
// they never do, the oldest copies are dropped beyond a bound, and all of them while the store is nearly full.

import type { Broker } from '../core/broker.ts';
import { copyQueue, endCopy } from '../core/copies.ts';
import type { Message } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import type { Transaction } from '../core/transaction.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { Consumers } from './endpoints/consumers.ts';
import { QueueSource } from './endpoints/queue-source.ts';
import type { Notes } from './mapping.ts';
import { marked } from './shadow-mark.ts';
import type { Source, Taken } from './source.ts';
import { branchNamespace } from './splitter.ts';

/** Queues by their names: all that match a filter, as they come. */
export interface Place {
  readonly namespace: string;
  readonly filter: string;
  /** As the configuration has it. */
  readonly address: string;
  /** Absent: its messages are in the broker's form. */
  readonly read?: (message: Message, notes: Notes) => Message;
}

export interface ShadowSourceOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly route: string;
  readonly from: Place;
  /** Copies of each queue that may wait. */
  readonly most: number;
  /** Messages are to be known again on the other side. */
  readonly isCompared: boolean;
  /** A copy is there; it gets what is put into the queue from now on. */
  readonly onCopy?: (queue: Queue, copy: Queue) => void;
}

const lookMs = 1000;
/** In the names of copies; no route has it in its own. */
const afterRoute = '~';
const counter = (route: string): string => `shadow:${route}:`;
const droppedCounter = 'dropped';

export class ShadowSource implements Source {
  readonly address: string;
  readonly #options: ShadowSourceOptions;
  readonly #inner: QueueSource;
  #consumers: Consumers | undefined;
  /** By the queue that they are of. */
  readonly #copies = new Map<Queue, Queue>();
  /** What each had dropped when it was looked at last. */
  readonly #discarded = new Map<Queue, number>();
  #dropped = 0;
  #isSuspended = false;
  #leave: (() => void) | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: ShadowSourceOptions) {
    const { clock, from, route, isCompared } = options;
    const { address, read } = from;
    this.#options = options;
    this.address = address;
    this.#inner = new QueueSource({
      address,
      clock,
      ...(read === undefined ? {} : { read }),
      open: (deliver) => {
        this.#consumers = new Consumers({
          deliver: isCompared
            ? (entry, message) => deliver(entry, marked(message, route, keyOf(entry.queue, entry.messageId)))
            : deliver,
        });
        return this.#consumers;
      },
    });
  }

  /** Copies that were dropped since the route was made, earlier engines' included. */
  get dropped(): number {
    let dropped = this.#dropped;
    for (const copy of this.#copies.values()) dropped += copy.discarded - (this.#discarded.get(copy) ?? 0);
    return dropped;
  }

  /** Copies that wait. */
  get behind(): number {
    let behind = 0;
    for (const { readyCount, inFlightCount } of this.#copies.values()) behind += readyCount + inFlightCount;
    return behind;
  }

  get obstacle(): string | undefined {
    return this.#inner.obstacle;
  }

  get isEmpty(): boolean {
    return this.#inner.isEmpty;
  }

  isFedBy(queue: Queue): boolean {
    return this.#inner.isFedBy(queue);
  }

  async start(deliver: (taken: Taken) => void, onObstacle: (obstacle: string) => void): Promise<void> {
    const { broker, route, from } = this.#options;
    await this.#inner.start(deliver, onObstacle);
    this.#leave = broker.watchQueues(from.filter, (queue) => this.#copy(queue), from.namespace);
    // What is left of a queue that is no more crosses yet.
    for (const queue of broker.queues(branchNamespace)) if (isCopyOf(queue, route)) this.#consumers?.add(queue);
    const kept = await broker.store.readCounters(counter(route));
    this.#dropped += kept.get(counter(route) + droppedCounter) ?? 0;
    this.#arm();
  }

  setCredit(credit: number): void {
    this.#inner.setCredit(credit);
  }

  read(message: Message, notes: Notes): Message {
    return this.#inner.read(message, notes);
  }

  revive(queue: Queue, reason: string): Promise<number> {
    return this.#inner.revive(queue, reason);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#leave?.();
    this.#inner.close();
    const transaction = this.#options.broker.transaction();
    this.#countDropped(transaction);
    this.#options.broker.background(transaction.commit(), 'count copies that were dropped');
  }

  #copy(queue: Queue): void {
    const { broker, route, most, onCopy } = this.#options;
    if (this.#isSuspended || queue.deleted) return;
    const name = route + afterRoute + queue.name;
    const copy = copyQueue(broker, queue, { namespace: branchNamespace, name, most });
    this.#copies.set(queue, copy);
    this.#consumers?.add(copy);
    onCopy?.(queue, copy);
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(lookMs, () => {
      this.#look();
      this.#arm();
    });
  }

  #look(): void {
    const { broker } = this.#options;
    for (const [queue] of this.#copies) if (queue.deleted) this.#copies.delete(queue);
    const transaction = broker.transaction();
    this.#countDropped(transaction);
    const isFull = broker.flow.isClosed;
    if (isFull && !this.#isSuspended) this.#suspend(transaction);
    else if (!isFull && this.#isSuspended) this.#resume();
    broker.background(transaction.commit(), 'count copies that were dropped');
  }

  #countDropped(transaction: Transaction): void {
    const before = this.#dropped;
    this.#dropped = this.dropped;
    for (const copy of this.#copies.values()) this.#discarded.set(copy, copy.discarded);
    this.#count(transaction, this.#dropped - before);
  }

  #count(transaction: Transaction, by: number): void {
    if (by > 0) transaction.count(counter(this.#options.route) + droppedCounter, by);
  }

  /** Production is held back, or nearly: what only a shadow needs goes, and nothing more comes. */
  #suspend(transaction: Transaction): void {
    const { broker } = this.#options;
    const { behind } = this;
    this.#isSuspended = true;
    this.#dropped += behind;
    this.#count(transaction, behind);
    for (const copy of this.#copies.values()) {
      this.#discarded.delete(copy);
      endCopy(broker, copy);
      broker.background(broker.delete(copy), `drop copies of "${this.address}"`);
    }
    this.#copies.clear();
  }

  /** From here on, with new copies. */
  #resume(): void {
    const { broker, from } = this.#options;
    this.#isSuspended = false;
    this.#leave?.();
    this.#leave = broker.watchQueues(from.filter, (queue) => this.#copy(queue), from.namespace);
  }
}

/** By what a message is known on both sides. */
export function keyOf(copy: Queue, messageId: number): string {
  return `${copy.id}-${messageId}`;
}

/** Of the message, in such a key. */
export function idIn(key: string): number {
  return Number(key.slice(key.indexOf('-') + 1));
}

/** Whether, of the queues of routes, it is one of copies. */
export function isCopy({ name }: Queue): boolean {
  return name.includes(afterRoute);
}

export function isCopyOf({ name }: Queue, route: string): boolean {
  return name.startsWith(route + afterRoute);
}
