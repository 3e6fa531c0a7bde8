// What messages bear, as properties, for MQTT's sake: how they were published, and for which subscription a retained one or
// one of a shared subscription was put into the queue of a session.

import type { Message, Property } from '../../core/message.ts';
import { isQos } from './codec/qos.ts';
import type { Qos } from './codec/qos.ts';

const qosProperty = 'ActiveMQ.MQTT.QoS';
const retainProperty = 'ActiveMQ.Retain';
const retainedProperty = 'ActiveMQ.Retained';
/** Stays within sessions. */
const grantProperty = 'causeway.mqtt.grant';

/** Those that say nothing to the receiver of a message. */
export const markNames: ReadonlySet<string> = new Set([qosProperty, retainProperty, retainedProperty, grantProperty]);

/** What a message bears that was published exactly once; QoS 0 and 1 are told by its durability. */
export const exactlyOnce: Property = { name: qosProperty, type: 'int', value: 2 };

/** What a message bears that was published to be retained. */
export const retainMark: Property = { name: retainProperty, type: 'boolean', value: true };

/** What a message bears that is sent because of a new subscription [MQTT-3.3.1-8]. */
export const retainedMark: Property = { name: retainedProperty, type: 'boolean', value: true };

/** The one subscription that a message is sent for. */
export interface Grant {
  readonly qos: Qos;
  /** Subscription Identifier; 0: none. */
  readonly identifier: number;
}

export function grantMark({ qos, identifier }: Grant): Property {
  return { name: grantProperty, type: 'int', value: identifier * 4 + qos };
}

export function grantOf({ properties }: Message): Grant | undefined {
  for (const { name, value } of properties) {
    if (name !== grantProperty || typeof value !== 'number') continue;
    const qos = value % 4;
    if (isQos(qos)) return { qos, identifier: Math.floor(value / 4) };
  }
  return undefined;
}

/** Messages of other protocols: QoS 1 if they are durable. */
export function publishedQos({ durable, properties }: Message): Qos {
  if (!durable) return 0;
  for (const { name, value } of properties) if (name === qosProperty && value === 2) return 2;
  return 1;
}

export function isRetainedCopy({ properties }: Message): boolean {
  return bears(properties, retainedProperty);
}

/** It was published with RETAIN. */
export function wasToBeRetained({ properties }: Message): boolean {
  return bears(properties, retainProperty);
}

function bears(properties: readonly Property[], mark: string): boolean {
  for (const { name, value } of properties) if (name === mark && value === true) return true;
  return false;
}
