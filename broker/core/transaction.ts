// A unit of work: puts, settlements and records that become durable together or not at all. Its effects on queues
// happen after the commit: what anyone sees is what the store holds.

import type { Clock } from '../util/clock.ts';
import { withCopies } from './copies.ts';
import { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Ending } from './observation.ts';
import type { Queue } from './queue.ts';
import type { Change, Death, Store } from './store.ts';

export interface PutOptions {
  /** Milliseconds until the message is ready, from when it is put. A delayed message is always on disk. */
  readonly delayMs?: number;
  /** Told, while the transaction is being committed, which position it gets; may add records. Durable messages only. */
  readonly onPosition?: (position: number) => void;
  /** It is a dead letter from the start. Not with a delay. */
  readonly dead?: Death;
}

interface Put {
  readonly message: Message;
  readonly queues: readonly Queue[];
  readonly dueAt: number | undefined;
  readonly onPosition: ((position: number) => void) | undefined;
  readonly dead: Death | undefined;
}

interface Move {
  readonly entry: Entry;
  readonly to: Queue;
  readonly death: Death;
}

const nothing: Promise<void> = Promise.resolve();

export class Transaction {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #puts: Put[] = [];
  readonly #settled: Entry[] = [];
  /** Of what is settled, how it ends where nobody was done with it. */
  #endings: Map<Entry, Ending> | undefined;
  readonly #moves: Move[] = [];
  readonly #changes: Change[] = [];
  /** What happens once the changes are in the store, in order. */
  readonly #effects: (() => void)[] = [];
  readonly #failures: (() => void)[] = [];
  #onStored: (() => void) | undefined;
  readonly #pending: Queue[] = [];

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Into each of the queues, which must be distinct, and their copies; the message is stored once. */
  put(queues: readonly Queue[], message: Message, options: PutOptions = {}): void {
    const { delayMs = 0, onPosition, dead } = options;
    this.#puts.push({
      message,
      queues: withCopies(queues),
      dueAt: delayMs > 0 ? this.#clock.now() + delayMs : undefined,
      onPosition,
      dead,
    });
  }

  /** Ends the entry. False: it was settled, or is being settled, by someone else; then nothing happens. */
  settle(entry: Entry, ending?: Ending): boolean {
    if (!entry.queue.reserve(entry)) return false;
    this.#settled.push(entry);
    if (ending !== undefined) (this.#endings ??= new Map()).set(entry, ending);
    return true;
  }

  /** Into a dead-letter queue, with its reason and origin. False: as in `settle`. */
  move(entry: Entry, to: Queue, death: Death): boolean {
    if (!entry.queue.reserve(entry)) return false;
    this.#moves.push({ entry, to, death });
    return true;
  }

  /** State of a dialect, a route, or a resource; `undefined` removes it. */
  record(type: string, key: string, value: Uint8Array | undefined): void {
    this.#changes.push({ kind: 'record', type, key, value });
  }

  count(counter: string, by: number): void {
    this.#changes.push({ kind: 'count', counter, by });
  }

  change(change: Change): void {
    this.#changes.push(change);
  }

  /** Runs once the transaction is committed, after its queues have changed. */
  afterCommit(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** Runs once the transaction is committed, before anyone sees what it changed: it must not commit another. */
  onceStored(tell: () => void): void {
    this.#onStored = tell;
  }

  /** Runs if the transaction is refused or aborted. */
  afterFailure(effect: () => void): void {
    this.#failures.push(effect);
  }

  /**
   * Resolves once everything is durable and visible.
   * @throws BrokerError as Store.write does: then nothing happened, and what was to be settled is leased as before.
   */
  commit(): Promise<void> {
    const effects: (() => void)[] = [];
    let mustWait = false;
    for (const entry of this.#settled) this.#prepareSettle(entry, effects);
    for (const move of this.#moves) mustWait = this.#prepareMove(move, effects) || mustWait;
    for (const put of this.#puts) mustWait = this.#preparePut(put, effects) || mustWait;
    effects.push(...this.#effects);
    if (this.#changes.length === 0 && !mustWait) {
      this.#onStored?.();
      for (const effect of effects) effect();
      return nothing;
    }
    for (const queue of this.#pending) queue.pending++;
    return this.#store.write(this.#changes).then(
      () => {
        this.#onStored?.();
        for (const queue of this.#pending) queue.pending--;
        for (const effect of effects) effect();
      },
      (error: unknown) => {
        for (const queue of this.#pending) queue.pending--;
        this.abort();
        throw error;
      },
    );
  }

  /** Gives back what was to be settled. A transaction is committed or aborted once. */
  abort(): void {
    for (const entry of this.#settled) entry.queue.unreserve(entry);
    for (const { entry } of this.#moves) entry.queue.unreserve(entry);
    for (const effect of this.#failures) effect();
  }

  #prepareSettle(entry: Entry, effects: (() => void)[]): void {
    if (entry.residence !== 'memory' && !entry.queue.isPurged(entry)) {
      this.#changes.push({ kind: 'settle', entry, delivered: entry.delivered });
    }
    if (this.#endings === undefined) effects.push(() => entry.queue.left(entry));
    else effects.push(endingOf(entry, this.#endings.get(entry)));
  }

  #preparePut({ message, queues, dueAt, onPosition, dead }: Put, effects: (() => void)[]): boolean {
    const durable = message.durable ? durableOf(queues) : none;
    let mustWait = false;
    if (durable.length > 0) this.#putStored({ message, queues: durable, dueAt, onPosition, dead }, 'durable', effects);
    if (durable.length === queues.length) return false;
    // The same for all: entries of one put know each other by it.
    const id = this.#store.nextId();
    let spilled: Queue[] | undefined;
    for (const queue of queues) {
      if (message.durable && queue.durable) continue;
      // A delayed entry is on disk whatever it is: only there can it wait without being held in memory.
      if (dueAt !== undefined || queue.residenceOfTransient(message.priority) === 'spilled') {
        (spilled ??= []).push(queue);
      } else {
        mustWait = queue.pending > 0 || mustWait;
        this.#putInMemory(message, queue, dead, effects, id);
      }
    }
    if (spilled !== undefined) {
      this.#putStored({ message, queues: spilled, dueAt, onPosition: undefined, dead }, 'spilled', effects, id);
    }
    return mustWait;
  }

  #putStored(
    { message, queues, dueAt, onPosition, dead }: Put,
    residence: 'durable' | 'spilled',
    effects: (() => void)[],
    messageId = this.#store.nextId(),
  ): void {
    onPosition?.(messageId);
    let kept = queues;
    for (const queue of queues) {
      if (this.#declare(queue, effects)) this.#pending.push(queue);
      else kept = kept.filter((other) => other !== queue);
    }
    if (kept.length === 0) return;
    const key = { seq: messageId, messageId, sole: kept.length === 1, residence };
    const entries = kept.map((queue) => ({
      // What is delayed has no order of priorities yet.
      queueId: dueAt === undefined ? queue.bands.idOf(message.priority) : queue.id,
      seq: messageId,
      dueAt,
    }));
    this.#changes.push({ kind: 'put', messageId, message, entries, residence });
    for (const queue of kept) {
      if (dueAt !== undefined) effects.push(() => queue.delayedArrived(dueAt));
      else {
        const entry = new Entry(queue, key, message);
        if (dead !== undefined) {
          entry.dead = dead;
          entry.delivered = true;
          this.#changes.push({ kind: 'deliver', entry, delivery: entry.delivery });
        }
        effects.push(() => queue.arrived(entry));
      }
    }
  }

  #putInMemory(
    message: Message,
    queue: Queue,
    death: Death | undefined,
    effects: (() => void)[],
    id = this.#store.nextId(),
  ): void {
    const entry = new Entry(queue, { seq: id, messageId: id, sole: true, residence: 'memory' }, message);
    entry.dead = death;
    this.#pending.push(queue);
    effects.push(() => queue.arrived(entry));
  }

  #prepareMove({ entry, to, death }: Move, effects: (() => void)[]): boolean {
    const { queue, message } = entry;
    effects.push(() => {
      queue.left(entry, 'dead');
      queue.deadLettered++;
    });
    if (to.deleted) {
      if (entry.residence !== 'memory') this.#changes.push({ kind: 'settle', entry, delivered: entry.delivered });
      return false;
    }
    const live = to.policy.deadLetters === 'live';
    const delivery = { attempts: live ? entry.attempts : 0, firstAt: live ? entry.firstAt : undefined, dead: death };
    if (entry.residence !== 'memory') {
      const toSeq = this.#store.nextId();
      this.#changes.push({ kind: 'move', entry, toQueueId: to.bands.idOf(entry.priority), toSeq, delivery });
    } else if (message === undefined) {
      return false;
    } else if (to.residenceOfTransient(entry.priority) === 'memory') {
      this.#putInMemory(message, to, death, effects);
      return to.pending > 0;
    } else {
      const seq = this.#store.nextId();
      const queueId = to.bands.idOf(entry.priority);
      const key = { queueId, seq, messageId: seq, sole: true, residence: 'spilled' } as const;
      this.#changes.push(
        { kind: 'put', messageId: seq, message, entries: [{ queueId, seq }], residence: 'spilled' },
        { kind: 'deliver', entry: key, delivery },
      );
    }
    this.#declare(to, effects);
    this.#pending.push(to);
    effects.push(() => to.arrivedOnDisk(entry.priority));
    return true;
  }

  /** False: the queue was deleted, with what would have come into it. */
  #declare(queue: Queue, effects: (() => void)[]): boolean {
    if (queue.declared) {
      queue.isStored = true;
      return true;
    }
    if (queue.deleted) return false;
    queue.isStored = true;
    for (const definition of queue.bands.definitions(queue.definition)) {
      this.#changes.push({ kind: 'queue', queue: definition });
    }
    effects.push(() => (queue.declared = !queue.deleted));
    return true;
  }
}

const none: readonly Queue[] = [];

function endingOf(entry: Entry, ending: Ending | undefined): () => void {
  return () => entry.queue.left(entry, ending);
}

/** Mostly all of them, and then no new list. */
function durableOf(queues: readonly Queue[]): readonly Queue[] {
  return queues.every((queue) => queue.durable) ? queues : queues.filter((queue) => queue.durable);
}
