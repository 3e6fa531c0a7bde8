// What a session's subscriptions make of a topic: at which QoS its messages go out, the lower of that of the message and the
// highest that any matching subscription was granted [MQTT-3.3.5-1], [MQTT-3.3.4-2 of 5]; with which Subscription
// Identifiers [MQTT-3.3.4-4 of 5]; and whether with RETAIN as it was published.

import { matches } from '../../core/topics.ts';
import { SparseMap } from '../../util/sparse.ts';
import { property, PropertyWriter } from './codec/properties.ts';
import type { Qos } from './codec/qos.ts';
import type { SubscriptionOptions } from './codec/subscribe.ts';
import { wireName } from './topic-names.ts';

export interface TopicView {
  /** Undefined: the name cannot be sent in MQTT. */
  readonly name: Buffer | undefined;
  /** Highest granted QoS. */
  readonly qos: Qos;
  readonly retainAsPublished: boolean;
  /** As properties of a PUBLISH; undefined: none. */
  readonly identifiers: Buffer | undefined;
}

const scheme = 'topic://';
const rememberedTopics = 1000;
/** As in topic-names.ts. */
const longestRemembered = 256;

/** The filters of one session, in the engine's form, asked by topic name; answers are remembered. */
export class GrantedFilters {
  readonly #exact = new SparseMap<string, SubscriptionOptions>();
  readonly #wild = new SparseMap<string, SubscriptionOptions>();
  readonly #views = new SparseMap<string, TopicView>();

  /** Some subscription is not to get what the client publishes itself. */
  hasNotLocal = false;

  set(filter: string, options: SubscriptionOptions): void {
    (hasWildcard(filter) ? this.#wild : this.#exact).set(filter, options);
    this.hasNotLocal ||= options.noLocal;
    this.#views.clear();
  }

  delete(filter: string): void {
    (hasWildcard(filter) ? this.#wild : this.#exact).delete(filter);
    this.#views.clear();
  }

  /** `address`: where the message was sent to. */
  view(address: string): TopicView {
    const known = this.#views.get(address);
    if (known !== undefined) return known;
    const view = this.#look(address, true);
    if (address.length > longestRemembered) return view;
    if (this.#views.size >= rememberedTopics) this.#views.clear();
    this.#views.set(address, view);
    return view;
  }

  /** Of what the client published itself: the subscriptions that are not local have no part in it. */
  viewOfOwn(address: string): TopicView {
    return this.#look(address, false);
  }

  #look(address: string, withNotLocal: boolean): TopicView {
    const name = address.startsWith(scheme) ? address.slice(scheme.length) : address;
    let qos: Qos | undefined;
    let retainAsPublished = false;
    const identifiers = new Set<number>();
    for (const options of this.#matching(name)) {
      if (options.noLocal && !withNotLocal) continue;
      if (qos === undefined || options.qos > qos) qos = options.qos;
      retainAsPublished ||= options.retainAsPublished;
      if (options.identifier > 0) identifiers.add(options.identifier);
    }
    return {
      name: wireName(name),
      // A message may outlive its subscription in the queue: then nothing lowers its QoS [MQTT-3.10.4-3].
      qos: qos ?? 2,
      retainAsPublished,
      identifiers: identifierProperties(identifiers),
    };
  }

  *#matching(name: string): IterableIterator<SubscriptionOptions> {
    const exact = this.#exact.get(name);
    if (exact !== undefined) yield exact;
    for (const [filter, options] of this.#wild) if (matches(filter, name)) yield options;
  }
}

/** Subscription Identifiers as a PUBLISH bears them. */
export function identifierProperties(identifiers: Iterable<number>): Buffer | undefined {
  const writer = new PropertyWriter();
  for (const identifier of identifiers) writer.variable(property.subscriptionIdentifier, identifier);
  const bytes = writer.body();
  return bytes.length === 0 ? undefined : bytes;
}

function hasWildcard(filter: string): boolean {
  return /[*>]/.test(filter);
}
