// A session (MQTT 3.1.1, 3.1.2.4 and 4.1): the subscriptions of a client identifier, the queue that they feed, and the QoS 2
// packets under way from it. A clean one lasts as long as its connection and is not in the store.

import { subscriptions as namespace } from '../../core/namespaces.ts';
import type { Broker } from '../../core/broker.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Subscription } from '../../core/topics.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Qos } from './codec/qos.ts';
import { GrantedFilters } from './delivery-qos.ts';
import { idOf } from './packet-token.ts';
import { encodeQos, pairKey, present, recordType } from './session-records.ts';
import { swapNames } from './topic-names.ts';

const queuePrefix = 'mqtt:';

interface Held {
  readonly subscription: Subscription;
  readonly qos: Qos;
}

/** Subscriptions beyond this many are refused. */
const maxSubscriptions = 100_000;

export class Session {
  readonly clientId: string;
  readonly durable: boolean;
  /** A connection has it. While none has, QoS 0 messages are not kept for it. */
  online = false;
  readonly granted = new GrantedFilters();
  /** Identifiers of received QoS 2 packets whose PUBREL has not come [MQTT-4.3.3-2]. */
  readonly inbound = new Set<number>();
  /** Identifiers of packets that were sent on an earlier connection, and not acknowledged. */
  readonly reserved = new Set<number>();
  /** Entries up to here may have been sent before the engine failed. */
  doubtfulUpTo = 0;
  lastPacketId = 0;

  readonly #broker: Broker;
  readonly #subscriptions = new Map<string, Held>();
  #queue: Queue | undefined;

  constructor(broker: Broker, clientId: string, durable: boolean) {
    this.#broker = broker;
    this.clientId = clientId;
    this.durable = durable;
    // What came before the engine started, even if nothing is subscribed to any more.
    if (durable) this.#queue = broker.find(namespace, queuePrefix + clientId);
  }

  /** The queue, once there is a subscription to feed it. Made anew if an administrator deleted it. */
  get queue(): Queue | undefined {
    return this.#queue?.deleted === true ? this.#ensureQueue() : this.#queue;
  }

  /**
   * Makes the subscription, or replaces the one with the same filter [MQTT-3.8.4-3]. Returns what undoes that; undefined:
   * there are too many.
   */
  subscribe(filter: string, qos: Qos): (() => void) | undefined {
    const previous = this.#subscriptions.get(filter);
    if (previous === undefined && this.#subscriptions.size >= maxSubscriptions) return undefined;
    const coreFilter = swapNames(filter);
    const accepts = this.durable
      ? (message: Message): boolean => this.online || (qos > 0 && message.durable)
      : undefined;
    const subscription = { filter: coreFilter, queue: this.#ensureQueue(), accepts };
    this.#broker.topics.subscribe(subscription);
    if (previous !== undefined) this.#broker.topics.unsubscribe(previous.subscription);
    this.#subscriptions.set(filter, { subscription, qos });
    this.granted.set(coreFilter, qos);
    return previous === undefined ? () => this.unsubscribe(filter) : () => this.subscribe(filter, previous.qos);
  }

  /** Returns what undoes it; undefined: there was none with exactly this filter [MQTT-3.10.4-1]. */
  unsubscribe(filter: string): (() => void) | undefined {
    const held = this.#subscriptions.get(filter);
    if (held === undefined) return undefined;
    this.#broker.topics.unsubscribe(held.subscription);
    this.#subscriptions.delete(filter);
    this.granted.delete(held.subscription.filter);
    return () => this.subscribe(filter, held.qos);
  }

  recordSubscription(transaction: Transaction, filter: string, qos: Qos | undefined): void {
    if (!this.durable) return;
    const value = qos === undefined ? undefined : encodeQos(qos);
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
    if (!this.durable) {
      if (queue !== undefined) await this.#broker.delete(queue);
      return;
    }
    try {
      await this.#discardStored(queue);
    } catch (error) {
      for (const { subscription } of this.#subscriptions.values()) topics.subscribe(subscription);
      throw error;
    }
    if (queue !== undefined) this.#broker.forget(queue);
  }

  #discardStored(queue: Queue | undefined): Promise<void> {
    const transaction = this.#broker.transaction();
    transaction.record(recordType.session, this.clientId, undefined);
    for (const filter of this.#subscriptions.keys()) this.recordSubscription(transaction, filter, undefined);
    for (const id of this.inbound) this.recordInbound(transaction, id, false);
    if (queue?.isStored === true) transaction.change({ kind: 'drop-queue', queueId: queue.id });
    return transaction.commit();
  }

  #ensureQueue(): Queue {
    if (this.#queue !== undefined && !this.#queue.deleted) return this.#queue;
    const name = queuePrefix + this.clientId;
    const queue =
      this.#broker.find(namespace, name) ?? this.#broker.declare({ namespace, name, durable: this.durable });
    const lost = this.#queue !== undefined;
    this.#queue = queue;
    // An administrator deleted the queue: the other subscriptions feed the new one.
    if (lost) for (const [filter, { qos }] of Array.from(this.#subscriptions)) this.subscribe(filter, qos);
    return queue;
  }
}
