// CONNECT (MQTT 3.1.1 and 5, 3.1) and the answers to it (3.2).

import type { FieldReader } from './field-reader.ts';
import { packetType } from './fixed-header.ts';
import type { ProtocolLevel } from './fixed-header.ts';
import { noProperties, packetOf, readProperties, requireMethod } from './properties.ts';
import type { Properties } from './properties.ts';
import { isQos } from './qos.ts';
import type { Qos } from './qos.ts';
import { protocolError, reason } from './reason.ts';
import type { Reason } from './reason.ts';

export interface WillFields {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: Properties;
}

export interface Connect {
  readonly level: ProtocolLevel;
  /** Clean Session; Clean Start in MQTT 5. */
  readonly clean: boolean;
  /** 0: none. */
  readonly keepAliveSeconds: number;
  readonly clientId: string;
  readonly will: WillFields | undefined;
  readonly user: string | undefined;
  readonly password: Buffer | undefined;
  readonly properties: Properties;
}

/** A CONNECT in a version that is not spoken here, and the CONNACK that its sender understands. */
export interface UnsupportedVersion {
  readonly level: number;
  readonly answer: Buffer;
}

const flag = { reserved: 0x01, clean: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, user: 0x80 } as const;
const willQosShift = 3;

const levelsOf: Readonly<Record<string, readonly ProtocolLevel[]>> = { MQTT: [4, 5], MQIsdp: [3] };
const highestLevel = 5;
/** What mosquitto's bridges add to the level; they try again without. */
const bridgeBit = 0x80;

/** Table 3.1 of MQTT 3.1.1. */
const unacceptableLevel = 1;

/**
 * Reads as far as the protocol's version.
 * @throws WireError: to be closed without an answer [MQTT-3.1.2-1], as this is no MQTT that we know.
 */
export function readVersion(fields: FieldReader): ProtocolLevel | UnsupportedVersion {
  const protocol = fields.text('protocol name');
  const levels = levelsOf[protocol];
  if (levels === undefined) throw fields.fail(`unknown protocol name ${JSON.stringify(protocol.slice(0, 32))}`);
  const asked = fields.byte('protocol level');
  const level = levels.find((known) => known === asked);
  if (level !== undefined) return level;
  // [MQTT-3.1.2-2]. Later versions will understand what the last one we know would say, earlier ones MQTT 3.1.1's.
  const isLater = protocol === 'MQTT' && asked > highestLevel && asked < bridgeBit;
  const answer = isLater ? [0, reason.unsupportedVersion, 0] : [0, unacceptableLevel];
  return { level: asked, answer: packetOf(packetType.connack << 4, Buffer.from(answer)) };
}

/** @throws WireError [MQTT-3.1.4-1]. */
export function readConnect(fields: FieldReader, level: ProtocolLevel): Connect {
  const flags = fields.byte('connect flags');
  // [MQTT-3.1.2-3]. MQTT 3.1 does not look at it.
  if (level > 3 && (flags & flag.reserved) !== 0) throw fields.fail('the reserved flag is set');
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const willQos = (flags >> willQosShift) & 3;
  // [MQTT-3.1.2-11], [MQTT-3.1.2-13], [MQTT-3.1.2-15]
  if (!has(flag.will) && (willQos !== 0 || has(flag.willRetain))) throw fields.fail('will flags without a will');
  // [MQTT-3.1.2-14]
  if (!isQos(willQos)) throw fields.fail('a will of QoS 3');
  // [MQTT-3.1.2-22]; MQTT 5 has lifted that.
  if (level < 5 && has(flag.password) && !has(flag.user)) throw fields.fail('a password without a user name');
  const keepAliveSeconds = fields.integer('keep alive');
  const properties = level === 5 ? readProperties(fields, 'connect') : noProperties;
  requireMethod(properties);
  // [MQTT-3.1.3-1], [MQTT-3.1.3-3]
  const clientId = fields.text('client identifier');
  const will = has(flag.will)
    ? {
        properties: level === 5 ? readProperties(fields, 'will') : noProperties,
        topic: fields.text('will topic'),
        payload: fields.binary('will message'),
        qos: willQos,
        retain: has(flag.willRetain),
      }
    : undefined;
  const user = has(flag.user) ? fields.text('user name') : undefined;
  const password = has(flag.password) ? fields.binary('password') : undefined;
  // [MQTT-3.1.2-18], [MQTT-3.1.2-20]
  fields.finish();
  if (will?.properties.responseTopic !== undefined) checkResponseTopic(will.properties.responseTopic);
  return { level, clean: has(flag.clean), keepAliveSeconds, clientId, will, user, password, properties };
}

/** [MQTT-3.3.2-14] */
export function checkResponseTopic(topic: string): void {
  if (topic === '' || /[+#]/.test(topic)) throw protocolError(`response topic "${topic}" is not the name of a topic`);
}

/**
 * The codes of MQTT 3.1.1 (its table 3.1) for what MQTT 5 says more exactly. 4 is for a user name or password that is malformed;
 * one that is wrong is not authorized to connect, and 5 is also what ActiveMQ and mosquitto answer.
 */
const returnCodes: ReadonlyMap<Reason, number> = new Map<Reason, number>([
  [reason.success, 0],
  [reason.identifierNotValid, 2],
  [reason.badCredentials, 5],
  [reason.notAuthorized, 5],
]);
const serverUnavailable = 3;

/** `properties`: of MQTT 5, with their length. */
export function connack(level: ProtocolLevel, code: Reason, sessionPresent: boolean, properties: Buffer): Buffer {
  // [MQTT-3.2.0-1]. In MQTT 3.1 that byte is reserved.
  const flags = sessionPresent && level > 3 ? 1 : 0;
  if (level === 5) return packetOf(packetType.connack << 4, Buffer.from([flags, code]), properties);
  return packetOf(packetType.connack << 4, Buffer.from([flags, returnCodes.get(code) ?? serverUnavailable]));
}
