// What the store keeps of sessions: a record each for the session, its subscriptions, the identifiers of QoS 2 packets that
// it has received and not seen released, and its will. Messages on their way to it are in its queue.

import { BrokerError } from '../../core/errors.ts';
import { isQos } from './codec/qos.ts';
import type { SubscriptionOptions } from './codec/subscribe.ts';

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

/** The Session Expiry Interval that says never (MQTT 5, 3.1.2.11.2). */
export const never = 0xffff_ffff;

/** How long a session lasts without a connection. */
export interface Expiry {
  readonly seconds: number;
  /** Milliseconds since the epoch; 0: a connection has it. */
  readonly at: number;
}

const expiryBytes = 12;

/** What the store keeps of a session itself. */
export interface StoredSession {
  readonly expiry: Expiry;
  /** Who made it, or took it up; undefined: not known. */
  readonly user: string | undefined;
}

/** Of a session that never expires it is the same with and without a connection. */
export function encodeSession({ expiry: { seconds, at }, user = '' }: StoredSession): Buffer {
  const bytes = Buffer.alloc(expiryBytes);
  bytes.writeUInt32BE(seconds, 0);
  bytes.writeDoubleBE(seconds === never ? 0 : at, 4);
  return Buffer.concat([bytes, Buffer.from(user)]);
}

/** Records of earlier engines have no user, and of sessions that never expire nothing at all. */
export function decodeSession(value: Buffer): StoredSession {
  const user = value.toString('utf8', expiryBytes) || undefined;
  if (value.length < expiryBytes) return { expiry: { seconds: never, at: 0 }, user };
  return { expiry: { seconds: value.readUInt32BE(0), at: value.readDoubleBE(4) }, user };
}

const bit = { noLocal: 0x04, retainAsPublished: 0x08 } as const;

/** The options as in SUBSCRIBE; behind them the Subscription Identifier, if there is one. */
export function encodeOptions({ qos, noLocal, retainAsPublished, identifier }: SubscriptionOptions): Buffer {
  const bytes = Buffer.alloc(identifier === 0 ? 1 : 5);
  bytes[0] = qos | (noLocal ? bit.noLocal : 0) | (retainAsPublished ? bit.retainAsPublished : 0);
  if (identifier > 0) bytes.writeUInt32BE(identifier, 1);
  return bytes;
}

/** @throws BrokerError `store-failed`. */
export function decodeOptions(value: Buffer): SubscriptionOptions {
  const byte = value[0] ?? -1;
  const qos = byte & 3;
  if (!isQos(qos) || byte < 0) throw new BrokerError('store-failed', `a subscription of QoS ${qos}`);
  return {
    qos,
    noLocal: (byte & bit.noLocal) !== 0,
    retainAsPublished: (byte & bit.retainAsPublished) !== 0,
    identifier: value.length < 5 ? 0 : value.readUInt32BE(1),
  };
}
