// Where a message goes: the queue of its name, the queues of a topic's subscriptions, and what the configuration adds:
// virtual topics, composite destinations, and mirrors of queues.

import { formatAddress } from './address.ts';
import type { Destination } from './address.ts';
import type { Broker } from './broker.ts';
import { BrokerError } from './errors.ts';
import type { Message } from './message.ts';
import { mq } from './namespaces.ts';
import type { Queue } from './queue.ts';
import { compileSelector } from './selector.ts';
import type { Publisher, SelectorSource } from './subscriber.ts';
import { topicFilterOf } from './temporary.ts';
import { matches } from './topics.ts';
import type { Subscription } from './topics.ts';
import { WantedMessages } from './wanted-messages.ts';

/** Queues whose names are a prefix and the name of such a topic get what is published to the topic. */
export interface VirtualTopics {
  /** Of their names. */
  readonly filter: string;
  /** Levels, of which each may be `*`. */
  readonly prefix: string;
  /** A queue takes only what its consumers select, or those that were there before (ActiveMQ's selectorAware). */
  readonly selectorAware?: boolean | undefined;
}

/** What is sent to a destination goes to others. */
export interface Composite {
  readonly from: Destination;
  readonly to: readonly { readonly destination: Destination; readonly selector?: string | undefined }[];
  /** Not to the destination itself. */
  readonly forwardOnly: boolean;
}

export interface RoutingSettings {
  readonly virtualTopics: readonly VirtualTopics[];
  readonly composites: readonly Composite[];
  /** What is sent to a queue is published to the topic of this prefix and its name; absent: it is not. */
  readonly mirrorPrefix?: string | undefined;
}

/** ActiveMQ's, without any configuration. */
export const defaultRouting: RoutingSettings = {
  virtualTopics: [{ filter: 'VirtualTopic.>', prefix: 'Consumer.*' }],
  composites: [],
};

interface Forward {
  readonly destination: Destination;
  readonly accepts: ((message: Message) => boolean) | undefined;
}

interface Forwards {
  readonly forwards: readonly Forward[];
  readonly forwardOnly: boolean;
}

/** Topic names beyond this many are not counted one by one. */
const watchedTopics = 5000;

export class Router {
  readonly #broker: Broker;
  readonly #settings: RoutingSettings;
  readonly #composites = new Map<string, Forwards>();
  readonly #isPlain: boolean;
  readonly #totals = new Map<string, { published: number }>();
  /** By the queue that they feed. */
  readonly #virtual = new Map<Queue, Subscription>();
  /** Of those that heed selectors. */
  readonly #wanted = new Map<Queue, WantedMessages>();

  /** @throws BrokerError `invalid` for a selector that is none, or composites in a circle. */
  constructor(broker: Broker, settings: RoutingSettings) {
    this.#broker = broker;
    this.#settings = settings;
    for (const { from, to, forwardOnly } of settings.composites) {
      const forwards = to.map(({ destination, selector }) => ({
        destination,
        accepts: selector === undefined ? undefined : compileSelector(selector),
      }));
      this.#composites.set(formatAddress(from), { forwards, forwardOnly });
    }
    for (const { from } of settings.composites) this.#refuseCircle(formatAddress(from), []);
    this.#isPlain = this.#composites.size === 0 && settings.mirrorPrefix === undefined;
  }

  /** Topic names that were published to, with how often; a bounded number of them. */
  get totals(): ReadonlyMap<string, { readonly published: number }> {
    return this.#totals;
  }

  /**
   * The queues that a message goes to, each once.
   * @throws BrokerError `not-found` for a temporary destination that is gone.
   */
  queues(to: Destination | readonly Destination[], message: Message, sender: Publisher | undefined): readonly Queue[] {
    if ('kind' in to && this.#isPlain) return this.#own(to, message, sender);
    const queues = new Set<Queue>();
    for (const one of 'kind' in to ? [to] : to) this.#collect(one, message, sender, queues);
    return [...queues];
  }

  /** A queue came into being: it may be one of a virtual topic. */
  queueAdded(queue: Queue): void {
    if (queue.namespace !== mq) return;
    for (const { filter, prefix, selectorAware = false } of this.#settings.virtualTopics) {
      const prefixLevels = prefix.split('.');
      const levels = queue.name.split('.');
      const topic = levels.slice(prefixLevels.length).join('.');
      const isOne =
        topic !== '' &&
        matches(filter, topic) &&
        prefixLevels.every((level, i) => level === '*' || level === levels[i]);
      if (!isOne) continue;
      const wanted = selectorAware ? new WantedMessages(queue) : undefined;
      if (wanted !== undefined) this.#wanted.set(queue, wanted);
      const accepts = wanted && ((message: Message) => wanted.has(message));
      const subscription = { filter: topic, queue, accepts };
      this.#virtual.set(queue, subscription);
      this.#broker.topics.subscribe(subscription);
      return;
    }
  }

  queueRemoved(queue: Queue): void {
    const subscription = this.#virtual.get(queue);
    if (subscription === undefined) return;
    this.#virtual.delete(queue);
    this.#wanted.delete(queue);
    this.#broker.topics.unsubscribe(subscription);
  }

  /** Someone receives from the queue; undefined: all that comes. */
  consumerCame(queue: Queue, selector: SelectorSource | undefined): void {
    if (this.#wanted.get(queue)?.consumerCame(selector) !== true) return;
    this.#broker.background(this.#broker.save(queue), `keep what consumers of queue "${queue.name}" select`);
  }

  #collect(to: Destination, message: Message, sender: Publisher | undefined, queues: Set<Queue>): void {
    const composite = this.#composites.get(formatAddress(to));
    for (const { destination, accepts } of composite?.forwards ?? []) {
      if (accepts === undefined || accepts(message)) this.#collect(destination, message, sender, queues);
    }
    if (composite?.forwardOnly === true) return;
    for (const queue of this.#own(to, message, sender)) queues.add(queue);
    const { mirrorPrefix } = this.#settings;
    if (mirrorPrefix === undefined || to.kind !== 'queue') return;
    for (const queue of this.#own({ kind: 'topic', name: mirrorPrefix + to.name }, message, sender)) queues.add(queue);
  }

  #own(to: Destination, message: Message, sender: Publisher | undefined): readonly Queue[] {
    const { kind, name } = to;
    if (kind === 'queue') return [this.#broker.queue(name)];
    if (kind === 'temp-queue') return [this.#broker.temporary.queue(to)];
    if (kind === 'topic') this.#count(name);
    else this.#broker.temporary.requireExistence(to);
    return this.#broker.topics.route(topicFilterOf(to), message, sender);
  }

  #count(name: string): void {
    const totals = this.#totals.get(name);
    if (totals !== undefined) totals.published++;
    else if (this.#totals.size < watchedTopics) {
      this.#totals.set(name, { published: 1 });
      this.#broker.advisories.destination({ kind: 'topic', name }, true);
    }
  }

  #refuseCircle(address: string, path: readonly string[]): void {
    if (path.includes(address)) {
      throw new BrokerError('invalid', `composite destinations in a circle: ${[...path, address].join(' -> ')}`);
    }
    for (const { destination } of this.#composites.get(address)?.forwards ?? []) {
      this.#refuseCircle(formatAddress(destination), [...path, address]);
    }
  }
}
