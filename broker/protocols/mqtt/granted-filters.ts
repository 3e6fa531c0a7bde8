// At which QoS a message was published, and at which a session gets it: the lower of that and the highest that any of
// the session's matching subscriptions was granted [MQTT-3.3.5-1], [MQTT-3.8.4-6].

import type { Message, Property } from '../../core/message.ts';
import { matches } from '../../core/topics.ts';
import type { Qos } from './codec/qos.ts';
import { wireName } from './topic-names.ts';

const qosProperty = 'ActiveMQ.MQTT.QoS';
const retainedProperty = 'ActiveMQ.Retained';

/** What a message bears that was published exactly once; QoS 0 and 1 are told by its durability. */
export const exactlyOnce: readonly Property[] = [{ name: qosProperty, type: 'int', value: 2 }];

/** What a message bears that is sent because of a new subscription [MQTT-3.3.1-8]. */
export const retainedMark: Property = { name: retainedProperty, type: 'boolean', value: true };

/** Messages of other protocols: QoS 1 if they are durable. */
export function publishedQos({ durable, properties }: Message): Qos {
  if (!durable) return 0;
  for (const { name, value } of properties) if (name === qosProperty && value === 2) return 2;
  return 1;
}

export function isRetainedCopy({ properties }: Message): boolean {
  for (const { name, value } of properties) if (name === retainedProperty && value === true) return true;
  return false;
}

export interface TopicView {
  /** Undefined: the name cannot be sent in MQTT. */
  readonly name: Buffer | undefined;
  /** Highest granted QoS. */
  readonly qos: Qos;
}

const scheme = 'topic://';
const rememberedTopics = 1000;
/** As in topic-names.ts. */
const longestRemembered = 256;

/** The filters of one session, in the engine's form, asked by topic name; answers are remembered. */
export class GrantedFilters {
  readonly #exact = new Map<string, Qos>();
  readonly #wild = new Map<string, Qos>();
  readonly #views = new Map<string, TopicView>();

  set(filter: string, qos: Qos): void {
    (hasWildcard(filter) ? this.#wild : this.#exact).set(filter, qos);
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
    const coreName = address.startsWith(scheme) ? address.slice(scheme.length) : address;
    const view = { name: wireName(coreName), qos: this.#highest(coreName) };
    if (address.length > longestRemembered) return view;
    if (this.#views.size >= rememberedTopics) this.#views.clear();
    this.#views.set(address, view);
    return view;
  }

  /** A message may outlive its subscription in the queue: then nothing lowers its QoS [MQTT-3.10.4-3]. */
  #highest(name: string): Qos {
    let highest = this.#exact.get(name);
    for (const [filter, qos] of this.#wild) {
      if (qos > (highest ?? -1) && matches(filter, name)) highest = qos;
    }
    return highest ?? 2;
  }
}

function hasWildcard(filter: string): boolean {
  return /[*>]/.test(filter);
}
