// PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 3.1.1 and 5, 3.4 to 3.7): a packet identifier, and in MQTT 5 perhaps a reason.

import { FieldReader } from './field-reader.ts';
import { packetType } from './fixed-header.ts';
import type { ProtocolLevel } from './fixed-header.ts';
import type { FrameReader } from './frame-reader.ts';
import { readProperties } from './properties.ts';
import { reason } from './reason.ts';

export interface Acknowledgement {
  readonly id: number;
  readonly code: number;
}

const names: Readonly<Record<number, string>> = {
  [packetType.puback]: 'PUBACK',
  [packetType.pubrec]: 'PUBREC',
  [packetType.pubrel]: 'PUBREL',
  [packetType.pubcomp]: 'PUBCOMP',
};

/** What may be said of a message (table 3-4) [MQTT-3.4.2-1], [MQTT-3.5.2-1]. */
const ofMessage: readonly number[] = [
  reason.success,
  reason.noMatchingSubscribers,
  reason.unspecified,
  reason.implementationSpecific,
  reason.notAuthorized,
  reason.topicNameInvalid,
  reason.packetIdInUse,
  reason.quotaExceeded,
  reason.payloadFormatInvalid,
];

/** What may be said of a release (table 3-6) [MQTT-3.6.2-1], [MQTT-3.7.2-1]. */
const ofRelease: readonly number[] = [reason.success, reason.packetIdNotFound];

/** @throws WireError. */
export function readAcknowledgement(frame: FrameReader, level: ProtocolLevel): Acknowledgement {
  const { type } = frame;
  const fields = new FieldReader(names[type] ?? '', frame);
  const id = fields.packetId();
  if (level < 5 || fields.atEnd) {
    fields.finish();
    return { id, code: reason.success };
  }
  const code = fields.byte('reason code');
  const allowed = type === packetType.puback || type === packetType.pubrec ? ofMessage : ofRelease;
  if (!allowed.includes(code)) throw fields.violation(`reason code 0x${code.toString(16)}`);
  if (!fields.atEnd) readProperties(fields, 'acknowledgement');
  fields.finish();
  return { id, code };
}
