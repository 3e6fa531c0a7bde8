// DISCONNECT and AUTH (MQTT 5, 3.14 and 3.15): a reason code and properties, both of which may be left out. In MQTT 3.1.1
// only clients disconnect, and give no reason.

import { FieldReader } from './field-reader.ts';
import { packetType } from './fixed-header.ts';
import type { ProtocolLevel } from './fixed-header.ts';
import type { FrameReader } from './frame-reader.ts';
import { noProperties, packetOf, property, PropertyWriter, readProperties } from './properties.ts';
import type { Properties } from './properties.ts';
import { reason } from './reason.ts';
import type { Reason } from './reason.ts';

interface Reasoned {
  readonly code: number;
  readonly properties: Properties;
}

/** Those of table 3-10 that a client may give. */
const fromClient: ReadonlySet<number> = new Set<number>([
  reason.success,
  reason.disconnectWithWill,
  reason.unspecified,
  reason.malformed,
  reason.protocolError,
  reason.implementationSpecific,
  reason.topicNameInvalid,
  reason.receiveMaximumExceeded,
  reason.topicAliasInvalid,
  reason.packetTooLarge,
  reason.messageRateTooHigh,
  reason.quotaExceeded,
  reason.administrativeAction,
  reason.payloadFormatInvalid,
]);

/** @throws WireError. */
export function readDisconnect(frame: FrameReader, level: ProtocolLevel): Reasoned {
  const fields = new FieldReader('DISCONNECT', frame);
  if (level < 5 || fields.atEnd) {
    fields.finish();
    return { code: reason.success, properties: noProperties };
  }
  const code = fields.byte('reason code');
  if (!fromClient.has(code)) throw fields.violation(`reason code 0x${code.toString(16)}`); // [MQTT-3.14.2-1]
  const properties = fields.atEnd ? noProperties : readProperties(fields, 'disconnect');
  fields.finish();
  return { code, properties };
}

/** @throws WireError. */
export function readAuth(frame: FrameReader): Reasoned {
  const fields = new FieldReader('AUTH', frame);
  const code = fields.atEnd ? reason.success : fields.byte('reason code');
  const properties = fields.atEnd ? noProperties : readProperties(fields, 'auth');
  fields.finish();
  // [MQTT-3.15.2-1]: Success is the server's to say.
  if (code !== reason.continueAuthentication && code !== reason.reAuthenticate) {
    throw fields.violation(`reason code 0x${code.toString(16)}`);
  }
  if (properties.authenticationMethod === undefined) throw fields.violation('no authentication method');
  return { code, properties };
}

/** `properties`: with their length. */
export function disconnect(code: Reason, properties: Buffer): Buffer {
  const header = packetType.disconnect << 4;
  return properties.length === 1
    ? packetOf(header, Buffer.from([code]))
    : packetOf(header, Buffer.from([code]), properties);
}

export function auth(code: Reason, method: string, data: Buffer | undefined): Buffer {
  const properties = new PropertyWriter().text(property.authenticationMethod, method);
  if (data !== undefined) properties.binary(property.authenticationData, data);
  return packetOf(packetType.auth << 4, Buffer.from([code]), properties.finish());
}
