// The queue: every ordered backlog of either world. Entries become visible after the commit of their put, in the order
// of their positions, and leave after the commit of their settlement (transaction.ts). It knows no protocol: consumers are
// pushed to while they have credit, pulls lease until a deadline.

import { Backlog } from './backlog.ts';
import type { BacklogEvents, Waiting } from './backlog.ts';
import { Consumer } from './consumer.ts';
import type { ConsumerOptions } from './consumer.ts';
import { browse, oldestOf } from './browse.ts';
import type { Browsed } from './browse.ts';
import { Delay } from './delay.ts';
import { Deliveries } from './deliveries.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DispatchedQueue } from './dispatcher.ts';
import { Endings } from './endings.ts';
import { Entry } from './entry.ts';
import { BrokerError } from './errors.ts';
import type { ReleaseOptions } from './leases.ts';
import type { Message } from './message.ts';
import type { Ending, Observer } from './observation.ts';
import { Bands, usualPriority } from './priority-bands.ts';
import type { QueueOptions, StoredBand } from './priority-bands.ts';
import { PrioritizedBacklog } from './prioritized-backlog.ts';
import type { PullOptions, Pulled } from './pull.ts';
import type { QueueContext } from './queue-context.ts';
import type { QueuePolicy } from './queue-policy.ts';
import type { Receivers } from './receivers.ts';
import { Room } from './room.ts';
import type { QueueDefinition, StoredQueue } from './store.ts';

const none: readonly never[] = [];

export class Queue {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  /** False: its entries live in memory (or spill) and vanish with the process; it is not in the store. */
  readonly durable: boolean;
  policy: QueuePolicy;
  /** Under which identifiers the store has its entries. */
  readonly bands: Bands;
  attributes: Readonly<Record<string, unknown>>;
  readonly delay: Delay;
  /** The store knows it; until then, every put declares it in its own transaction. */
  declared: boolean;
  /** Something of it may be in the store. */
  isStored: boolean;
  /** What is put into it is put into these as well (copies.ts). */
  copies: readonly Queue[] = none;
  observers: readonly Observer[] = none;
  /** Entries whose put is under way. What is not stored waits for them, so that order holds. */
  pending = 0;

  // Totals since the engine started.
  enqueued = 0;
  dequeued = 0;
  expired = 0;
  deadLettered = 0;
  /** Dropped because too many waited. */
  discarded = 0;

  readonly #context: QueueContext;
  readonly #backlog: Waiting;
  readonly #dispatcher: Dispatcher;
  readonly #receivers: Receivers;
  readonly #deliveries: Deliveries;
  /** Positions up to here were purged: their entries have nothing left in the store. */
  #floor = 0;
  readonly #room: Room;
  readonly #endings: Endings;
  #deleted = false;

  constructor(definition: QueueDefinition, options: QueueOptions, context: QueueContext) {
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
    this.delay = new Delay(this, context);
    this.#room = new Room(this, context.onFull);
    this.#endings = new Endings(this, context);
    const events: BacklogEvents = {
      onRead: () => this.dispatch(),
      onLeased: (entry) => this.#deliveries.restored(entry),
      onReadOver: () => this.#dispatcher.readEnded(),
    };
    this.bands = new Bands(definition.id, options, context.store);
    this.#backlog = this.bands.areKept
      ? new PrioritizedBacklog(this, this.bands.ids, context, events)
      : new Backlog(this, definition.id, context, events);
    const dispatched: DispatchedQueue = {
      policy: () => this.policy,
      lease: (entry) => this.#deliveries.lease(entry),
      pulled: (entry, pull) => this.#deliveries.pulled(entry, pull),
      isDone: (entry) => this.#endings.isDone(entry),
      inFlight: () => this.inFlightCount,
      areBurying: () => this.#endings.areBurying,
      background: (work, onFailure) => context.background(work, `scan queue "${this.name}"`, onFailure),
      account: (bytes) => (bytes > 0 ? context.budget.take(bytes) : context.budget.free(-bytes)),
    };
    this.#dispatcher = new Dispatcher(dispatched, this.#backlog);
    this.#receivers = this.#dispatcher.receivers;
    const from = { backlog: this.#backlog, dispatcher: this.#dispatcher, endings: this.#endings };
    this.#deliveries = new Deliveries(this, context, from);
  }

  /** Takes over what the store holds for it, without reading the backlog. */
  restore(stored: StoredQueue, bands: readonly StoredBand[]): void {
    this.declared = bands.length === this.bands.ids.length - 1;
    this.#backlog.restore(usualPriority, stored.entries, stored.leased);
    for (const band of bands) this.#backlog.restore(band.priority, band.entries, band.leased);
    this.delay.restore(stored.delayed, stored.nextDueAt);
  }

  get definition(): QueueDefinition {
    const { id, namespace, name, createdAt, attributes } = this;
    return { id, namespace, name, createdAt, attributes };
  }

  /** Entries that a consumer could have now. */
  get readyCount(): number {
    return this.#backlog.readyCount + this.#dispatcher.parked.count;
  }

  get inFlightCount(): number {
    return this.#deliveries.count;
  }

  get delayedCount(): number {
    return this.delay.count;
  }

  /** Consumers and waiting pulls. */
  get consumerCount(): number {
    return this.#receivers.count;
  }

  /** Groups handled in order of which something is in flight. */
  get groupsInFlight(): number {
    return this.#dispatcher.groupsInFlight;
  }

  /** When the oldest of the entries that are known in memory was sent, milliseconds since the epoch; those on disk are younger. */
  get oldestAt(): number | undefined {
    return oldestOf(this.#entriesInMemory());
  }

  /** Resolves when there is room for more than its bound; undefined: there is. */
  get room(): Promise<void> | undefined {
    return this.#room.wait();
  }

  get deleted(): boolean {
    return this.#deleted;
  }

  // ---- receiving

  consume(options: ConsumerOptions): Consumer {
    this.#refuseIfDeleted();
    const consumer = new Consumer(this, {
      ...options,
      exclusive: options.exclusive === true || this.policy.exclusive === true,
    });
    this.#receivers.add(consumer);
    if (typeof options.credit === 'number') consumer.setCredit(options.credit);
    else if (consumer.credit > 0) this.dispatch();
    return consumer;
  }

  /**
   * Leases entries until a deadline. The lease is written to the store but not waited for: after a crash an entry
   * may be given again, and none is lost.
   */
  async pull(options: PullOptions): Promise<readonly Pulled[]> {
    this.#refuseIfDeleted();
    this.#deliveries.pass();
    return this.#dispatcher.pull(options, this.#context.clock);
  }

  /** Puts a leased entry back in its place. */
  release(entry: Entry, options: ReleaseOptions = {}): void {
    this.#deliveries.release(entry, options);
  }

  /**
   * Moves the end of a deadline lease to `ms` milliseconds from now; 0 ends it. A lease that has ended begins anew if
   * nobody has taken the entry since.
   * @throws BrokerError `not-allowed` if a consumer has the entry, or it is gone.
   */
  extend(entry: Entry, ms: number): void {
    this.#deliveries.extend(entry, ms);
  }

  /** The entry at a position, from memory or disk, whatever its state; undefined when it is gone. */
  async fetch(seq: number): Promise<Entry | undefined> {
    const known = this.#find(seq);
    if (known !== undefined || seq <= this.#floor) return known;
    const found = await Promise.all(this.bands.ids.map((id) => this.#context.store.readEntries(id, [seq])));
    const [stored] = found.flat();
    const meanwhile = this.#find(seq);
    if (meanwhile !== undefined || stored === undefined) return meanwhile;
    // In the store, known to nobody, and not beyond what was read: its settlement is under way.
    if (!this.#backlog.isPaged(stored)) return undefined;
    const entry = Entry.restore(this, stored);
    entry.state = 'paged';
    return entry;
  }

  /** Of its consumers, one takes the message, if not now. */
  isSelectedBySomeone(message: Message): boolean {
    return this.#receivers.someoneSelects(message);
  }

  /** Gives what is ready to whoever has credit or waits. Cheap when nothing can move. */
  dispatch(): void {
    if (!this.#deleted) this.#dispatcher.run();
  }

  /** Something that the consumer takes may be there for it, in memory or on disk, were its credit enough. */
  mayHaveFor(consumer: Consumer): boolean {
    return this.#dispatcher.mayHaveFor(consumer);
  }

  /** Calls when what is being read for the consumer from disk has come. False: nothing is. */
  onceRead(consumer: Consumer, tell: () => void): boolean {
    return this.#dispatcher.onceRead(consumer, tell);
  }

  // ---- called by consumers

  creditChanged(has: boolean): void {
    this.#receivers.creditChanged(has);
  }

  consumerClosed(consumer: Consumer): void {
    this.#dispatcher.removeConsumer(consumer);
    this.#deliveries.consumerClosed(consumer);
    this.dispatch();
  }

  // ---- called by transactions

  residenceOfTransient(priority: number): 'memory' | 'spilled' {
    return this.#backlog.residenceOfTransient(priority);
  }

  /** Its put was committed. */
  arrived(entry: Entry): void {
    if (this.#deleted) return;
    this.enqueued++;
    this.#backlog.arrived(entry);
    this.dispatch();
    this.#endings.dropIfTooMany(this.#backlog);
  }

  /** An entry was moved here within the store; it is read when its turn comes. */
  arrivedOnDisk(priority: number): void {
    if (this.#deleted) return;
    this.enqueued++;
    this.#backlog.arrivedOnDisk(priority);
    this.dispatch();
  }

  /** Its put was committed; it is ready at `dueAt`. */
  delayedArrived(dueAt: number): void {
    this.enqueued++;
    this.delay.arrived(dueAt);
  }

  /** A delayed entry took its place at the end of the queue; it was counted when it came. */
  promoted(entry: Entry, delayedSeq: number): void {
    // A purge came first.
    if (this.#deleted || delayedSeq <= this.#floor) return;
    this.delay.left();
    this.#backlog.arrived(entry);
    this.dispatch();
  }

  /** A transaction takes the entry to settle it; false when it is settled, or being settled, already. */
  reserve(entry: Entry): boolean {
    if (entry.state === 'gone' || entry.state === 'settling') return false;
    if (entry.state === 'ready') this.#dispatcher.remove(entry);
    entry.heldAs = entry.state;
    entry.state = 'settling';
    return true;
  }

  /** The transaction was aborted or refused: the entry is as it was. */
  unreserve(entry: Entry): void {
    if (entry.state !== 'settling') return;
    entry.state = entry.heldAs;
    if (entry.state === 'ready') this.#deliveries.comeBack(entry);
    // Its consumer closed, or its deadline passed, in the meantime.
    else if (entry.state === 'leased' && entry.consumer === undefined && entry.until <= this.#context.clock.now()) {
      this.release(entry);
    }
  }

  /** Its settlement was committed. */
  left(entry: Entry, ending: Ending = 'settled'): void {
    for (const observer of this.observers) observer.ended(entry, ending);
    if (entry.heldAs === 'leased') this.#deliveries.ended(entry);
    else if (entry.heldAs === 'paged' && !this.isPurged(entry)) this.#pagedLeft(entry);
    entry.state = 'gone';
    this.dequeued++;
    this.#room.changed();
    // Its group may be free now.
    if (this.policy.groups === 'locked') this.dispatch();
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
  browse(after: number, limit: number): Promise<readonly Browsed[]> {
    const { store, window } = this.#context;
    const page = { entries: limit, bytes: window.bytes };
    return browse(this, store, () => this.#entriesInMemory(), Math.max(after, this.#floor), page);
  }

  /**
   * Removes everything, in flight and delayed entries too, in time that does not depend on how much there is.
   * @returns how many entries were removed.
   */
  async purge(): Promise<number> {
    const { store } = this.#context;
    const upToSeq = store.nextId();
    await store.write(this.bands.ids.map((queueId) => ({ kind: 'purge', queueId, upToSeq })));
    const removed = this.readyCount + this.inFlightCount + this.delayedCount;
    this.#forgetAll(upToSeq);
    return removed;
  }

  /** Its consumers are told and its pulls refused; removing it from the store is the caller's part. */
  markDeleted(): void {
    this.#deleted = true;
    // Transactions that begin before and end later find it so.
    this.declared = false;
    this.#forgetAll(Infinity);
    this.#receivers.dismiss(new BrokerError('not-found', `queue "${this.name}" was deleted`));
  }

  /** Drops entries at the head that are older than the policy's retention. */
  sweepRetention(): void {
    if (this.policy.retentionMs === undefined) return;
    this.#endings.dropOld(this.#backlog, this.#dispatcher.parked);
  }

  /** Drops the entry at `seq` if it has expired, wherever it is. */
  async sweepExpired(seq: number): Promise<void> {
    const entry = await this.fetch(seq);
    if (entry?.state === 'ready' || entry?.state === 'paged') this.#endings.dropIfOver(entry);
  }

  /** The engine closes: stops timers, and answers who waits. */
  stop(): void {
    this.#deliveries.stop();
    this.delay.stop();
    this.#receivers.finishPulls();
  }

  #pagedLeft(entry: Entry): void {
    // It may have been read in as another object while its settlement was under way.
    const twin = this.#find(entry.seq);
    if (twin === undefined) this.#backlog.pagedLeft(entry);
    else if (this.reserve(twin) && twin.heldAs === 'leased') this.#deliveries.ended(twin);
  }

  #find(seq: number): Entry | undefined {
    const entry = this.#deliveries.find(seq) ?? this.#backlog.find(seq) ?? this.#dispatcher.parked.find(seq);
    if (entry !== undefined) return entry;
    for (const held of this.#receivers.held()) if (held.seq === seq) return held;
    return undefined;
  }

  *#entriesInMemory(): IterableIterator<Entry> {
    yield* this.#backlog;
    for (const entry of this.#dispatcher.parked) yield entry;
    yield* this.#deliveries;
  }

  #forgetAll(upToSeq: number): void {
    this.#backlog.clear(upToSeq);
    this.#dispatcher.clear();
    this.#deliveries.clear();
    this.delay.clear();
    this.#floor = upToSeq;
    this.#room.changed();
  }

  #refuseIfDeleted(): void {
    if (this.#deleted) throw new BrokerError('not-found', `queue "${this.name}" was deleted`);
  }
}
