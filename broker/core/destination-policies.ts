// What holds for queues and topics by their names: of the entries that match, the most specific one's settings, as in
// ActiveMQ's policy map.

import { formatAddress, isTopic } from './address.ts';
import type { Destination } from './address.ts';
import { BrokerError } from './errors.ts';
import type { Queue } from './queue.ts';
import type { QueuePolicy, Redelivery } from './queue-policy.ts';
import { matches } from './topics.ts';

/** What a topic keeps in memory for those who subscribe later and ask for it. */
export interface Recovery {
  readonly messages: number;
  /** Absent: however old. */
  readonly ageMs?: number | undefined;
  /** Subscribers get them without asking. */
  readonly always?: boolean | undefined;
}

export interface DeadLetterSettings {
  /** `shared`: one queue for all. `individual`: one for each queue or topic, its prefix and its name. `discard`: none. */
  readonly strategy: 'shared' | 'individual' | 'discard';
  /** Of `shared`. */
  readonly queue: string;
  readonly queuePrefix: string;
  readonly topicPrefix: string;
  /** Expired ones too. */
  readonly expired: boolean;
}

export interface PolicySettings {
  readonly maxRedeliveries: number;
  readonly redelivery: Redelivery | undefined;
  readonly deadLetter: DeadLetterSettings;
  /** Milliseconds after which any message is dropped. */
  readonly maxAgeMs: number | undefined;
  /** Messages of a higher priority go first. */
  readonly prioritized: boolean;
  /** Every consumer is an exclusive one. */
  readonly exclusive: boolean;
  /** Messages that wait in it, at which its producers are held back. */
  readonly maxMessages: number | undefined;
  /** Of a topic: messages that may wait for a subscriber that is not durable; the oldest beyond that are dropped. */
  readonly pendingLimit: number | undefined;
  /** Of a topic. */
  readonly recovery: Recovery | undefined;
}

/** Settings for the destinations of a kind within a filter; what is left out is as it is for all. */
export type PolicyEntry = { readonly kind: 'queue' | 'topic'; readonly filter: string } & {
  readonly [Name in keyof PolicySettings]?: PolicySettings[Name] | undefined;
};

/** ActiveMQ's: six redeliveries, one dead-letter queue for all. */
export const defaultPolicy: PolicySettings = {
  maxRedeliveries: 6,
  redelivery: undefined,
  deadLetter: {
    strategy: 'shared',
    queue: 'ActiveMQ.DLQ',
    queuePrefix: 'ActiveMQ.DLQ.Queue.',
    topicPrefix: 'ActiveMQ.DLQ.Topic.',
    expired: true,
  },
  maxAgeMs: undefined,
  prioritized: false,
  exclusive: false,
  maxMessages: undefined,
  pendingLimit: undefined,
  recovery: undefined,
};

const rememberedNames = 10_000;

export class DestinationPolicies {
  readonly #entries: readonly PolicyEntry[];
  readonly #defaults: PolicySettings;
  readonly #deadLetterQueue: (name: string) => Queue;
  readonly #known = new Map<string, PolicySettings>();

  /** `deadLetterQueue` finds the queue of a name, making it. */
  constructor(entries: readonly PolicyEntry[], defaults: PolicySettings, deadLetterQueue: (name: string) => Queue) {
    this.#entries = entries.toSorted((a, b) => compareFilters(a.filter, b.filter));
    this.#defaults = defaults;
    this.#deadLetterQueue = deadLetterQueue;
  }

  /** What holds for a queue or a topic. */
  of(destination: Destination): PolicySettings {
    if (this.#entries.length === 0) return this.#defaults;
    const address = formatAddress(destination);
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const kind = isTopic(destination) ? 'topic' : 'queue';
    const found = this.#entries.find((entry) => entry.kind === kind && matches(entry.filter, destination.name));
    const settings = found === undefined ? this.#defaults : merge(this.#defaults, found);
    if (this.#known.size >= rememberedNames) this.#known.clear();
    this.#known.set(address, settings);
    return settings;
  }

  /** For the queue of a destination, or of a subscription to one: `isDurable` if that outlives its subscribers. */
  queuePolicy(destination: Destination, isDurable: boolean): QueuePolicy {
    const { deadLetter, maxRedeliveries, redelivery, maxAgeMs, prioritized, exclusive, maxMessages, pendingLimit } =
      this.of(destination);
    const target = this.#deadLetterTarget(destination, deadLetter);
    return {
      groups: 'sticky',
      prioritized,
      exclusive,
      ...(redelivery === undefined ? {} : { redelivery }),
      ...(maxAgeMs === undefined ? {} : { retentionMs: maxAgeMs }),
      ...(maxMessages === undefined || isTopic(destination) ? {} : { maxMessages }),
      ...(pendingLimit === undefined || !isTopic(destination) || isDurable ? {} : { pendingLimit }),
      deadLetter: { target, maxAttempts: maxRedeliveries + 1, expired: deadLetter.expired },
    };
  }

  #deadLetterTarget(destination: Destination, settings: DeadLetterSettings): () => Queue | undefined {
    const { strategy, queue, queuePrefix, topicPrefix } = settings;
    if (strategy === 'discard') return () => undefined;
    if (strategy === 'shared') return () => this.#deadLetterQueue(queue);
    const name = (isTopic(destination) ? topicPrefix : queuePrefix) + destination.name;
    // What dies in a dead-letter queue dies for good.
    const isOne = destination.name.startsWith(queuePrefix) || destination.name.startsWith(topicPrefix);
    return () => (isOne ? undefined : this.#deadLetterQueue(name));
  }
}

function merge(defaults: PolicySettings, entry: PolicyEntry): PolicySettings {
  const given = Object.entries(entry).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

/** The more specific one first: level by level, a name before `*` before `>`. */
export function compareFilters(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = rank(left[i]) - rank(right[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(level: string | undefined): number {
  if (level === undefined) return 3;
  return level === '>' ? 2 : level === '*' ? 1 : 0;
}

/** @throws BrokerError `invalid`: two entries for the same destinations. */
export function requireDistinct(entries: readonly PolicyEntry[]): void {
  const seen = new Set<string>();
  for (const { kind, filter } of entries) {
    const key = `${kind}://${filter}`;
    if (seen.has(key)) throw new BrokerError('invalid', `two policies for ${key}`);
    seen.add(key);
  }
}
