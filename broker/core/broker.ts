// The broker: all queues and topics of both worlds by name, over one store. Dialects, the cloud's APIs and bridges
// work through it; it knows none of them.

import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import { formatAddress, isTopic } from './address.ts';
import type { Destination } from './address.ts';
import { Advisories } from './advisories.ts';
import { endCopy, restoreCopies } from './copies.ts';
import { defaultPolicy, DestinationPolicies } from './destination-policies.ts';
import type { PolicyEntry, PolicySettings } from './destination-policies.ts';
import type { Entry } from './entry.ts';
import { BrokerError } from './errors.ts';
import { ExpirySweep } from './expiry-sweep.ts';
import { Flow } from './flow.ts';
import type { FlowLimits } from './flow.ts';
import { MemoryBudget } from './memory-budget.ts';
import type { Message } from './message.ts';
import { bands, destinationOf, mq, subscriptions, temporary } from './namespaces.ts';
import { NamedSubscriptions } from './named-subscriptions.ts';
import type { Ending } from './observation.ts';
import { bandsByQueue } from './priority-bands.ts';
import { Queue } from './queue.ts';
import { defaultWindow } from './queue-context.ts';
import type { QueueContext, Window } from './queue-context.ts';
import { QueueBrowser } from './queue-browser.ts';
import type { BrowseOptions } from './queue-browser.ts';
import type { QueuePolicy } from './queue-policy.ts';
import { defaultRouting, Router } from './router.ts';
import type { RoutingSettings } from './router.ts';
import type { Change, QueueDefinition, Store } from './store.ts';
import { RetainedMessages } from './retained.ts';
import { managementTopic, Scheduler } from './scheduler.ts';
import type { Schedule } from './scheduler.ts';
import { Subscriber } from './subscriber.ts';
import type { Publisher, SubscribeOptions } from './subscriber.ts';
import { Temporary } from './temporary.ts';
import { TopicMemory } from './topic-memory.ts';
import { matches, Topics } from './topics.ts';
import { Transaction } from './transaction.ts';
import type { PutOptions } from './transaction.ts';

export interface BrokerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of messages that all queues together hold in memory before they leave more on disk. */
  readonly memoryLimitBytes: number;
  readonly window?: Window;
  /** What holds for all queues and topics; absent: ActiveMQ's defaults. */
  readonly policy?: PolicySettings;
  /** What holds for some of them instead. */
  readonly policies?: readonly PolicyEntry[];
  readonly routing?: RoutingSettings;
  readonly flow?: FlowLimits;
}

export interface SendOptions extends PutOptions {
  /** Who sends: subscriptions may refuse their own messages. */
  readonly publisher?: Publisher | undefined;
  /** The message is sent when that says, and again; its delay counts before the first time. */
  readonly schedule?: Schedule | undefined;
}

interface PolicySubject extends Pick<QueueDefinition, 'namespace' | 'name' | 'attributes'> {
  readonly isDurable?: boolean;
}

interface QueueWatcher {
  readonly namespace: string;
  readonly filter: string;
  readonly onQueue: (queue: Queue) => void;
}

export class Broker {
  readonly store: Store;
  readonly clock: Clock;
  readonly topics = new Topics();
  readonly retained: RetainedMessages;
  readonly policies: DestinationPolicies;
  readonly router: Router;
  readonly topicMemory: TopicMemory;
  readonly flow: Flow;
  readonly advisories = new Advisories(this);
  readonly scheduler = new Scheduler(this);
  readonly subscriptions = new NamedSubscriptions(this);
  readonly temporary = new Temporary(this);
  readonly budget: MemoryBudget;
  readonly #log: Log;
  readonly #queues = new Map<string, Map<string, Queue>>();
  readonly #context: QueueContext;
  /** Who receives from all queues within a filter. */
  readonly #watchers = new Set<QueueWatcher>();
  readonly #expirySweep = new ExpirySweep(this);
  #closed = false;

  // Totals since the engine started.
  received = 0;
  delivered = 0;

  constructor(options: BrokerOptions) {
    const { store, clock, log } = options;
    this.store = store;
    this.clock = clock;
    this.#log = log;
    this.budget = new MemoryBudget(options.memoryLimitBytes);
    this.retained = new RetainedMessages({
      store,
      clock,
      log,
      background: (work, what) => this.background(work, what),
    });
    const { policy = defaultPolicy, policies = [], routing = defaultRouting } = options;
    this.policies = new DestinationPolicies(policies, policy, (name) => this.queue(name));
    this.router = new Router(this, routing);
    this.flow = new Flow(this, options.flow ?? {});
    const hasRecovery = [policy, ...policies].some(({ recovery }) => recovery !== undefined);
    this.topicMemory = new TopicMemory(this, this.retained, (name) =>
      hasRecovery ? this.policies.of({ kind: 'topic', name }).recovery : undefined,
    );
    this.#context = {
      store,
      clock,
      budget: this.budget,
      window: options.window ?? defaultWindow,
      deadLetter: (entry, reason) => this.deadLetter(entry, reason),
      expire: (entry) => this.#expire(entry),
      discard: (entry) => this.#drop(entry),
      onFull: (queue) => this.#tell(queue, (destination) => this.advisories.full(destination)),
      background: (work, what, onFailure) => this.background(work, what, onFailure),
    };
  }

  /** Takes over the queues that the store holds. `policyOf`: the policy of each, by its namespace and attributes. */
  async start(policyOf: (definition: QueueDefinition) => QueuePolicy | undefined): Promise<void> {
    const all = await this.store.readQueues();
    const bandsOf = bandsByQueue(all);
    for (const stored of all) {
      if (stored.namespace === bands) continue;
      const policy = policyOf(stored) ?? this.#defaultPolicy(stored);
      const storedBands = bandsOf.get(stored.id) ?? [];
      const queue = new Queue(stored, { durable: true, policy, bands: storedBands }, this.#context);
      queue.restore(stored, storedBands);
      this.#register(queue);
      if (queue.namespace === subscriptions) this.subscriptions.restore(queue);
    }
    restoreCopies(this);
    await this.retained.restore();
    this.scheduler.start();
    this.flow.start();
    this.#expirySweep.start();
  }

  // ---- queues

  /** The queue that applications name, made on first use. */
  queue(name: string): Queue {
    return this.find(mq, name) ?? this.declare({ namespace: mq, name });
  }

  find(namespace: string, name: string): Queue | undefined {
    return this.#queues.get(namespace)?.get(name);
  }

  /** The queue of a destination that is one, if it is there. */
  findQueue({ kind, name }: Destination): Queue | undefined {
    return this.find(kind === 'temp-queue' ? temporary : mq, name);
  }

  /** The queues of one namespace, or of all. */
  *queues(namespace?: string): IterableIterator<Queue> {
    if (namespace !== undefined) {
      yield* this.#queues.get(namespace)?.values() ?? [];
      return;
    }
    for (const byName of this.#queues.values()) yield* byName.values();
  }

  namespaces(): Iterable<string> {
    return this.#queues.keys();
  }

  /**
   * Makes a queue. It is in memory at once, and in the store with its first put: who needs it there before awaits
   * `save`.
   * @throws BrokerError `exists`.
   */
  declare(options: {
    readonly namespace: string;
    readonly name: string;
    /** Default true. */
    readonly durable?: boolean;
    readonly policy?: QueuePolicy;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }): Queue {
    const { namespace, name, durable = true, attributes = {} } = options;
    if (this.find(namespace, name) !== undefined) throw new BrokerError('exists', `queue "${name}" exists`);
    const definition = { id: this.store.nextId(), namespace, name, createdAt: this.clock.now(), attributes };
    const policy = options.policy ?? this.#defaultPolicy({ ...definition, isDurable: durable });
    const queue = new Queue(definition, { durable, policy }, this.#context);
    this.#register(queue);
    this.#announce(queue, true);
    return queue;
  }

  /** Writes the queue's definition, with its attributes as they are; `before`: what else is written, in the same transaction. */
  async save(queue: Queue, before: readonly Change[] = []): Promise<void> {
    if (!queue.durable) return;
    const definitions = queue.bands
      .definitions(queue.definition)
      .map((definition): Change => ({ kind: 'queue', queue: definition }));
    await this.store.write([...before, ...definitions]);
    queue.declared = true;
  }

  /**
   * Calls for every queue within the filter, of those that applications name unless told otherwise, now and as they come, until what
   * is returned is called.
   */
  watchQueues(filter: string, onQueue: (queue: Queue) => void, namespace = mq): () => void {
    const watcher = { namespace, filter, onQueue };
    this.#watchers.add(watcher);
    for (const queue of Array.from(this.queues(namespace))) if (matches(filter, queue.name)) onQueue(queue);
    return () => this.#watchers.delete(watcher);
  }

  /** Removes the queue with all that it holds, and all that is put into it meanwhile. */
  async delete(queue: Queue): Promise<void> {
    const drop = this.dropping(queue);
    const dropped = this.store.write(drop);
    if (!queue.durable) this.background(dropped, `drop what queue "${queue.name}" spilled`);
    else {
      await dropped.catch((error: unknown) => {
        queue.isStored = drop.length > 0;
        throw error;
      });
    }
    this.forget(queue);
  }

  /**
   * What removes the queue from the store. Once that is written, it is to be forgotten; if it is refused, something of the queue
   * is stored yet.
   */
  dropping(queue: Queue): readonly Change[] {
    if (!queue.isStored) return [];
    // It is, again, once something is put into it.
    queue.isStored = false;
    return queue.bands.ids.map((queueId) => ({ kind: 'drop-queue', queueId }));
  }

  /** Removes a queue that the store does not know: its first save was refused, or it was dropped. */
  forget(queue: Queue): void {
    this.#queues.get(queue.namespace)?.delete(queue.name);
    this.router.queueRemoved(queue);
    endCopy(this, queue);
    queue.markDeleted();
    // What was put behind its drop goes the same way.
    const left = this.dropping(queue);
    if (left.length > 0) this.background(this.store.write(left), `drop what is left of queue "${queue.name}"`);
    this.#announce(queue, false);
  }

  // ---- messages

  transaction(): Transaction {
    return new Transaction(this.store, this.clock);
  }

  /**
   * Adds the message to the transaction: into the queue, or into every queue subscribed to the topic; of a composite,
   * into all of these, each once.
   * @throws BrokerError `not-found` for a temporary destination that is gone.
   */
  send(
    transaction: Transaction,
    to: Destination | readonly Destination[],
    message: Message,
    options: SendOptions = {},
  ): void {
    const isScheduled = options.schedule !== undefined || options.delayMs !== undefined;
    if (isScheduled && this.#schedule(transaction, to, message, options)) return;
    this.received++;
    const queues = this.router.queues(to, message, options.publisher);
    if ('kind' in to) this.#published(transaction, to, message);
    else for (const one of to) this.#published(transaction, one, message);
    if (queues.length > 0) transaction.put(queues, message, options);
  }

  /** Sends one message; resolves once it is as durable as it asks to be. Rejects as Transaction.commit does. */
  publish(to: Destination | readonly Destination[], message: Message, options?: SendOptions): Promise<void> {
    const transaction = this.transaction();
    this.send(transaction, to, message, options);
    return transaction.commit();
  }

  /** Undefined: go on. Otherwise no more is to be taken from a sender to there until it resolves. */
  heldBack(to: Destination | readonly Destination[]): Promise<void> | undefined {
    return this.flow.heldBack(to);
  }

  /**
   * Receives from queues and topics. What it names and is not there is made.
   * @throws BrokerError `invalid` for a bad selector; `not-found` and `not-allowed` for temporary destinations; as
   *   NamedSubscriptions.join for a named subscription.
   */
  subscribe(options: SubscribeOptions): Subscriber {
    return new Subscriber(this, options);
  }

  /** Looks through a queue. @throws BrokerError `invalid` for a bad selector. */
  browse(options: BrowseOptions): QueueBrowser {
    return new QueueBrowser(this, options);
  }

  /** Settles one entry; resolves once that is durable. */
  settle(entry: Entry): Promise<void> {
    const transaction = this.transaction();
    if (transaction.settle(entry)) this.delivered++;
    return transaction.commit();
  }

  /** Ends the entry as poison: into the dead-letter queue of its queue's policy, or away where there is none. */
  deadLetter(entry: Entry, reason: string): Promise<void> {
    const transaction = this.transaction();
    this.addDeadLetter(transaction, entry, reason);
    return transaction.commit();
  }

  /** As `deadLetter`, within a transaction. */
  addDeadLetter(transaction: Transaction, entry: Entry, reason: string): void {
    const { queue } = entry;
    const target = queue.policy.deadLetter?.target();
    if (target === undefined || target === queue) {
      // A dead letter that is rejected again is discarded, as ActiveMQ does.
      if (transaction.settle(entry, 'dead')) transaction.afterCommit(() => queue.deadLettered++);
      return;
    }
    const origin = formatAddress(destinationOf(queue) ?? { kind: 'queue', name: queue.name });
    const id = entry.message?.id;
    if (!transaction.move(entry, target, { reason, origin, at: this.clock.now() })) return;
    transaction.afterCommit(() => this.#tell(queue, (from) => this.advisories.deadLettered(from, id, reason)));
  }

  /** Work that nobody waits for: a failure is logged, then `onFailure` runs. */
  background(work: Promise<unknown>, what: string, onFailure?: () => void): void {
    work.catch((error: unknown) => {
      if (!this.#closed) this.#log.warn({ err: error }, what);
      onFailure?.();
    });
  }

  /** Stops timers and answers whoever waits; the store is closed by its owner. */
  close(): void {
    this.#closed = true;
    this.#expirySweep.stop();
    this.flow.stop();
    this.retained.close();
    for (const queue of this.queues()) queue.stop();
  }

  // ---- private

  #register(queue: Queue): void {
    let byName = this.#queues.get(queue.namespace);
    if (byName === undefined) this.#queues.set(queue.namespace, (byName = new Map<string, Queue>()));
    byName.set(queue.name, queue);
    this.router.queueAdded(queue);
    for (const { namespace, filter, onQueue } of this.#watchers) {
      if (queue.namespace === namespace && matches(filter, queue.name)) onQueue(queue);
    }
  }

  #published(transaction: Transaction, to: Destination, message: Message): void {
    if (to.kind !== 'topic') return;
    this.topicMemory.published(transaction, to.name, message);
    if (to.name === managementTopic) transaction.afterCommit(() => this.scheduler.manage(message));
  }

  /** False: it goes into its queues now, if only to wait there. */
  #schedule(
    transaction: Transaction,
    to: Destination | readonly Destination[],
    message: Message,
    { delayMs = 0, schedule }: SendOptions,
  ): boolean {
    const destinations = 'kind' in to ? [to] : to;
    const waitsInQueues = destinations.every((destination) => !isTopic(destination));
    if (schedule === undefined && (delayMs <= 0 || waitsInQueues)) return false;
    for (const one of destinations) this.scheduler.add(transaction, one, message, delayMs, schedule ?? {});
    return true;
  }

  #defaultPolicy({ namespace, name, attributes, isDurable = true }: PolicySubject): QueuePolicy {
    const destination = destinationOf({ namespace, name, attributes });
    return destination === undefined ? {} : this.policies.queuePolicy(destination, isDurable);
  }

  #announce(queue: Queue, isThere: boolean): void {
    if (queue.namespace === subscriptions) return;
    this.#tell(queue, (destination) => this.advisories.destination(destination, isThere));
  }

  #tell(queue: Queue, advise: (destination: Destination) => void): void {
    const destination = destinationOf(queue);
    if (destination !== undefined) advise(destination);
  }

  /** One more than may wait for a receiver. */
  #drop(entry: Entry): Promise<void> {
    const { queue } = entry;
    this.#tell(queue, (destination) => this.advisories.slowConsumer(destination, queue.discarded));
    return this.#discard(entry, 'dropped');
  }

  #expire(entry: Entry): Promise<void> {
    const id = entry.message?.id;
    this.#tell(entry.queue, (destination) => this.advisories.expired(destination, id));
    if (entry.queue.policy.deadLetter?.expired === true && entry.residence === 'durable') {
      return this.deadLetter(entry, 'expired');
    }
    return this.#discard(entry, 'expired');
  }

  #discard(entry: Entry, ending: Ending): Promise<void> {
    const transaction = this.transaction();
    transaction.settle(entry, ending);
    return transaction.commit();
  }
}
