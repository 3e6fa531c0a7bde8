// What a connection receives from, as one thing with one credit: queues and topics, one or several, with or without
// wildcards. A topic's messages wait for it in a queue of its own, or in that of its named subscription.

import { formatAddress, isFilter, isTopic } from './address.ts';
import type { Destination } from './address.ts';
import type { Broker } from './broker.ts';
import type { Consumer } from './consumer.ts';
import { Credit } from './credit.ts';
import type { Entry } from './entry.ts';
import { BrokerError } from './errors.ts';
import type { Message } from './message.ts';
import { subscriptions } from './namespaces.ts';
import type { SubscriptionName } from './named-subscriptions.ts';
import type { Queue } from './queue.ts';
import { compileSelector } from './selector.ts';
import type { SelectorOptions } from './selector.ts';
import { topicFilterOf } from './temporary.ts';
import type { Subscription } from './topics.ts';

/** A connection, as a sender of messages and an owner of what ends with it. */
export interface Publisher {
  /** MQTT client identifier, AMQP container id, STOMP client-id. */
  readonly clientId: string | undefined;
}

export interface SelectorSource extends SelectorOptions {
  readonly text: string;
}

export interface SubscribeOptions {
  readonly from: readonly Destination[];
  /** As ConsumerOptions.deliver. */
  readonly deliver: (entry: Entry, message: Message) => void;
  readonly selector?: SelectorSource | undefined;
  /** Of topics: not what this publisher sends. */
  readonly noLocal?: boolean;
  readonly publisher: Publisher;
  /** As ConsumerOptions; of queues. */
  readonly exclusive?: boolean;
  readonly priority?: number;
  /** Of topics: also what their policies keep of the past. */
  readonly retroactive?: boolean;
  /** Of topics, without a name: messages that may wait for it, if the policy lets that many; the oldest beyond are dropped. */
  readonly pendingLimit?: number | undefined;
  /** A subscription that others may share, or that outlives its subscribers. Of topics. */
  readonly subscription?: SubscriptionName | undefined;
  /** For people: whose it is. */
  readonly label: string;
  /** A queue that it names was deleted: it gets nothing more from there. */
  readonly onDeleted: () => void;
}

const saved: Promise<void> = Promise.resolve();

export class Subscriber {
  /** Its subscription is in the store. Rejects as Store.write does. */
  readonly saved: Promise<void>;
  readonly #broker: Broker;
  readonly #options: SubscribeOptions;
  readonly #accepts: ((message: Message) => boolean) | undefined;
  readonly #credit = new Credit();
  readonly #consumers = new Map<Queue, Consumer>();
  /** What ends with it. */
  readonly #leave: (() => void)[] = [];
  #closed = false;

  /** Made by Broker.subscribe. @throws as that does. */
  constructor(broker: Broker, options: SubscribeOptions) {
    const { from, selector, subscription } = options;
    this.#broker = broker;
    this.#options = options;
    this.#accepts = selector && compileSelector(selector.text, selector);
    const topics = from.filter((destination) => isTopic(destination));
    const queues = from.filter((destination) => !isTopic(destination));
    if (from.length === 0) throw new BrokerError('invalid', 'a subscription needs a destination');
    if (subscription !== undefined && queues.length > 0) {
      throw new BrokerError('invalid', 'only subscriptions to topics have names');
    }
    if (options.pendingLimit !== undefined && (topics.length === 0 || subscription !== undefined)) {
      throw new BrokerError('unsupported', 'a limit to what waits is for topics, and for subscriptions without a name');
    }
    for (const destination of from) broker.temporary.requireOwner(destination, options.publisher);
    const filters = topics.map((topic) => topicFilterOf(topic));
    this.saved = subscription === undefined ? saved : this.#join(subscription, filters);
    if (filters.length > 0 && subscription === undefined) this.#subscribe(topics, filters);
    for (const queue of queues) this.#receiveFrom(queue);
    for (const destination of from) this.#advise(destination, true);
  }

  get credit(): number {
    return this.#credit.left;
  }

  /** Something that it takes may be there for it, in memory or on disk, were its credit enough. */
  get mayHaveMore(): boolean {
    for (const [queue, consumer] of this.#consumers) if (queue.mayHaveFor(consumer)) return true;
    return false;
  }

  /** Calls when what is being read for it from disk has come, once. False: nothing is. */
  onceRead(tell: () => void): boolean {
    for (const [queue, consumer] of this.#consumers) if (queue.onceRead(consumer, tell)) return true;
    return false;
  }

  /** Its queues; those of wildcards as they come and go. */
  queues(): IterableIterator<Queue> {
    return this.#consumers.keys();
  }

  /** Replaces what it may be given; 0 holds its queues back. */
  setCredit(credit: number): void {
    if (!this.#closed) this.#credit.set(credit);
  }

  /** Adds deliveries to what it may be given. */
  grant(credit: number): void {
    this.setCredit(this.#credit.left + credit);
  }

  /** What it holds goes back, and what was only its own is removed. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const leave of this.#leave.splice(0)) leave();
    for (const consumer of Array.from(this.#consumers.values())) consumer.close();
    this.#consumers.clear();
    for (const destination of this.#options.from) this.#advise(destination, false);
  }

  #advise(destination: Destination, isThere: boolean): void {
    const { advisories, topics } = this.#broker;
    const { clientId } = this.#options.publisher;
    const queue = isTopic(destination) ? undefined : this.#broker.findQueue(destination);
    const count = isTopic(destination) ? topics.match(topicFilterOf(destination)).length : (queue?.consumerCount ?? 0);
    advisories.consumer(destination, isThere, clientId, count);
  }

  #join(name: SubscriptionName, filters: readonly string[]): Promise<void> {
    const { publisher, noLocal = false, selector, retroactive = false } = this.#options;
    const terms = { filters, selector, noLocal };
    const joined = this.#broker.subscriptions.join(this, publisher, name, terms, retroactive);
    // It ends after its consumers have: what they held is still there for others.
    this.#consume(joined.queue, undefined, () => joined.leave());
    return joined.saved;
  }

  #subscribe(topics: readonly Destination[], filters: readonly string[]): void {
    const { label, noLocal = false, pendingLimit = Infinity, publisher, retroactive = false } = this.#options;
    const queue = this.#broker.declare({
      namespace: subscriptions,
      name: `${label}.${this.#broker.store.nextId()}`,
      durable: false,
      attributes: { topic: filters[0], topics: topics.map((topic) => formatAddress(topic)) },
    });
    const limit = Math.min(pendingLimit, queue.policy.pendingLimit ?? Infinity);
    if (limit < Infinity) queue.policy = { ...queue.policy, pendingLimit: limit };
    const accepts = acceptance(this.#accepts, noLocal ? (sender) => sender === publisher : undefined);
    const feeds = filters.map((filter): Subscription => ({ filter, queue, accepts }));
    for (const feed of feeds) this.#broker.topics.subscribe(feed);
    this.#leave.push(() => {
      for (const feed of feeds) this.#broker.topics.unsubscribe(feed);
    });
    this.#broker.topicMemory.recover({ queue, filters, accepts, retroactive });
    this.#consume(queue, undefined, () =>
      this.#broker.background(this.#broker.delete(queue), `delete subscription queue "${queue.name}"`),
    );
  }

  #receiveFrom(destination: Destination): void {
    const { name, kind } = destination;
    if (kind === 'temp-queue') this.#consume(this.#broker.temporary.queue(destination), this.#accepts);
    else if (!isFilter(name)) this.#consume(this.#broker.queue(name), this.#accepts);
    else {
      const receive = (queue: Queue): void => this.#consume(queue, this.#accepts, undefined, true);
      this.#leave.push(this.#broker.watchQueues(name, receive));
    }
  }

  /** `after`: once the consumer is closed. `isOneOfMany`: the queue may go, and the others stay. */
  #consume(queue: Queue, accepts: Consumer['accepts'], after?: () => void, isOneOfMany = false): void {
    if (this.#consumers.has(queue)) return;
    const { deliver, exclusive = false, priority = 0, onDeleted } = this.#options;
    const consumer = queue.consume({
      deliver,
      accepts,
      exclusive,
      priority,
      credit: this.#credit,
      subscriber: this,
      onQueueDeleted: () => {
        this.#consumers.delete(queue);
        if (!this.#closed && !isOneOfMany) onDeleted();
      },
    });
    this.#consumers.set(queue, consumer);
    this.#broker.router.consumerCame(queue, this.#options.selector);
    if (after === undefined) return;
    this.#leave.push(() => {
      consumer.close();
      after();
    });
  }
}

/** What a subscription takes. `isLocal`: who sends what it does not take. */
export function acceptance(
  accepts: ((message: Message) => boolean) | undefined,
  isLocal: ((sender: Publisher | undefined) => boolean) | undefined,
): Subscription['accepts'] {
  if (isLocal === undefined) return accepts;
  return (message, sender) => !isLocal(sender) && (accepts === undefined || accepts(message));
}
