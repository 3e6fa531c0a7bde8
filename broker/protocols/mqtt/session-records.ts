// What the store keeps of sessions: a record each for the session, its subscriptions, the identifiers of QoS 2 packets that
// it has received and not seen released, and its will. Messages on their way to it are in its queue.

import { BrokerError } from '../../core/errors.ts';
import { isQos } from './codec/qos.ts';
import type { Qos } from './codec/qos.ts';

export const recordType = {
  /** Key: client identifier. */
  session: 'mqtt.session',
  /** Key: client identifier and filter. */
  subscription: 'mqtt.subscription',
  /** Key: client identifier and packet identifier. */
  inbound: 'mqtt.inbound',
  /** Key: client identifier. */
  will: 'mqtt.will',
  /** One record, there while the engine runs: found at start, the engine did not stop in order. */
  running: 'mqtt.running',
} as const;

/** A record whose key says it all. */
export const present = Buffer.alloc(0);

/** Both parts can hold any character: the length of the first tells where it ends. */
export function pairKey(clientId: string, second: string | number): string {
  return `${clientId.length}:${clientId}${second}`;
}

/** @throws BrokerError `store-failed`. */
export function splitKey(key: string): readonly [clientId: string, second: string] {
  const colon = key.indexOf(':');
  const end = colon + 1 + Number(key.slice(0, colon));
  if (colon < 1 || !(end <= key.length)) throw new BrokerError('store-failed', `not a key of a session's: "${key}"`);
  return [key.slice(colon + 1, end), key.slice(end)];
}

export function encodeQos(qos: Qos): Buffer {
  return Buffer.from([qos]);
}

/** @throws BrokerError `store-failed`. */
export function decodeQos(value: Buffer): Qos {
  const qos = value[0] ?? -1;
  if (!isQos(qos)) throw new BrokerError('store-failed', `a subscription of QoS ${qos}`);
  return qos;
}
