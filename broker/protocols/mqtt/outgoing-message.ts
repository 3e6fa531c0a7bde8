// A message as one client is to get it: under which name, at which QoS, with which properties of MQTT 5, and whether its
// packet is one that the client takes.

import type { Message } from '../../core/message.ts';
import { emptySection, property, PropertyWriter, variableBytes } from './codec/properties.ts';
import { lowerQos } from './codec/qos.ts';
import type { Qos } from './codec/qos.ts';
import type { SubscriptionOptions } from './codec/subscribe.ts';
import { identifierProperties } from './granted-filters.ts';
import type { Hub } from './hub.ts';
import { grantOf, isRetainedCopy, publishedQos, wasToBeRetained } from './marks.ts';
import { deliveryProperties } from './message-properties.ts';
import { publishSize } from './packet-writer.ts';
import type { OutgoingPublish, PacketWriter } from './packet-writer.ts';
import type { Terms } from './replies.ts';
import type { Session } from './session.ts';
import { OutgoingAliases } from './topic-aliases.ts';

const noName = Buffer.alloc(0);
/** Bytes of a Topic Alias property. */
const aliasBytes = 3;

export class OutgoingMessages {
  /** PUBLISH packets that were sent. */
  count = 0;
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #terms: Terms;
  readonly #writer: PacketWriter;
  readonly #aliases: OutgoingAliases | undefined;

  constructor(hub: Hub, session: Session, terms: Terms, writer: PacketWriter) {
    this.#hub = hub;
    this.#session = session;
    this.#terms = terms;
    this.#writer = writer;
    // [MQTT-3.1.2-26 of 5], [MQTT-3.1.2-27 of 5]
    const aliases = Math.min(terms.topicAliasMaximum, hub.options.topicAliasMaximum);
    if (aliases > 0) this.#aliases = new OutgoingAliases(aliases);
  }

  /**
   * The packet, but for its identifier and what `send` adds. `shared`: the subscription that it comes from, if that is a
   * shared one. Undefined: the client cannot have it.
   */
  of(message: Message, shared?: SubscriptionOptions): OutgoingPublish | undefined {
    const { granted, own } = this.#session;
    const { properties: marks, to, body: payload } = message;
    const grant = shared ?? (marks.length > 0 ? grantOf(message) : undefined);
    const view = granted.hasNotLocal && own.has(message) ? granted.viewOfOwn(to) : granted.view(to);
    const retain =
      marks.length > 0 && (isRetainedCopy(message) || ((shared ?? view).retainAsPublished && wasToBeRetained(message)));
    const properties =
      this.#terms.level < 5 ? undefined : this.#propertiesOf(message, grant?.identifier, view.identifiers);
    const { name: topic } = view;
    if (topic === undefined || this.#size(topic, properties, payload) > this.#terms.maximumPacketSize) {
      this.#drop(message);
      return undefined;
    }
    const qos = lowerQos(grant === undefined ? view.qos : grant.qos, publishedQos(message));
    return { topic, payload, qos, dup: false, retain, id: 0, properties };
  }

  /** `address`: where the message was sent to. */
  send(packet: OutgoingPublish, address: string, qos: Qos, id: number, dup: boolean): void {
    this.count++;
    this.#hub.traffic.publishOut++;
    packet.qos = qos;
    packet.id = id;
    packet.dup = dup;
    if (this.#terms.level === 5) this.#complete(packet, address);
    this.#writer.publish(packet);
  }

  #propertiesOf(message: Message, granted: number | undefined, all: Buffer | undefined): Buffer | undefined {
    const one = granted === undefined || granted === 0 ? undefined : identifierProperties([granted]);
    return deliveryProperties(message, granted === undefined ? all : one, this.#hub.context.clock.now());
  }

  /** [MQTT-3.1.2-24 of 5], [MQTT-3.1.2-25 of 5] */
  #size(topic: Buffer, properties: Buffer | undefined, payload: Buffer): number {
    if (this.#terms.level < 5) return publishSize(topic, 0, payload);
    return publishSize(topic, sectionSize(properties?.length ?? 0), payload);
  }

  #drop({ to }: Message): void {
    const { context, traffic } = this.#hub;
    traffic.publishDropped++;
    context.log.debug({ clientId: this.#session.clientId, to }, 'a message that the client cannot have was dropped');
  }

  /** Puts the topic's alias in, and the length of the properties. */
  #complete(packet: OutgoingPublish, address: string): void {
    const { properties } = packet;
    const known = this.#aliases?.get(address);
    const alias = known ?? this.#newAlias(packet, address);
    if (known !== undefined) packet.topic = noName;
    if (properties === undefined && alias === undefined) packet.properties = emptySection;
    else {
      const writer = new PropertyWriter();
      if (alias !== undefined) writer.integer(property.topicAlias, alias);
      if (properties !== undefined) writer.encoded(properties);
      packet.properties = writer.finish();
    }
  }

  #newAlias({ topic, properties, payload }: OutgoingPublish, address: string): number | undefined {
    if (this.#aliases === undefined) return undefined;
    // With name and alias, the packet is longer than it is without one.
    const bytes = sectionSize((properties?.length ?? 0) + aliasBytes);
    return publishSize(topic, bytes, payload) > this.#terms.maximumPacketSize
      ? undefined
      : this.#aliases.assign(address);
  }
}

/** With its length. */
function sectionSize(bytes: number): number {
  return bytes < 128 ? 1 + bytes : bytes + variableBytes(bytes).length;
}
