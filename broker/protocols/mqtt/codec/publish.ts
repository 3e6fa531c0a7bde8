// PUBLISH as clients send it (MQTT 3.1.1, 3.3). This is the hot path: it reads in place, and leaves the topic name as
// bytes, to be looked up.

import { BrokerError } from '../../../core/errors.ts';
import type { FrameReader } from './frame-reader.ts';
import { isQos } from './qos.ts';
import type { Qos } from './qos.ts';

export interface Publish {
  readonly qos: Qos;
  readonly retain: boolean;
  /** 0 where the QoS is 0. */
  readonly id: number;
  /** Where the topic name is in the packet's bytes. */
  readonly topicStart: number;
  readonly topicEnd: number;
  readonly payload: Buffer;
}

export const publishFlag = { retain: 0x01, dup: 0x08 } as const;
export const publishQosShift = 1;

/** A payload is copied out of what it came in when it is less than this part of it, so as not to keep the rest alive. */
const smallestShare = 1 / 8;

/** @throws BrokerError `invalid`. */
export function readPublish({ flags, bytes, start, end }: FrameReader): Publish {
  const qos = (flags >> publishQosShift) & 3;
  if (!isQos(qos)) throw new BrokerError('invalid', 'PUBLISH: QoS 3'); // [MQTT-3.3.1-4]
  if (qos === 0 && (flags & publishFlag.dup) !== 0) throw new BrokerError('invalid', 'PUBLISH: DUP at QoS 0'); // [MQTT-3.3.1-2]
  const topicStart = start + 2;
  const topicEnd = topicStart > end ? Infinity : topicStart + ((bytes[start]! << 8) | bytes[start + 1]!);
  const payloadStart = qos === 0 ? topicEnd : topicEnd + 2;
  if (payloadStart > end) throw new BrokerError('invalid', 'PUBLISH is cut short');
  const id = qos === 0 ? 0 : (bytes[topicEnd]! << 8) | bytes[topicEnd + 1]!;
  if (qos !== 0 && id === 0) throw new BrokerError('invalid', 'PUBLISH: packet identifier 0'); // [MQTT-2.3.1-1]
  const part = bytes.subarray(payloadStart, end);
  const payload = part.length < bytes.length * smallestShare ? Buffer.from(part) : part;
  return { qos, retain: (flags & publishFlag.retain) !== 0, id, topicStart, topicEnd, payload };
}
