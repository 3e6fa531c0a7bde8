// The fixed header (MQTT 3.1.1 and 5, 2.1 and 2.2): which packets a client may send, with which flags and lengths. What it
// refuses is refused before a byte of the packet's body is kept.

import { malformed, protocolError, reason, WireError } from './reason.ts';

/** Table 2.1. */
export const packetType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

/** 3: MQTT 3.1 ("MQIsdp"). 4: MQTT 3.1.1. 5: MQTT 5.0. */
export type ProtocolLevel = 3 | 4 | 5;

interface Rule {
  readonly name: string;
  /** The reserved flags; absent: the flags have a meaning of their own. */
  readonly flags?: number;
  /** The remaining length, where all packets of the type have the same. */
  readonly length?: number;
}

/** By packet type; those that only a server sends are absent. */
const fromClient: readonly (Rule | undefined)[] = [
  undefined,
  { name: 'CONNECT', flags: 0 },
  undefined,
  { name: 'PUBLISH' },
  { name: 'PUBACK', flags: 0, length: 2 },
  { name: 'PUBREC', flags: 0, length: 2 },
  { name: 'PUBREL', flags: 2, length: 2 }, // [MQTT-3.6.1-1]
  { name: 'PUBCOMP', flags: 0, length: 2 },
  { name: 'SUBSCRIBE', flags: 2 }, // [MQTT-3.8.1-1]
  undefined,
  { name: 'UNSUBSCRIBE', flags: 2 }, // [MQTT-3.10.1-1]
  undefined,
  { name: 'PINGREQ', flags: 0, length: 0 },
  undefined,
  { name: 'DISCONNECT', flags: 0, length: 0 }, // [MQTT-3.14.1-1]
];

/** MQTT 5: reason codes and properties may follow, and there is AUTH [MQTT-3.15.1-1]. */
const fromClient5: readonly (Rule | undefined)[] = [
  ...fromClient.map((rule, type) => {
    if (rule === undefined || type === packetType.pingreq) return rule;
    const { length: _any, ...others } = rule;
    return others;
  }),
  { name: 'AUTH', flags: 0 },
];

const dup = 0x08;

/** Every CONNECT that 3.1.1 allows fits, and every one of 5 that says something sensible. */
const maxConnectBytes = 1024 * 1024;

/** SUBSCRIBE and UNSUBSCRIBE: what they ask for is held in memory, and many are better sent in several packets. */
const maxControlBytes = 1024 * 1024;

/** `level`: undefined until the CONNECT was read. @throws WireError. */
export function checkFixedHeader(
  type: number,
  flags: number,
  length: number,
  level: ProtocolLevel | undefined,
  maxMessageBytes: number,
): void {
  if (type === packetType.publish && level !== undefined) {
    if (length > maxMessageBytes) throw tooLarge('PUBLISH', length, maxMessageBytes);
    return;
  }
  const rule = (level === 5 ? fromClient5 : fromClient)[type];
  if (rule === undefined) throw protocolError(`a client must not send packets of type ${type}`);
  // [MQTT-3.1.0-1], [MQTT-3.1.0-2]
  if ((type === packetType.connect) !== (level === undefined)) {
    throw protocolError(level === undefined ? `${rule.name} before CONNECT` : 'a second CONNECT');
  }
  // [MQTT-2.2.2-2], [MQTT-2.1.3-1 of 5]. MQTT 3.1 lets what is sent again say so by its DUP flag (2.1 there).
  const reserved = level === 3 && rule.flags === 2 ? flags & ~dup : flags;
  if (rule.flags !== undefined && reserved !== rule.flags) {
    throw malformed(`${rule.name}: flags ${flags} where ${rule.flags} is reserved`);
  }
  if (rule.length !== undefined && length !== rule.length) {
    throw malformed(`${rule.name}: remaining length ${length} where only ${rule.length} is possible`);
  }
  const limit = level === undefined ? maxConnectBytes : Math.min(maxControlBytes, maxMessageBytes);
  if (length > limit) throw tooLarge(rule.name, length, limit);
}

function tooLarge(name: string, length: number, limit: number): WireError {
  const message = `${name} of ${length} bytes, where ${limit} are allowed`;
  return new WireError(reason.packetTooLarge, message, 'too-large');
}
