// A session (MQTT 3.1.1 and 5, 4.1): the subscriptions of a client identifier, the queue that they feed, the groups that it
// shares subscriptions with, and the QoS 2 packets under way from it. One that ends with its connection is not in the store.

import type { Broker } from '../../core/broker.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Publisher } from '../../core/subscriber.ts';
import type { Subscription } from '../../core/topics.ts';
import type { Transaction } from '../../core/transaction.ts';
import { SparseMap, SparseSet } from '../../util/sparse.ts';
import type { SubscriptionOptions } from './codec/subscribe.ts';
import { GrantedFilters } from './granted-filters.ts';
import { idOf } from './packet-token.ts';
import { declareQueue, findQueue } from './session-queue.ts';
import { encodeOptions, pairKey, present, recordType } from './session-records.ts';
import type { Expiry } from './session-records.ts';
import type { Group, SharedSubscriptions } from './shared-subscriptions.ts';
import { sharedFilter, swapNames } from './topic-names.ts';

const queuePrefix = 'mqtt:';

interface Held {
  readonly subscription: Subscription;
  readonly options: SubscriptionOptions;
}

/** A membership in a shared subscription. */
export interface Share {
  readonly group: Group;
  readonly options: SubscriptionOptions;
}

/** Subscriptions beyond this many are refused. */
const maxSubscriptions = 100_000;

/** What all sessions share. */
export interface SessionContext {
  readonly broker: Broker;
  readonly sharing: SharedSubscriptions;
  /** Of all sessions, connected or not. */
  readonly counts: { subscriptions: number; shares: number };
}

export class Session implements Publisher {
  readonly clientId: string;
  readonly durable: boolean;
  expiry: Expiry;
  /** Who made it, or took it up; undefined: not known. */
  user: string | undefined;
  /** A connection has it. While none has, QoS 0 messages are not kept for it. */
  online = false;
  readonly granted = new GrantedFilters();
  /** By filter, `$share/…` and all. */
  readonly shares = new SparseMap<string, Share>();
  /** Identifiers of received QoS 2 packets whose PUBREL has not come [MQTT-4.3.3-2]. */
  readonly inbound = new SparseSet<number>();
  /** Identifiers of packets that were sent on an earlier connection, and not acknowledged. */
  readonly reserved = new SparseSet<number>();
  /** Published by the client itself, and refused by a subscription that is not local: for as long as they are in memory. */
  readonly own = new WeakSet<Message>();
  /** Entries up to here may have been sent before the engine failed. */
  doubtfulUpTo = 0;
  lastPacketId = 0;

  readonly #broker: Broker;
  readonly #sharing: SharedSubscriptions;
  readonly #counts: SessionContext['counts'];
  readonly #subscriptions = new Map<string, Held>();
  #queue: Queue | undefined;
  #discarded = false;

  constructor({ broker, sharing, counts }: SessionContext, clientId: string, expiry: Expiry) {
    this.#broker = broker;
    this.#sharing = sharing;
    this.#counts = counts;
    this.clientId = clientId;
    this.expiry = expiry;
    this.durable = expiry.seconds > 0;
    // What came before the engine started, even if nothing is subscribed to any more.
    if (this.durable) this.#queue = findQueue(broker, queuePrefix + clientId);
  }

  /** The queue, once there is a subscription to feed it. Made anew if an administrator deleted it, while the session lasts. */
  get queue(): Queue | undefined {
    if (this.#queue?.deleted !== true) return this.#queue;
    return this.#discarded ? undefined : this.#ensureQueue();
  }

  /** The filters of all its subscriptions, `$share/…` and all. */
  *filters(): IterableIterator<string> {
    yield* this.#subscriptions.keys();
    yield* this.shares.keys();
  }

  has(filter: string): boolean {
    return this.#subscriptions.has(filter) || this.shares.has(filter);
  }

  /**
   * Makes the subscription, or replaces the one with the same filter [MQTT-3.8.4-3]. Returns what undoes that; undefined:
   * there are too many.
   */
  subscribe(filter: string, options: SubscriptionOptions): (() => void) | undefined {
    if (!this.has(filter) && this.#subscriptions.size + this.shares.size >= maxSubscriptions) return undefined;
    const shared = sharedFilter(filter);
    const previous = this.#subscriptions.get(filter)?.options ?? this.shares.get(filter)?.options;
    if (shared === undefined) this.#feed(filter, options);
    else {
      // QoS 2 messages of the group become the session's before they are sent.
      this.#ensureQueue();
      if (!this.shares.has(filter)) this.#counts.shares++;
      this.shares.set(filter, { group: this.#sharing.join(shared, this, options.qos), options });
    }
    return previous === undefined ? () => this.unsubscribe(filter) : () => this.subscribe(filter, previous);
  }

  /** Returns what undoes it; undefined: there was none with exactly this filter [MQTT-3.10.4-1]. */
  unsubscribe(filter: string): (() => void) | undefined {
    const share = this.shares.get(filter);
    if (share !== undefined) {
      this.shares.delete(filter);
      this.#counts.shares--;
      this.#sharing.leave(sharedFilter(filter)!, this);
      return () => this.subscribe(filter, share.options);
    }
    const held = this.#subscriptions.get(filter);
    if (held === undefined) return undefined;
    this.#broker.topics.unsubscribe(held.subscription);
    this.#subscriptions.delete(filter);
    this.#counts.subscriptions--;
    this.granted.delete(held.subscription.filter);
    return () => this.subscribe(filter, held.options);
  }

  recordSubscription(transaction: Transaction, filter: string, options: SubscriptionOptions | undefined): void {
    if (!this.durable) return;
    const value = options === undefined ? undefined : encodeOptions(options);
    transaction.record(recordType.subscription, pairKey(this.clientId, filter), value);
  }

  recordInbound(transaction: Transaction, packetId: number, isPresent: boolean): void {
    if (!this.durable) return;
    transaction.record(recordType.inbound, pairKey(this.clientId, packetId), isPresent ? present : undefined);
  }

  /**
   * Finds out what was under way when the engine stopped. Packets in flight are among the first entries of the queue:
   * none was sent beyond `maxInFlight` unacknowledged ones. Any of them up to `doubtfulUpTo` may have been sent without
   * that being stored.
   */
  async recover(maxInFlight: number, doubtfulUpTo: number): Promise<void> {
    let last = 0;
    for (let left = maxInFlight; left > 0 && this.#queue !== undefined;) {
      const entries = (await this.#queue.browse(last, left)).map(({ entry }) => entry);
      if (entries.length === 0) break;
      for (const { token } of entries) if (token !== undefined) this.reserved.add(idOf(token));
      left -= entries.length;
      last = entries.at(-1)!.seq;
    }
    this.doubtfulUpTo = Math.min(last, doubtfulUpTo);
  }

  /**
   * Stops feeding the queue, and deletes it, with all records of the session.
   * @throws BrokerError as Store.write does: then the session is as it was.
   */
  async discard(): Promise<void> {
    const { topics } = this.#broker;
    const queue = this.#queue?.deleted === true ? undefined : this.#queue;
    for (const { subscription } of this.#subscriptions.values()) topics.unsubscribe(subscription);
    this.#discarded = true;
    if (!this.durable) {
      this.#countOut();
      this.#leaveShares();
      if (queue !== undefined) await this.#broker.delete(queue);
      return;
    }
    try {
      await this.#discardStored(queue);
    } catch (error) {
      for (const { subscription } of this.#subscriptions.values()) topics.subscribe(subscription);
      this.#discarded = false;
      if (queue !== undefined) queue.isStored = true;
      throw error;
    }
    this.#countOut();
    this.#leaveShares();
    if (queue !== undefined) this.#broker.forget(queue);
  }

  #countOut(): void {
    this.#counts.subscriptions -= this.#subscriptions.size;
    this.#counts.shares -= this.shares.size;
  }

  #leaveShares(): void {
    for (const filter of this.shares.keys()) this.#sharing.leave(sharedFilter(filter)!, this);
    this.shares.clear();
  }

  #discardStored(queue: Queue | undefined): Promise<void> {
    const transaction = this.#broker.transaction();
    transaction.record(recordType.session, this.clientId, undefined);
    for (const filter of this.#subscriptions.keys()) this.recordSubscription(transaction, filter, undefined);
    for (const filter of this.shares.keys()) this.recordSubscription(transaction, filter, undefined);
    for (const id of this.inbound) this.recordInbound(transaction, id, false);
    if (queue !== undefined) for (const change of this.#broker.dropping(queue)) transaction.change(change);
    return transaction.commit();
  }

  #feed(filter: string, options: SubscriptionOptions): void {
    const previous = this.#subscriptions.get(filter);
    const coreFilter = swapNames(filter);
    const subscription = { filter: coreFilter, queue: this.#ensureQueue(), accepts: this.#acceptance(options) };
    this.#broker.topics.subscribe(subscription);
    if (previous !== undefined) this.#broker.topics.unsubscribe(previous.subscription);
    if (previous === undefined) this.#counts.subscriptions++;
    this.#subscriptions.set(filter, { subscription, options });
    this.granted.set(coreFilter, options);
  }

  /** Undefined: every message. */
  #acceptance({ qos, noLocal }: SubscriptionOptions): Subscription['accepts'] {
    const isKept = (message: Message): boolean => !this.durable || this.online || (qos > 0 && message.durable);
    if (!noLocal) return this.durable ? isKept : undefined;
    return (message, publisher) => {
      if (!this.#isPublishedBy(publisher)) return isKept(message);
      this.own.add(message); // [MQTT-3.8.3-3 of 5]
      return false;
    };
  }

  /** By identifier: the session may be another by now. */
  #isPublishedBy(publisher: unknown): boolean {
    return publisher instanceof Session && publisher.clientId === this.clientId;
  }

  #ensureQueue(): Queue {
    if (this.#queue !== undefined && !this.#queue.deleted) return this.#queue;
    const name = queuePrefix + this.clientId;
    const queue = findQueue(this.#broker, name) ?? declareQueue(this.#broker, name, this.durable);
    const lost = this.#queue !== undefined;
    this.#queue = queue;
    // An administrator deleted the queue: the other subscriptions feed the new one.
    if (lost) for (const [filter, { options }] of Array.from(this.#subscriptions)) this.#feed(filter, options);
    return queue;
  }
}
