// PUBLISH as clients send it (MQTT 3.1.1 and 5, 3.3). This is the hot path: it reads in place, and leaves the topic name as
// bytes, to be looked up.

import { checkResponseTopic } from './connect.ts';
import { FieldReader } from './field-reader.ts';
import type { ProtocolLevel } from './fixed-header.ts';
import type { FrameReader } from './frame-reader.ts';
import { readProperties } from './properties.ts';
import type { Properties } from './properties.ts';
import { isQos } from './qos.ts';
import type { Qos } from './qos.ts';
import { malformed, protocolError, reason, WireError } from './reason.ts';

export interface Publish {
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 where the QoS is 0. */
  readonly id: number;
  /** Where the topic name is in the packet's bytes. */
  readonly topicStart: number;
  readonly topicEnd: number;
  readonly payload: Buffer;
  /** Undefined: there are none. */
  readonly properties: Properties | undefined;
}

export const publishFlag = { retain: 0x01, dup: 0x08 } as const;
export const publishQosShift = 1;

/** A payload is copied out of what it came in when it is less than this part of it, so as not to keep the rest alive. */
const smallestShare = 1 / 8;

/** @throws WireError. */
export function readPublish(frame: FrameReader, level: ProtocolLevel): Publish {
  const { flags, bytes, start, end } = frame;
  const qos = (flags >> publishQosShift) & 3;
  if (!isQos(qos)) throw malformed('PUBLISH: QoS 3'); // [MQTT-3.3.1-4]
  const dup = (flags & publishFlag.dup) !== 0;
  if (qos === 0 && dup) throw malformed('PUBLISH: DUP at QoS 0'); // [MQTT-3.3.1-2]
  const topicStart = start + 2;
  const topicEnd = topicStart > end ? Infinity : topicStart + ((bytes[start]! << 8) | bytes[start + 1]!);
  let payloadStart = qos === 0 ? topicEnd : topicEnd + 2;
  if (payloadStart > end) throw malformed('PUBLISH is cut short');
  const id = qos === 0 ? 0 : (bytes[topicEnd]! << 8) | bytes[topicEnd + 1]!;
  if (qos !== 0 && id === 0) throw protocolError('PUBLISH: packet identifier 0'); // [MQTT-2.3.1-1]
  let properties: Properties | undefined;
  if (level === 5) {
    if (payloadStart < end && bytes[payloadStart] === 0) payloadStart++;
    else {
      const fields = new FieldReader('PUBLISH', { bytes, start: payloadStart, end });
      properties = readProperties(fields, 'publish');
      checkProperties(properties);
      payloadStart = fields.at;
    }
  }
  const part = bytes.subarray(payloadStart, end);
  const payload = part.length < bytes.length * smallestShare ? Buffer.from(part) : part;
  return { qos, retain: (flags & publishFlag.retain) !== 0, dup, id, topicStart, topicEnd, payload, properties };
}

function checkProperties({ topicAlias, responseTopic }: Properties): void {
  // [MQTT-3.3.2-8]
  if (topicAlias === 0) throw new WireError(reason.topicAliasInvalid, 'PUBLISH: topic alias 0');
  if (responseTopic !== undefined) checkResponseTopic(responseTopic);
}
