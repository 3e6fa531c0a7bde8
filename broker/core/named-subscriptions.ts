// Subscriptions to topics that have a name (JMS 2.0, 8.3): durable ones, which outlive their subscribers, and shared ones,
// which several subscribers take from. A durable one is its queue's definition, which the store keeps.

import type { Broker } from './broker.ts';
import { BrokerError } from './errors.ts';
import { subscriptions } from './namespaces.ts';
import type { Queue } from './queue.ts';
import { compileSelector } from './selector.ts';
import { acceptance } from './subscriber.ts';
import type { Publisher, SelectorSource, Subscriber } from './subscriber.ts';
import type { Subscription } from './topics.ts';

export interface SubscriptionName {
  readonly name: string;
  readonly durable: boolean;
  readonly shared: boolean;
  /** The name stands for itself, whatever the client identifier. */
  readonly global?: boolean;
}

export interface SubscriptionTerms {
  /** In the engine's form. */
  readonly filters: readonly string[];
  readonly selector: SelectorSource | undefined;
  /** Not what clients of the same identifier publish. */
  readonly noLocal: boolean;
}

export interface Joined {
  readonly queue: Queue;
  readonly saved: Promise<void>;
  /** The subscriber is over; its consumer is closed. */
  leave(): void;
}

/** For those who ask; `active`: someone receives from it. */
export interface NamedSubscription extends SubscriptionTerms {
  readonly clientId: string | undefined;
  readonly name: string;
  readonly durable: boolean;
  readonly shared: boolean;
  readonly active: boolean;
  readonly queue: Queue;
}

interface Known extends SubscriptionTerms {
  readonly clientId: string | undefined;
  readonly name: string;
  readonly durable: boolean;
  readonly shared: boolean;
  readonly queue: Queue;
  readonly feeds: readonly Subscription[];
  readonly members: Set<Subscriber>;
  saved: Promise<void>;
}

const saved: Promise<void> = Promise.resolve();

export class NamedSubscriptions {
  readonly #broker: Broker;
  readonly #known = new Map<string, Known>();
  readonly #byQueue = new Map<Queue, Known>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Takes up a queue that the store holds, if it is one of ours. */
  restore(queue: Queue): void {
    const terms = readAttributes(queue.attributes['durable']);
    if (terms !== undefined) this.#add(terms.clientId, { ...terms, durable: true }, terms, queue).saved = saved;
  }

  /**
   * Makes the subscription, or comes back to it. One whose terms have changed begins anew (JMS 2.0, 8.3.3).
   * @throws BrokerError `not-allowed`: someone receives from it, and it is not shared, or has other terms;
   *   `invalid`: a durable subscription of a client without an identifier.
   */
  join(
    subscriber: Subscriber,
    publisher: Publisher,
    name: SubscriptionName,
    terms: SubscriptionTerms,
    retroactive: boolean,
  ): Joined {
    const clientId = name.global === true ? undefined : publisher.clientId;
    if (name.durable && !name.shared && clientId === undefined) {
      throw new BrokerError('invalid', `durable subscription "${name.name}" of a client without an identifier`);
    }
    const before = this.#known.get(keyOf(clientId, name.name, name.durable));
    const known = this.#open(clientId, name, terms);
    known.members.add(subscriber);
    if (known !== before) this.#broker.topicMemory.recover({ ...known, accepts: known.feeds[0]?.accepts, retroactive });
    return { queue: known.queue, saved: known.saved, leave: () => this.#leave(known, subscriber) };
  }

  /** The durable subscription of that name. */
  find(clientId: string | undefined, name: string): NamedSubscription | undefined {
    const known = this.#known.get(keyOf(clientId, name, true));
    return known && { ...known, active: known.members.size > 0 };
  }

  /** The subscription that the queue is of. */
  of(queue: Queue): NamedSubscription | undefined {
    const known = this.#byQueue.get(queue);
    return known && { ...known, active: known.members.size > 0 };
  }

  *[Symbol.iterator](): IterableIterator<NamedSubscription> {
    for (const known of this.#known.values()) yield { ...known, active: known.members.size > 0 };
  }

  /**
   * Ends a durable subscription, with the messages that wait for it.
   * @throws BrokerError `not-found`, `not-allowed` while someone receives from it; as Store.write does.
   */
  async unsubscribe(clientId: string | undefined, name: string): Promise<void> {
    const known = this.#known.get(keyOf(clientId, name, true));
    if (known === undefined) throw new BrokerError('not-found', `no durable subscription "${name}"`);
    if (known.members.size > 0) throw new BrokerError('not-allowed', `durable subscription "${name}" is in use`);
    this.#forget(known);
    await this.#broker.delete(known.queue);
  }

  #open(clientId: string | undefined, name: SubscriptionName, terms: SubscriptionTerms): Known {
    const known = this.#known.get(keyOf(clientId, name.name, name.durable));
    if (known === undefined) return this.#make(clientId, name, terms, []);
    const isSame = known.shared === name.shared && sameTerms(known, terms);
    if (known.members.size > 0 && !(known.shared && isSame)) {
      const reason = known.shared && name.shared ? 'has other terms' : 'is in use';
      throw new BrokerError('not-allowed', `subscription "${name.name}" of client "${clientId ?? ''}" ${reason}`);
    }
    if (isSame) return known;
    this.#forget(known);
    this.#broker.forget(known.queue);
    return this.#make(clientId, name, terms, [{ kind: 'drop-queue', queueId: known.queue.id }]);
  }

  /** `instead`: what goes from the store in the same transaction. */
  #make(
    clientId: string | undefined,
    name: SubscriptionName,
    terms: SubscriptionTerms,
    instead: readonly { readonly kind: 'drop-queue'; readonly queueId: number }[],
  ): Known {
    const { durable, shared } = name;
    const queue = this.#broker.declare({
      namespace: subscriptions,
      name: `${durable ? 'durable' : 'shared'}:${(clientId ?? '').replaceAll(':', '%3A')}:${name.name}`,
      durable,
      attributes: {
        topic: terms.filters[0],
        ...(durable ? { durable: { clientId, name: name.name, shared, ...terms } } : { topics: terms.filters }),
      },
    });
    const known = this.#add(clientId, name, terms, queue);
    if (!durable) return known;
    known.saved = this.#broker.save(queue, instead);
    known.saved.catch(() => {
      // Its members are told, and there is nothing that they could come back to.
      this.#forget(known);
      this.#broker.forget(queue);
    });
    return known;
  }

  #add(
    clientId: string | undefined,
    { name, durable, shared }: SubscriptionName,
    { filters, selector, noLocal }: SubscriptionTerms,
    queue: Queue,
  ): Known {
    const accepts = acceptance(
      selector && compileSelector(selector.text, selector),
      noLocal ? (sender) => clientId !== undefined && sender?.clientId === clientId : undefined,
    );
    const feeds = filters.map((filter): Subscription => ({ filter, queue, accepts }));
    const members = new Set<Subscriber>();
    const known = { clientId, name, durable, shared, filters, selector, noLocal, queue, feeds, members, saved };
    for (const feed of feeds) this.#broker.topics.subscribe(feed);
    this.#known.set(keyOf(clientId, name, durable), known);
    this.#byQueue.set(queue, known);
    return known;
  }

  #leave(known: Known, subscriber: Subscriber): void {
    known.members.delete(subscriber);
    if (known.durable || known.members.size > 0) return;
    this.#forget(known);
    this.#broker.background(this.#broker.delete(known.queue), `delete shared subscription "${known.name}"`);
  }

  #forget(known: Known): void {
    for (const feed of known.feeds) this.#broker.topics.unsubscribe(feed);
    this.#byQueue.delete(known.queue);
    const key = keyOf(known.clientId, known.name, known.durable);
    if (this.#known.get(key) === known) this.#known.delete(key);
  }
}

/** "A shared non-durable subscription and a durable subscription may have the same name" (JMS 2.0, 8.3.4). */
function keyOf(clientId: string | undefined, name: string, durable: boolean): string {
  return JSON.stringify([durable, clientId ?? null, name]);
}

function sameTerms(a: SubscriptionTerms, b: SubscriptionTerms): boolean {
  const [one, other] = [a, b].map(({ filters, selector, noLocal }) =>
    JSON.stringify([filters, selector?.text ?? '', selector?.convertStrings ?? false, noLocal]),
  );
  return one === other;
}

/** What `#make` put into the definition. */
function readAttributes(
  value: unknown,
): (SubscriptionTerms & Omit<SubscriptionName, 'durable'> & Publisher) | undefined {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('filters' in value)) return undefined;
  const { name, filters } = value;
  if (typeof name !== 'string' || !Array.isArray(filters)) return undefined;
  return {
    name,
    clientId: 'clientId' in value && typeof value.clientId === 'string' ? value.clientId : undefined,
    shared: 'shared' in value && value.shared === true,
    filters: filters.filter((filter) => typeof filter === 'string'),
    selector: 'selector' in value ? readSelector(value.selector) : undefined,
    noLocal: 'noLocal' in value && value.noLocal === true,
  };
}

function readSelector(value: unknown): SelectorSource | undefined {
  if (typeof value !== 'object' || value === null || !('text' in value)) return undefined;
  const { text } = value;
  const convertStrings = 'convertStrings' in value && value.convertStrings === true;
  return typeof text === 'string' ? { text, convertStrings } : undefined;
}
