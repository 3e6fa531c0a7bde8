// CONNECT (MQTT 3.1.1, 3.1) and the answers to it (3.2).

import { FieldReader } from './field-reader.ts';
import type { FrameReader } from './frame-reader.ts';
import { packetType } from './fixed-header.ts';
import type { ProtocolLevel } from './fixed-header.ts';
import { isQos } from './qos.ts';
import type { Qos } from './qos.ts';

export interface WillFields {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
}

export interface Connect {
  readonly level: ProtocolLevel;
  readonly cleanSession: boolean;
  /** 0: none. */
  readonly keepAliveSeconds: number;
  readonly clientId: string;
  readonly will: WillFields | undefined;
  readonly user: string | undefined;
  readonly password: Buffer | undefined;
}

/** Table 3.1. */
export const returnCode = {
  accepted: 0,
  unacceptableLevel: 1,
  identifierRejected: 2,
  unavailable: 3,
  badCredentials: 4,
  notAuthorized: 5,
} as const;

export type ReturnCode = (typeof returnCode)[keyof typeof returnCode];

/** A CONNECT in a version that is not spoken here, and the CONNACK that its sender understands. */
export interface UnsupportedVersion {
  readonly level: number;
  readonly answer: Buffer;
}

const flag = { reserved: 0x01, clean: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, user: 0x80 } as const;
const willQosShift = 3;

const levelOf: Readonly<Record<string, ProtocolLevel>> = { MQTT: 4, MQIsdp: 3 };

/** MQTT 5, 3.2: no session, reason 0x84 (unsupported protocol version), no properties. */
const connackOfVersion5 = Buffer.from([packetType.connack << 4, 3, 0, 0x84, 0]);

/** @throws BrokerError `invalid`: to be closed without an answer [MQTT-3.1.4-1]. */
export function readConnect(frame: FrameReader): Connect | UnsupportedVersion {
  const fields = new FieldReader('CONNECT', frame);
  const protocol = fields.text('protocol name');
  const level = levelOf[protocol];
  // [MQTT-3.1.2-1]
  if (level === undefined) throw fields.fail(`unknown protocol name ${JSON.stringify(protocol.slice(0, 32))}`);
  const asked = fields.byte('protocol level');
  if (asked === level) return readFields(fields, level);
  // [MQTT-3.1.2-2]
  const answer = protocol === 'MQTT' && asked === 5 ? connackOfVersion5 : connack(returnCode.unacceptableLevel, false);
  return { level: asked, answer };
}

function readFields(fields: FieldReader, level: ProtocolLevel): Connect {
  const flags = fields.byte('connect flags');
  // [MQTT-3.1.2-3]
  if ((flags & flag.reserved) !== 0) throw fields.fail('the reserved flag is set');
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const willQos = (flags >> willQosShift) & 3;
  // [MQTT-3.1.2-11], [MQTT-3.1.2-13], [MQTT-3.1.2-15]
  if (!has(flag.will) && (willQos !== 0 || has(flag.willRetain))) throw fields.fail('will flags without a will');
  // [MQTT-3.1.2-14]
  if (!isQos(willQos)) throw fields.fail('a will of QoS 3');
  // [MQTT-3.1.2-22]
  if (has(flag.password) && !has(flag.user)) throw fields.fail('a password without a user name');
  const keepAliveSeconds = fields.integer('keep alive');
  // [MQTT-3.1.3-1], [MQTT-3.1.3-3]
  const clientId = fields.text('client identifier');
  const will = has(flag.will)
    ? {
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
  return { level, cleanSession: has(flag.clean), keepAliveSeconds, clientId, will, user, password };
}

export function connack(code: ReturnCode, sessionPresent: boolean): Buffer {
  return Buffer.from([packetType.connack << 4, 2, sessionPresent ? 1 : 0, code]);
}
