// SUBSCRIBE and UNSUBSCRIBE (MQTT 3.1.1 and 5, 3.8 and 3.10) and their answers (3.9 and 3.11). Filters are read as text;
// whether they are well formed is topic-names.ts's business.

import { FieldReader } from './field-reader.ts';
import { packetType } from './fixed-header.ts';
import type { ProtocolLevel } from './fixed-header.ts';
import type { FrameReader } from './frame-reader.ts';
import { noProperties, packetOf, readProperties } from './properties.ts';
import { isQos } from './qos.ts';
import type { Qos } from './qos.ts';

/** 0: whenever it is asked for. 1: only where the subscription is new. 2: never. */
export type RetainHandling = 0 | 1 | 2;

/** What is asked for with a filter; what MQTT 3.1.1 cannot ask for is as it has it. */
export interface SubscriptionOptions {
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** Subscription Identifier; 0: none. */
  readonly identifier: number;
}

export interface SubscriptionRequest {
  readonly filter: string;
  readonly options: SubscriptionOptions;
  readonly retainHandling: RetainHandling;
}

export interface Subscribe {
  readonly id: number;
  readonly requests: readonly SubscriptionRequest[];
}

export interface Unsubscribe {
  readonly id: number;
  readonly filters: readonly string[];
}

/** Bits of the options byte (MQTT 5, 3.8.3.1). */
const bit = { qos: 0x03, noLocal: 0x04, retainAsPublished: 0x08, retainHandlingShift: 4, reserved: 0xc0 } as const;

/** @throws WireError. */
export function readSubscribe(frame: FrameReader, level: ProtocolLevel): Subscribe {
  const fields = new FieldReader('SUBSCRIBE', frame);
  const id = fields.packetId();
  const { subscriptionIdentifier = 0 } = level === 5 ? readProperties(fields, 'subscribe') : noProperties;
  const requests: SubscriptionRequest[] = [];
  if (fields.atEnd) throw fields.violation('no topic filter'); // [MQTT-3.8.3-3], [MQTT-3.8.3-2 of 5]
  do {
    const filter = fields.text('topic filter'); // [MQTT-3.8.3-1]
    requests.push({ filter, ...readOptions(fields, level, subscriptionIdentifier) });
  } while (!fields.atEnd);
  return { id, requests };
}

function readOptions(
  fields: FieldReader,
  level: ProtocolLevel,
  identifier: number,
): Omit<SubscriptionRequest, 'filter'> {
  const byte = fields.byte('subscription options');
  const qos = byte & bit.qos;
  const retainHandling = (byte >> bit.retainHandlingShift) & 3;
  if (!isQos(qos)) throw fields.violation(`requested QoS ${qos}`); // [MQTT-3-8.3-4]
  // [MQTT-3-8.3-4], [MQTT-3.8.3-5 of 5]
  if ((byte & bit.reserved) !== 0 || (level < 5 && byte !== qos)) throw fields.fail(`options 0x${byte.toString(16)}`);
  if (!isRetainHandling(retainHandling)) throw fields.violation('retain handling 3');
  const noLocal = (byte & bit.noLocal) !== 0;
  const retainAsPublished = (byte & bit.retainAsPublished) !== 0;
  return { options: { qos, noLocal, retainAsPublished, identifier }, retainHandling };
}

function isRetainHandling(value: number): value is RetainHandling {
  return value < 3;
}

/** @throws WireError. */
export function readUnsubscribe(frame: FrameReader, level: ProtocolLevel): Unsubscribe {
  const fields = new FieldReader('UNSUBSCRIBE', frame);
  const id = fields.packetId();
  if (level === 5) readProperties(fields, 'unsubscribe');
  const filters: string[] = [];
  if (fields.atEnd) throw fields.violation('no topic filter'); // [MQTT-3.10.3-2]
  do {
    filters.push(fields.text('topic filter')); // [MQTT-3.10.3-1]
  } while (!fields.atEnd);
  return { id, filters };
}

/**
 * `codes`: of each filter, in the order of the request [MQTT-3.9.3-1], [MQTT-3.11.3-1 of 5]. `properties`: of MQTT 5, with
 * their length; undefined: MQTT 3.1.1.
 */
export function suback(id: number, codes: readonly number[], properties: Buffer | undefined): Buffer {
  return codesOf(packetType.suback, id, codes, properties);
}

/** As suback; MQTT 3.1.1 has no codes in it. */
export function unsuback(id: number, codes: readonly number[], properties: Buffer | undefined): Buffer {
  return codesOf(packetType.unsuback, id, properties === undefined ? [] : codes, properties);
}

function codesOf(type: number, id: number, codes: readonly number[], properties: Buffer | undefined): Buffer {
  return packetOf(type << 4, Buffer.from([id >> 8, id & 0xff]), properties ?? nothing, Buffer.from(codes));
}

const nothing = Buffer.alloc(0);
