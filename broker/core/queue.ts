// The queue: every ordered backlog of either world. Entries become visible after the commit of their put, in the order
// of their positions, and leave after the commit of their settlement (transaction.ts). It knows no protocol: consumers are
// pushed to while they have credit, pulls lease until a deadline.

import { Backlog } from './backlog.ts';
import { Consumer } from './consumer.ts';
import type { ConsumerOptions } from './consumer.ts';
import { Deadlines } from './deadlines.ts';
import { Delay } from './delay.ts';
import { Entry } from './entry.ts';
import { BrokerError } from './errors.ts';
import type { Message } from './message.ts';
import { Pull } from './pull.ts';
import type { PullOptions, Pulled } from './pull.ts';
import type { QueueContext, QueuePolicy } from './queue-context.ts';
import type { QueueDefinition, StoredQueue } from './store.ts';

export interface ReleaseOptions {
  /** The delivery failed: it counts towards the maximum, after which the entry is dead-lettered. */
  readonly failed?: boolean;
  /** It may have reached the receiver. Default true. */
  readonly redelivered?: boolean;
}

export class Queue {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  /** False: its entries live in memory (or spill) and vanish with the process; it is not in the store. */
  readonly durable: boolean;
  policy: QueuePolicy;
  attributes: Readonly<Record<string, unknown>>;
  /** The store knows it; until then, every put declares it in its own transaction. */
  declared: boolean;
  /** Something of it may be in the store. */
  isStored: boolean;
  /** Entries whose put is under way. What is not stored waits for them, so that order holds. */
  pending = 0;

  // Totals since the engine started.
  enqueued = 0;
  dequeued = 0;
  expired = 0;
  deadLettered = 0;

  readonly #context: QueueContext;
  readonly #backlog: Backlog;
  readonly #delay: Delay;
  readonly #consumers: Consumer[] = [];
  #lastServed = 0;
  #withCredit = 0;
  readonly #pulls: Pull[] = [];
  #leasedCount = 0;
  /** Entries leased until a deadline, by position. */
  readonly #leases = new Map<number, Entry>();
  readonly #leaseEnds: Deadlines<Entry>;
  /** Positions up to here were purged: their entries have nothing left in the store. */
  #floor = 0;
  #dispatching = false;
  #deleted = false;

  constructor(
    definition: QueueDefinition,
    options: { readonly durable: boolean; readonly policy: QueuePolicy },
    context: QueueContext,
  ) {
    this.id = definition.id;
    this.namespace = definition.namespace;
    this.name = definition.name;
    this.createdAt = definition.createdAt;
    this.attributes = definition.attributes;
    this.durable = options.durable;
    this.declared = !options.durable;
    this.isStored = options.durable;
    this.policy = options.policy;
    this.#context = context;
    this.#delay = new Delay(this, context);
    this.#leaseEnds = new Deadlines(context.clock, (entry, at) => this.#leaseEnded(entry, at));
    this.#backlog = new Backlog(this, context, {
      onRead: () => this.dispatch(),
      onLeased: (entry) => this.#resumeLease(entry),
    });
  }

  /** Takes over what the store holds for it, without reading the backlog. */
  restore(stored: StoredQueue): void {
    this.declared = true;
    this.#backlog.restore(stored.entries, stored.leased);
    this.#delay.restore(stored.delayed, stored.nextDueAt);
  }

  get definition(): QueueDefinition {
    const { id, namespace, name, createdAt, attributes } = this;
    return { id, namespace, name, createdAt, attributes };
  }

  /** Entries that a consumer could have now. */
  get readyCount(): number {
    return this.#backlog.readyCount;
  }

  get inFlightCount(): number {
    return this.#leasedCount + this.#backlog.pagedLeasedCount;
  }

  get delayedCount(): number {
    return this.#delay.count;
  }

  /** Consumers and waiting pulls. */
  get consumerCount(): number {
    return this.#consumers.length + this.#pulls.length;
  }

  get deleted(): boolean {
    return this.#deleted;
  }

  // ---- receiving

  consume(options: ConsumerOptions): Consumer {
    this.#refuseIfDeleted();
    const consumer = new Consumer(this, options);
    this.#consumers.push(consumer);
    if (options.credit !== undefined) consumer.setCredit(options.credit);
    return consumer;
  }

  /**
   * Leases entries until a deadline. The lease is written to the store but not waited for: after a crash an entry
   * may be given again, and none is lost.
   */
  async pull(options: PullOptions): Promise<readonly Pulled[]> {
    this.#refuseIfDeleted();
    const pull = new Pull(options, this.#context.clock, (ended) => this.#forgetPull(ended));
    this.#pulls.push(pull);
    this.dispatch();
    return pull.result;
  }

  /** Puts a leased entry back in its place. */
  release(entry: Entry, options: ReleaseOptions = {}): void {
    if (entry.state !== 'leased') return;
    if (options.redelivered !== false) entry.redelivered = true;
    if (options.failed === true) entry.attempts++;
    const changed = options.failed === true || entry.until !== 0;
    entry.until = 0;
    if (changed) this.#saveDelivery(entry);
    if (options.failed === true && this.#hasFailedForGood(entry)) {
      this.#bury(entry);
      return;
    }
    this.#endLease(entry);
    this.#comeBack(entry);
    this.dispatch();
  }

  /**
   * Moves the end of a deadline lease to `ms` milliseconds from now; 0 ends it. A lease that has ended begins anew if
   * nobody has taken the entry since.
   * @throws BrokerError `not-allowed` if a consumer has the entry, or it is gone.
   */
  extend(entry: Entry, ms: number): void {
    if (entry.consumer !== undefined || entry.state === 'settling' || entry.state === 'gone') {
      throw new BrokerError('not-allowed', 'the entry cannot be leased');
    }
    if (entry.state === 'paged') {
      this.#extendOnDisk(entry, ms);
      return;
    }
    if (ms === 0) {
      this.release(entry);
      return;
    }
    if (entry.state === 'ready') this.#leaseAgain(entry);
    entry.until = this.#context.clock.now() + ms;
    this.#leaseEnds.add(entry.until, entry);
    this.#saveDelivery(entry);
  }

  /** The entry at a position, from memory or disk, whatever its state; undefined when it is gone. */
  async fetch(seq: number): Promise<Entry | undefined> {
    const known = this.#find(seq);
    if (known !== undefined || seq <= this.#floor) return known;
    const [stored] = await this.#context.store.readEntries(this.id, [seq]);
    const meanwhile = this.#find(seq);
    if (meanwhile !== undefined || stored === undefined) return meanwhile;
    // In the store, known to nobody, and not beyond what was read: its settlement is under way.
    if (!this.#backlog.isPaged(seq)) return undefined;
    const entry = Entry.restore(this, stored);
    entry.state = 'paged';
    return entry;
  }

  /** Gives what is ready to whoever has credit or waits. Cheap when nothing can move. */
  dispatch(): void {
    if (this.#dispatching || this.#deleted) return;
    this.#dispatching = true;
    try {
      while (this.#isWanted && this.#moveHead());
    } finally {
      this.#dispatching = false;
    }
    if (this.#isWanted) this.#backlog.fill();
    if (this.#pulls.length > 0) this.#answerPulls();
  }

  // ---- called by consumers

  creditChanged(has: boolean): void {
    this.#withCredit += has ? 1 : -1;
  }

  consumerClosed(consumer: Consumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index >= 0) this.#consumers.splice(index, 1);
    const held = [...consumer.leased].sort((a, b) => a.seq - b.seq);
    consumer.leased.clear();
    for (const entry of held) {
      entry.consumer = undefined;
      // What is being settled comes back only if that fails.
      if (entry.state !== 'leased') continue;
      this.#leasedCount--;
      entry.redelivered = true;
      this.#comeBack(entry);
    }
    this.dispatch();
  }

  // ---- called by transactions

  get residenceOfTransient(): 'memory' | 'spilled' {
    return this.#backlog.residenceOfTransient;
  }

  /** Its put was committed. */
  arrived(entry: Entry): void {
    if (this.#deleted) return;
    this.enqueued++;
    this.#backlog.arrived(entry);
    this.dispatch();
  }

  /** An entry was moved here within the store; it is read when its turn comes. */
  arrivedOnDisk(): void {
    if (this.#deleted) return;
    this.enqueued++;
    this.#backlog.arrivedOnDisk();
    this.dispatch();
  }

  /** Its put was committed; it is ready at `dueAt`. */
  delayedArrived(dueAt: number): void {
    this.enqueued++;
    this.#delay.arrived(dueAt);
  }

  /** A delayed entry took its place at the end of the queue; it was counted when it came. */
  promoted(entry: Entry, delayedSeq: number): void {
    // A purge came first.
    if (this.#deleted || delayedSeq <= this.#floor) return;
    this.#delay.left();
    this.#backlog.arrived(entry);
    this.dispatch();
  }

  /** A transaction takes the entry to settle it; false when it is settled, or being settled, already. */
  reserve(entry: Entry): boolean {
    if (entry.state === 'gone' || entry.state === 'settling') return false;
    if (entry.state === 'ready') this.#backlog.remove(entry);
    entry.heldAs = entry.state;
    entry.state = 'settling';
    return true;
  }

  /** The transaction was aborted or refused: the entry is as it was. */
  unreserve(entry: Entry): void {
    if (entry.state !== 'settling') return;
    entry.state = entry.heldAs;
    if (entry.state === 'ready') this.#comeBack(entry);
    // Its consumer closed, or its deadline passed, in the meantime.
    else if (entry.state === 'leased' && entry.consumer === undefined && entry.until <= this.#context.clock.now()) {
      this.release(entry);
    }
  }

  /** Its settlement was committed. */
  left(entry: Entry): void {
    if (entry.heldAs === 'leased') this.#endLease(entry);
    else if (entry.heldAs === 'paged' && !this.isPurged(entry)) this.#pagedLeft(entry.seq);
    entry.state = 'gone';
    this.dequeued++;
  }

  /** Nothing of the entry is in the store any more: it was purged. */
  isPurged(entry: Pick<Entry, 'seq'>): boolean {
    return entry.seq <= this.#floor;
  }

  // ---- administration

  /**
   * What the queue holds after position `after`, in order, without taking it; entries in flight are included, delayed
   * ones are not. At most `limit` entries.
   */
  async browse(after: number, limit: number): Promise<readonly Pulled[]> {
    const { store, window } = this.#context;
    const stored = await store.readPage(this.id, Math.max(after, this.#floor), { entries: limit, bytes: window.bytes });
    const known = new Map<number, Entry>();
    for (const entry of this.#entriesInMemory()) if (entry.seq > after) known.set(entry.seq, entry);
    const found: Pulled[] = stored.map((item) => ({
      entry: known.get(item.seq) ?? Entry.restore(this, item),
      message: item.message,
    }));
    // What lives in memory only belongs between what was read, and behind it where the page was not cut short.
    const end = stored.length === 0 ? Infinity : stored.length < limit ? Infinity : stored.at(-1)!.seq;
    for (const entry of known.values()) {
      if (entry.residence === 'memory' && entry.seq <= end && entry.message !== undefined) {
        found.push({ entry, message: entry.message });
      }
    }
    return found.sort((a, b) => a.entry.seq - b.entry.seq).slice(0, limit);
  }

  /** Delayed messages, the first due first. */
  async browseDelayed(limit: number): Promise<readonly { dueAt: number; seq: number; message: Message }[]> {
    const { store, window } = this.#context;
    return store.readDelayed(this.id, Infinity, { entries: limit, bytes: window.bytes });
  }

  /**
   * Removes everything, in flight and delayed entries too, in time that does not depend on how much there is.
   * @returns how many entries were removed.
   */
  async purge(): Promise<number> {
    const { store } = this.#context;
    const upToSeq = store.nextId();
    await store.write([{ kind: 'purge', queueId: this.id, upToSeq }]);
    const removed = this.readyCount + this.inFlightCount + this.delayedCount;
    this.#forgetAll(upToSeq);
    return removed;
  }

  /** Its consumers are told and its pulls refused; removing it from the store is the caller's part. */
  markDeleted(): void {
    this.#deleted = true;
    this.#forgetAll(Infinity);
    const error = new BrokerError('not-found', `queue "${this.name}" was deleted`);
    for (const pull of this.#pulls.slice()) pull.fail(error);
    for (const consumer of this.#consumers.slice()) {
      consumer.close();
      consumer.onQueueDeleted?.();
    }
  }

  /** Drops entries at the head that are older than the policy's retention. */
  sweepRetention(): void {
    if (this.policy.retentionMs === undefined) return;
    if (this.#backlog.head === undefined) this.#backlog.fill();
    for (const entry of this.#backlog) if (!this.#dropIfOver(entry)) return;
  }

  /** Drops the entry at `seq` if it has expired, wherever it is. */
  async sweepExpired(seq: number): Promise<void> {
    const entry = await this.fetch(seq);
    if (entry?.state === 'ready' || entry?.state === 'paged') this.#dropIfOver(entry);
  }

  /** The engine closes: stops timers, and answers who waits. */
  stop(): void {
    this.#leaseEnds.clear();
    this.#delay.stop();
    for (const pull of this.#pulls.slice()) pull.finish();
  }

  // ---- dispatch

  get #isWanted(): boolean {
    return this.#withCredit > 0 || this.#pulls.length > 0;
  }

  /** Moves the head on, if it can; false when there is nothing to do now. */
  #moveHead(): boolean {
    const entry = this.#backlog.head;
    if (entry === undefined) return false;
    if (this.#dropIfOver(entry)) return true;
    if (this.#hasFailedForGood(entry)) {
      this.#bury(entry);
      return true;
    }
    const { message } = entry;
    if (message === undefined) {
      this.#backlog.reload();
      return false;
    }
    this.#backlog.remove(entry);
    entry.state = 'leased';
    this.#leasedCount++;
    // What is stored can be read again: an entry in flight costs no more than its position.
    if (entry.residence !== 'memory') entry.message = undefined;
    if (this.#withCredit > 0) this.#giveToConsumer(entry, message);
    else this.#giveToPull(entry, message);
    return true;
  }

  #giveToConsumer(entry: Entry, message: Message): void {
    const consumer = this.#nextConsumer();
    entry.consumer = consumer;
    consumer.leased.add(entry);
    consumer.spend();
    consumer.deliver(entry, message);
  }

  #giveToPull(entry: Entry, message: Message): void {
    const pull = this.#pulls[0]!;
    const now = this.#context.clock.now();
    entry.attempts++;
    entry.firstAt ??= now;
    entry.until = now + pull.leaseMs;
    this.#saveDelivery(entry);
    pull.take(entry, message);
    if (pull.isFull) pull.finish();
    this.#leases.set(entry.seq, entry);
    this.#leaseEnds.add(entry.until, entry);
  }

  /** The next in turn that has credit; there is one. */
  #nextConsumer(): Consumer {
    for (;;) {
      this.#lastServed = (this.#lastServed + 1) % this.#consumers.length;
      const consumer = this.#consumers[this.#lastServed]!;
      if (consumer.credit > 0) return consumer;
    }
  }

  /** Pulls end with the first entries they got, and those that may not wait once nothing is on its way from disk. */
  #answerPulls(): void {
    for (const pull of this.#pulls.slice()) {
      if (pull.hasAny || (!pull.mayWait && !this.#backlog.reading)) pull.finish();
    }
  }

  #forgetPull(pull: Pull): void {
    const index = this.#pulls.indexOf(pull);
    if (index >= 0) this.#pulls.splice(index, 1);
  }

  // ---- leases

  /** A lease that the store holds from before the engine started. */
  #resumeLease(entry: Entry): void {
    entry.state = 'leased';
    entry.message = undefined;
    this.#leasedCount++;
    this.#leases.set(entry.seq, entry);
    this.#leaseEnds.add(entry.until, entry);
  }

  #leaseAgain(entry: Entry): void {
    this.#backlog.remove(entry);
    entry.state = 'leased';
    if (entry.residence !== 'memory') entry.message = undefined;
    this.#leasedCount++;
    this.#leases.set(entry.seq, entry);
  }

  /** The entry is as it was before the engine started; its lease holds from when it is read. */
  #extendOnDisk(entry: Entry, ms: number): void {
    const now = this.#context.clock.now();
    this.#backlog.pagedLeaseChanged(entry.until > now, ms > 0);
    entry.until = ms === 0 ? 0 : now + ms;
    this.#saveDelivery(entry);
  }

  #endLease(entry: Entry): void {
    this.#leasedCount--;
    entry.consumer?.leased.delete(entry);
    entry.consumer = undefined;
    this.#leases.delete(entry.seq);
  }

  #leaseEnded(entry: Entry, at: number): void {
    // Settled, released or extended since.
    if (entry.state !== 'leased' || entry.until !== at) return;
    entry.until = 0;
    entry.redelivered = true;
    this.#endLease(entry);
    this.#comeBack(entry);
    this.dispatch();
  }

  #comeBack(entry: Entry): void {
    if (this.#deleted || this.isPurged(entry)) entry.state = 'gone';
    else this.#backlog.add(entry);
  }

  #saveDelivery(entry: Entry): void {
    if (entry.residence === 'memory' || this.isPurged(entry)) return;
    entry.delivered = true;
    const { store, background } = this.#context;
    const write = store.write([{ kind: 'deliver', entry, delivery: entry.delivery }]);
    background(write, `record a delivery of queue "${this.name}"`);
  }

  #pagedLeft(seq: number): void {
    // It may have been read in as another object while its settlement was under way.
    const twin = this.#find(seq);
    if (twin === undefined) this.#backlog.pagedLeft();
    else if (this.reserve(twin) && twin.heldAs === 'leased') this.#endLease(twin);
  }

  #find(seq: number): Entry | undefined {
    const entry = this.#leases.get(seq) ?? this.#backlog.find(seq);
    if (entry !== undefined) return entry;
    for (const { leased } of this.#consumers) for (const held of leased) if (held.seq === seq) return held;
    return undefined;
  }

  *#entriesInMemory(): IterableIterator<Entry> {
    yield* this.#backlog;
    yield* this.#leases.values();
    for (const consumer of this.#consumers) yield* consumer.leased;
  }

  // ---- ends other than settlement

  #hasFailedForGood(entry: Entry): boolean {
    const { deadLetter, deadLetters } = this.policy;
    if (deadLetter === undefined || this.#rests(entry) || entry.attempts < deadLetter.maxAttempts) return false;
    return deadLetters !== 'live' || deadLetter.target() !== undefined;
  }

  #bury(entry: Entry): void {
    const { background, deadLetter } = this.#context;
    const reason = `delivered ${entry.attempts} times without success`;
    background(deadLetter(entry, reason), `dead-letter from queue "${this.name}"`);
  }

  #dropIfOver(entry: Entry): boolean {
    if (this.#rests(entry)) return false;
    const now = this.#context.clock.now();
    const keepUntil = entry.timestamp + (this.policy.retentionMs ?? Infinity);
    if (now < keepUntil && (entry.expiresAt === 0 || now < entry.expiresAt)) return false;
    this.expired++;
    this.#context.background(this.#context.expire(entry), `expire from queue "${this.name}"`);
    return true;
  }

  /** A dead letter has had its time already, unless the policy says otherwise. */
  #rests(entry: Entry): boolean {
    return entry.dead !== undefined && this.policy.deadLetters !== 'live';
  }

  #forgetAll(upToSeq: number): void {
    this.#backlog.clear(upToSeq);
    for (const entry of Array.from(this.#entriesInMemory())) {
      if (entry.state !== 'leased') continue;
      this.#endLease(entry);
      entry.state = 'gone';
    }
    this.#leaseEnds.clear();
    this.#delay.clear();
    this.#floor = upToSeq;
  }

  #refuseIfDeleted(): void {
    if (this.#deleted) throw new BrokerError('not-found', `queue "${this.name}" was deleted`);
  }
}
