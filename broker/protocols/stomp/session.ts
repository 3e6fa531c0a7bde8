// What a connected client has: its version, subscriptions and transactions. The handlers of its frames work on this;
// the socket is connection.ts's.

import type { Operation, Principal } from '../../core/access.ts';
import { isFilter, isTopic } from '../../core/address.ts';
import type { Destination } from '../../core/address.ts';
import type { Broker, SendOptions } from '../../core/broker.ts';
import type { ConnectedClient } from '../../core/clients.ts';
import type { DialectLimits } from '../../core/dialect.ts';
import type { Entry } from '../../core/entry.ts';
import { BrokerError } from '../../core/errors.ts';
import { mq } from '../../core/namespaces.ts';
import { compileSelector } from '../../core/selector.ts';
import type { SelectorSource } from '../../core/subscriber.ts';
import type { Clock } from '../../util/clock.ts';
import { BodyKeeper } from './body-keeper.ts';
import { Browser } from './browser.ts';
import type { Commits } from './commits.ts';
import { DeliveryHead } from './delivery-head.ts';
import { Destinations } from './destination.ts';
import type { TemporaryKind } from './destination.ts';
import type { Output } from './output.ts';
import { Subscription } from './subscription.ts';
import type { AckMode } from './subscription.ts';
import { Subscriptions } from './subscriptions.ts';
import { OpenTransaction, transactionLimits } from './transaction.ts';
import type { Transformation } from './transformation.ts';
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
  /** Whose messages they are, where they are to say so. */
  readonly user: string | undefined;
  readonly output: Output;
  readonly commits: Commits;
  /** Ends the connection for a reason that is no frame's fault. */
  readonly fail: (error: BrokerError) => void;
}

/** What SUBSCRIBE asks for. */
export interface SubscribeOptions {
  /** The client's name for it; 1.0 knows subscriptions without. */
  readonly id: string | undefined;
  readonly from: readonly Destination[];
  readonly ackMode: AckMode;
  /** Messages sent and not acknowledged, at most. */
  readonly prefetch: number;
  readonly selector: SelectorSource | undefined;
  /** Topics only: not what this connection sends. */
  readonly noLocal: boolean;
  readonly exclusive: boolean;
  readonly priority: number;
  /** Of topics: messages that may wait beyond the window. */
  readonly pendingLimit: number | undefined;
  /** Of topics: with what was sent before, as far as it is kept. */
  readonly retroactive: boolean;
  /** The name of a durable subscription. */
  readonly durableName: string | undefined;
  readonly transformation: Transformation | undefined;
}

export class Session {
  readonly id: string;
  readonly version: Version;
  readonly principal: Principal;
  readonly client: ConnectedClient;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly limits: DialectLimits;
  readonly user: string | undefined;
  readonly commits: Commits;
  readonly bodies = new BodyKeeper();
  readonly names: Destinations;
  /** For a message that is sent at once. */
  readonly sendOptions: SendOptions = { publisher: this };
  readonly transactions = new Map<string, OpenTransaction>();
  readonly subscriptions = new Subscriptions();
  /** Those whose window opened by the frames of this turn. */
  readonly #refreshed = new Set<Subscription>();
  readonly #output: Output;
  readonly #fail: (error: BrokerError) => void;
  #lastMessage = 0;
  #closed = false;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.version = options.version;
    this.principal = options.principal;
    this.client = options.client;
    this.broker = options.broker;
    this.clock = options.clock;
    this.limits = options.limits;
    this.user = options.user;
    this.commits = options.commits;
    this.#output = options.output;
    this.#fail = options.fail;
    this.names = new Destinations((kind) => this.#createTemporary(kind));
  }

  /** The header `client-id` of CONNECT, which names who comes back to a durable subscription. */
  get clientId(): string | undefined {
    return this.client.clientId;
  }

  nextMessageId(): string {
    this.#lastMessage += 1;
    return `${this.id}-${this.#lastMessage}`;
  }

  /**
   * @throws BrokerError `unauthorized`; `not-found` for a temporary destination that is gone.
   */
  authorize(operation: Operation, destination: Destination): void {
    const { broker, principal } = this;
    principal.authorize(operation, destination);
    const { kind, name } = destination;
    if (kind === 'topic') return;
    if (kind !== 'queue') broker.temporary.requireExistence(destination);
    // A queue that is not there is made by its first use.
    else if (!isFilter(name) && broker.find(mq, name) === undefined) principal.authorize('create', destination);
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

  /** Takes messages at once, and sends them once it is started. @throws as Broker.subscribe does. */
  subscribe(options: SubscribeOptions): Subscription {
    const { id, from, ackMode, prefetch, durableName } = options;
    const { broker, client, version } = this;
    const number = this.subscriptions.nextNumber(id);
    const head = new DeliveryHead({ ...options, names: this.names, version });
    const { selector, noLocal, exclusive, priority, pendingLimit, retroactive } = options;
    const subscription = new Subscription({
      id,
      number,
      ackMode,
      prefetch,
      version,
      head,
      durableName,
      output: this.#output,
      onDelivered: () => (client.messagesOut += 1),
      subscribe: (deliver) =>
        broker.subscribe({
          from,
          deliver,
          selector,
          noLocal,
          exclusive,
          priority,
          pendingLimit,
          retroactive,
          publisher: this,
          subscription: durableName === undefined ? undefined : { name: durableName, durable: true, shared: false },
          label: `stomp.${this.id}.${number}`,
          onDeleted: () => this.#destinationDeleted(subscription),
        }),
    });
    this.subscriptions.add(subscription);
    return subscription;
  }

  /** Shows what a queue holds, once it is started. @throws BrokerError `unsupported`, or `invalid` for a bad selector. */
  browse(
    options: Pick<SubscribeOptions, 'id' | 'from' | 'ackMode' | 'prefetch' | 'selector' | 'transformation'>,
  ): Browser {
    const { id, from, selector } = options;
    const { broker, client, version } = this;
    const [destination, ...others] = from;
    if (destination === undefined || others.length > 0 || isTopic(destination) || isFilter(destination.name)) {
      throw new BrokerError('unsupported', 'browser is for one queue');
    }
    broker.temporary.requireOwner(destination, this);
    // Looked at only later, and to be refused now.
    if (selector !== undefined) compileSelector(selector.text, selector);
    const queue = destination.kind === 'queue' ? broker.queue(destination.name) : broker.temporary.queue(destination);
    const number = this.subscriptions.nextNumber(id);
    const browser = new Browser({
      ...options,
      number,
      head: new DeliveryHead({ ...options, names: this.names, version }),
      hasAckHeader: version === '1.2' && options.ackMode !== 'auto',
      output: this.#output,
      onDelivered: () => (client.messagesOut += 1),
      browse: (events) => broker.browse({ queue, selector, ...events }),
    });
    this.subscriptions.add(browser);
    return browser;
  }

  // ---- flow

  /**
   * The client is to send nothing more until it resolves. One that is itself to make the room, by what it has yet to
   * acknowledge, is never held back: its acknowledgements come behind what it sends.
   */
  heldBack(targets: readonly Destination[]): Promise<void> | undefined {
    const [first] = targets;
    const room = this.broker.heldBack(first !== undefined && targets.length === 1 ? first : targets);
    if (room === undefined) return undefined;
    for (const subscription of this.subscriptions) {
      if (subscription instanceof Subscription && subscription.isOwedAcknowledgements) return undefined;
    }
    return room;
  }

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
    for (const subscription of this.subscriptions) subscription.refreshCredit();
  }

  /** Mode auto: "The server will assume the client has received the message as soon as it sends it." */
  settleSent(entries: readonly Entry[]): void {
    const transaction = this.broker.transaction();
    const counts = new Map<Subscription, number>();
    for (const entry of entries) {
      const subscriber = entry.consumer?.subscriber;
      const subscription = subscriber && this.subscriptions.of(subscriber);
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
    for (const subscription of this.subscriptions) this.subscriptions.end(subscription);
    for (const transaction of this.transactions.values()) transaction.abort();
    this.transactions.clear();
    this.broker.temporary.leave(this);
  }

  #createTemporary(kind: TemporaryKind): Destination {
    const { broker, principal } = this;
    const destination = broker.temporary.create(kind, this);
    try {
      principal.authorize('create', destination);
    } catch (error) {
      broker.temporary.delete(destination, this);
      throw error;
    }
    return destination;
  }

  #destinationDeleted(subscription: Subscription): void {
    if (this.subscriptions.get(subscription.number) !== subscription) return;
    this.#fail(new BrokerError('not-found', `"${subscription.destination}" of a subscription was deleted`));
  }
}
