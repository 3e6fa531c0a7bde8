// The fixed header (MQTT 3.1.1, 2.2): which packets a client may send, with which flags and lengths. What it refuses is
// refused before a byte of the packet's body is kept.

import { BrokerError } from '../../../core/errors.ts';

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
} as const;

/** 3: MQTT 3.1 ("MQIsdp"). 4: MQTT 3.1.1. */
export type ProtocolLevel = 3 | 4;

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

const dup = 0x08;

/** Every CONNECT that 3.1.1 allows fits: five fields of 65,535 bytes behind a header of ten. */
const maxConnectBytes = 10 + 5 * (2 + 65_535);

/** SUBSCRIBE and UNSUBSCRIBE: what they ask for is held in memory, and many are better sent in several packets. */
const maxControlBytes = 1024 * 1024;

/** `level`: undefined until the CONNECT was accepted. @throws BrokerError `invalid`, `too-large`. */
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
  const rule = fromClient[type];
  if (rule === undefined) throw new BrokerError('invalid', `a client must not send packets of type ${type}`);
  // [MQTT-3.1.0-1], [MQTT-3.1.0-2]
  if ((type === packetType.connect) !== (level === undefined)) {
    throw new BrokerError('invalid', level === undefined ? `${rule.name} before CONNECT` : 'a second CONNECT');
  }
  // [MQTT-2.2.2-2]. MQTT 3.1 lets what is sent again say so by its DUP flag (2.1 there).
  const reserved = level === 3 && rule.flags === 2 ? flags & ~dup : flags;
  if (rule.flags !== undefined && reserved !== rule.flags) {
    throw new BrokerError('invalid', `${rule.name}: flags ${flags} where ${rule.flags} is reserved`);
  }
  if (rule.length !== undefined && length !== rule.length) {
    throw new BrokerError('invalid', `${rule.name}: remaining length ${length} where only ${rule.length} is possible`);
  }
  const limit = level === undefined ? maxConnectBytes : Math.min(maxControlBytes, maxMessageBytes);
  if (length > limit) throw tooLarge(rule.name, length, limit);
}

function tooLarge(name: string, length: number, limit: number): BrokerError {
  return new BrokerError('too-large', `${name} of ${length} bytes, where ${limit} are allowed`);
}
