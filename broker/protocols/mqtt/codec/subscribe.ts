// SUBSCRIBE and UNSUBSCRIBE (MQTT 3.1.1, 3.8 and 3.10) and their answers (3.9 and 3.11). Filters are read as text; whether
// they are well formed is topic-names.ts's business.

import { FieldReader } from './field-reader.ts';
import { packetType } from './fixed-header.ts';
import type { FrameReader } from './frame-reader.ts';
import { isQos } from './qos.ts';
import type { Qos } from './qos.ts';

export interface SubscriptionRequest {
  readonly filter: string;
  readonly qos: Qos;
}

export interface Subscribe {
  readonly id: number;
  readonly requests: readonly SubscriptionRequest[];
}

export interface Unsubscribe {
  readonly id: number;
  readonly filters: readonly string[];
}

/** SUBACK's code for a subscription that was not made [MQTT-3.9.3-2]. */
export const subscriptionFailed = 0x80;

/** @throws BrokerError `invalid`. */
export function readSubscribe(frame: FrameReader): Subscribe {
  const fields = new FieldReader('SUBSCRIBE', frame);
  const id = fields.packetId();
  const requests: SubscriptionRequest[] = [];
  do {
    const filter = fields.text('topic filter'); // [MQTT-3.8.3-1], and [MQTT-3.8.3-3] by being read at least once
    const qos = fields.byte('requested QoS');
    if (!isQos(qos)) throw fields.fail(`requested QoS ${qos}`); // [MQTT-3-8.3-4]
    requests.push({ filter, qos });
  } while (!fields.atEnd);
  return { id, requests };
}

/** @throws BrokerError `invalid`. */
export function readUnsubscribe(frame: FrameReader): Unsubscribe {
  const fields = new FieldReader('UNSUBSCRIBE', frame);
  const id = fields.packetId();
  const filters: string[] = [];
  do {
    filters.push(fields.text('topic filter')); // [MQTT-3.10.3-1], [MQTT-3.10.3-2]
  } while (!fields.atEnd);
  return { id, filters };
}

/** `codes`: granted QoS or failure of each filter, in the order of the request [MQTT-3.9.3-1]. */
export function suback(id: number, codes: readonly number[]): Buffer {
  const header = fixedHeader(packetType.suback, 2 + codes.length);
  return Buffer.from([...header, id >> 8, id & 0xff, ...codes]);
}

function fixedHeader(type: number, length: number): number[] {
  const bytes = [type << 4];
  let rest = length;
  do {
    const digit = rest & 0x7f;
    rest >>= 7;
    bytes.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return bytes;
}
