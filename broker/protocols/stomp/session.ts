// What a connected client has: its version, subscriptions and transactions. The handlers of its frames work on this;
// the socket is connection.ts's.

import type { Principal } from '../../core/access.ts';
import { subscriptions as subscriptionNamespace } from '../../core/namespaces.ts';
import type { Broker } from '../../core/broker.ts';
import type { ConnectedClient } from '../../core/clients.ts';
import type { DialectLimits } from '../../core/dialect.ts';
import type { Entry } from '../../core/entry.ts';
import type { Consumer } from '../../core/consumer.ts';
import { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Subscription as TopicSubscription } from '../../core/topics.ts';
import type { Clock } from '../../util/clock.ts';
import { BodyKeeper } from './body-keeper.ts';
import type { Commits } from './commits.ts';
import type { Output } from './output.ts';
import { Subscription } from './subscription.ts';
import type { AckMode, SubscriptionOptions } from './subscription.ts';
import { OpenTransaction, transactionLimits } from './transaction.ts';
import type { Frame } from './wire/frame.ts';
import type { Version } from './wire/version.ts';

export interface SessionOptions {
  readonly id: string;
  readonly version: Version;
  readonly principal: Principal;
  readonly client: ConnectedClient;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly limits: DialectLimits;
  readonly output: Output;
  readonly commits: Commits;
  /** Ends the connection for a reason that is no frame's fault. */
  readonly fail: (error: BrokerError) => void;
}

export interface SubscribeOptions extends Pick<SubscriptionOptions, 'id' | 'destination' | 'prefetch' | 'selector'> {
  readonly ackMode: AckMode;
  /** Topics only: not what this connection sends. */
  readonly noLocal: boolean;
}

/** More than any client needs, and a bound on what one can make. */
const maxSubscriptions = 10_000;

export class Session {
  readonly id: string;
  readonly version: Version;
  readonly principal: Principal;
  readonly client: ConnectedClient;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly limits: DialectLimits;
  readonly commits: Commits;
  readonly bodies = new BodyKeeper();
  readonly transactions = new Map<string, OpenTransaction>();
  /** By the server's number. */
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #byId = new Map<string, Subscription>();
  readonly #byConsumer = new Map<Consumer, Subscription>();
  readonly #topicSubscriptions = new Map<Subscription, TopicSubscription>();
  /** Those whose window opened by the frames of this turn. */
  readonly #refreshed = new Set<Subscription>();
  readonly #output: Output;
  readonly #fail: (error: BrokerError) => void;
  #lastMessage = 0;
  #lastSubscription = 0;
  #closed = false;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.version = options.version;
    this.principal = options.principal;
    this.client = options.client;
    this.broker = options.broker;
    this.clock = options.clock;
    this.limits = options.limits;
    this.commits = options.commits;
    this.#output = options.output;
    this.#fail = options.fail;
  }

  /** The header `client-id` of CONNECT, which names who comes back to a durable subscription. */
  get clientId(): string | undefined {
    return this.client.clientId;
  }

  /** `ID:` is what JMS clients expect of a message's id. */
  nextMessageId(): string {
    this.#lastMessage += 1;
    return `ID:${this.id}-${this.#lastMessage}`;
  }

  // ---- transactions

  /** @throws BrokerError `exists`, or `limit`. */
  begin(name: string): void {
    if (this.transactions.has(name)) throw new BrokerError('exists', `transaction "${name}" has begun already`);
    if (this.transactions.size >= transactionLimits.open) {
      throw new BrokerError('limit', `more than ${transactionLimits.open} open transactions`);
    }
    this.transactions.set(name, new OpenTransaction(this.broker.transaction(), 2 * this.limits.maxMessageBytes));
  }

  /** Takes a transaction out, to be committed or aborted. */
  end(name: string): OpenTransaction {
    const transaction = this.transaction(name);
    this.transactions.delete(name);
    return transaction;
  }

  /** @throws BrokerError `not-found`. */
  transaction(name: string): OpenTransaction {
    const transaction = this.transactions.get(name);
    if (transaction === undefined) throw new BrokerError('not-found', `transaction "${name}" has not begun`);
    return transaction;
  }

  /** The transaction that a frame names; undefined: it names none. */
  transactionOf(frame: Frame): OpenTransaction | undefined {
    const name = frame.headers.get('transaction');
    return name === undefined ? undefined : this.transaction(name);
  }

  // ---- subscriptions

  subscriptions(): IterableIterator<Subscription> {
    return this.#subscriptions.values();
  }

  subscription(numberOrId: number | string): Subscription | undefined {
    return typeof numberOrId === 'number' ? this.#subscriptions.get(numberOrId) : this.#byId.get(numberOrId);
  }

  /** Takes messages at once, and sends them once it is started. */
  subscribe(options: SubscribeOptions): Subscription {
    const { id, destination, noLocal, selector } = options;
    if (id !== undefined && this.#byId.has(id)) throw new BrokerError('exists', `subscription "${id}" exists already`);
    if (this.#subscriptions.size >= maxSubscriptions) {
      throw new BrokerError('limit', `more than ${maxSubscriptions} subscriptions`);
    }
    this.#lastSubscription += 1;
    const number = this.#lastSubscription;
    const isTopic = destination.kind === 'topic';
    const queue = isTopic ? this.#declareTopicQueue(number, destination.name) : this.broker.queue(destination.name);
    const subscription = new Subscription({
      ...options,
      number,
      version: this.version,
      queue,
      output: this.#output,
      onDelivered: () => (this.client.messagesOut += 1),
      onQueueDeleted: () => this.#queueDeleted(subscription),
    });
    this.#subscriptions.set(number, subscription);
    this.#byConsumer.set(subscription.consumer, subscription);
    if (id !== undefined) this.#byId.set(id, subscription);
    if (isTopic) {
      const accepts =
        noLocal || selector !== undefined
          ? (message: Message, publisher: unknown) =>
              !(noLocal && publisher === this) && (selector === undefined || selector(message))
          : undefined;
      const topicSubscription = { filter: destination.name, queue, accepts };
      this.broker.topics.subscribe(topicSubscription);
      this.#topicSubscriptions.set(subscription, topicSubscription);
    }
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    this.#subscriptions.delete(subscription.number);
    this.#byConsumer.delete(subscription.consumer);
    if (subscription.id !== undefined) this.#byId.delete(subscription.id);
    const topicSubscription = this.#topicSubscriptions.get(subscription);
    if (topicSubscription !== undefined) {
      this.#topicSubscriptions.delete(subscription);
      this.broker.topics.unsubscribe(topicSubscription);
    }
    subscription.close();
    if (topicSubscription === undefined) return;
    const { queue } = topicSubscription;
    this.broker.background(this.broker.delete(queue), `delete the queue of a subscription to "${queue.name}"`);
  }

  // ---- flow

  /** Its window opened: what it may get is looked at once, when the frames that came together are through. */
  refreshLater(subscription: Subscription): void {
    this.#refreshed.add(subscription);
  }

  refresh(): void {
    for (const subscription of this.#refreshed) subscription.refreshCredit();
    this.#refreshed.clear();
  }

  /** The socket is full, or has room again. */
  refreshAll(): void {
    for (const subscription of this.#subscriptions.values()) subscription.refreshCredit();
  }

  /** Mode auto: "The server will assume the client has received the message as soon as it sends it." */
  settleSent(entries: readonly Entry[]): void {
    const transaction = this.broker.transaction();
    const counts = new Map<Subscription, number>();
    for (const entry of entries) {
      const subscription = entry.consumer && this.#byConsumer.get(entry.consumer);
      // Unsubscribed since: it went back to the queue.
      if (subscription === undefined) continue;
      if (transaction.settle(entry)) this.broker.delivered += 1;
      counts.set(subscription, (counts.get(subscription) ?? 0) + 1);
    }
    const settled = (): void => {
      for (const [subscription, count] of counts) subscription.settled(count);
    };
    this.broker.background(transaction.commit().then(settled), 'settle what was sent', settled);
  }

  /** Gives back what it holds, and ends its subscriptions and transactions. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // "Any started transactions which have not been committed will be implicitly aborted."
    for (const subscription of this.#subscriptions.values()) this.unsubscribe(subscription);
    for (const transaction of this.transactions.values()) transaction.abort();
    this.transactions.clear();
  }

  #declareTopicQueue(number: number, filter: string): Queue {
    return this.broker.declare({
      namespace: subscriptionNamespace,
      name: `stomp.${this.id}.${number}`,
      durable: false,
      attributes: { filter, client: this.client.address },
    });
  }

  #queueDeleted(subscription: Subscription): void {
    if (!this.#subscriptions.has(subscription.number)) return;
    this.#fail(new BrokerError('not-found', `queue "${subscription.queue.name}" of a subscription was deleted`));
  }
}
