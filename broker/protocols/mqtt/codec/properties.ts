// Properties (MQTT 5, 2.2.2): which there are, of which type, and in which packets; how they are read and written. What is in
// a packet where it must not be is malformed, and what is there twice is a protocol error.

import type { FieldReader } from './field-reader.ts';
import { protocolError } from './reason.ts';
import type { WireError } from './reason.ts';

/** Where properties can be; `will`: in the payload of a CONNECT. */
export type Section =
  | 'connect'
  | 'will'
  | 'publish'
  | 'acknowledgement'
  | 'subscribe'
  | 'unsubscribe'
  | 'disconnect'
  | 'auth';

/** Table 2-4. */
export const property = {
  payloadFormat: 0x01,
  messageExpiry: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionIdentifier: 0x0b,
  sessionExpiry: 0x11,
  assignedClientIdentifier: 0x12,
  serverKeepAlive: 0x13,
  authenticationMethod: 0x15,
  authenticationData: 0x16,
  requestProblemInformation: 0x17,
  willDelay: 0x18,
  requestResponseInformation: 0x19,
  responseInformation: 0x1a,
  reasonString: 0x1f,
  receiveMaximum: 0x21,
  topicAliasMaximum: 0x22,
  topicAlias: 0x23,
  userProperty: 0x26,
  maximumPacketSize: 0x27,
} as const;

type Numbers =
  | 'payloadFormat'
  | 'messageExpiry'
  | 'subscriptionIdentifier'
  | 'sessionExpiry'
  | 'requestProblemInformation'
  | 'willDelay'
  | 'requestResponseInformation'
  | 'receiveMaximum'
  | 'topicAliasMaximum'
  | 'topicAlias'
  | 'maximumPacketSize';
type Texts = 'contentType' | 'responseTopic' | 'authenticationMethod' | 'reasonString' | 'serverReference';
type Binaries = 'correlationData' | 'authenticationData';

export interface UserProperty {
  readonly name: string;
  readonly value: string;
}

/** What one section of a packet from a client says. */
export type Properties = { [name in Numbers]?: number } & { [name in Texts]?: string } & {
  [name in Binaries]?: Buffer;
} & {
  /** In their order, each as often as it was there. */
  userProperties?: UserProperty[];
  /** The bytes of those that a message bears wherever it goes; undefined: none. */
  forwarded?: Buffer;
};

type NumberType = 'flag' | 'two bytes' | 'four bytes' | 'variable';

type Rule = { readonly in: readonly Section[]; readonly forwarded?: true } & (
  | { readonly name: Numbers; readonly type: NumberType; readonly notZero?: true }
  | { readonly name: Texts; readonly type: 'text' }
  | { readonly name: Binaries; readonly type: 'binary' }
  | { readonly name: 'userProperties'; readonly type: 'pair' }
);

const message = ['publish', 'will'] as const;
const everywhere = [
  'connect',
  'will',
  'publish',
  'acknowledgement',
  'subscribe',
  'unsubscribe',
  'disconnect',
  'auth',
] as const;

/** Those that a client may send, by identifier. */
const rules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [property.payloadFormat, { name: 'payloadFormat', type: 'flag', in: message, forwarded: true }],
  [property.messageExpiry, { name: 'messageExpiry', type: 'four bytes', in: message }],
  [property.contentType, { name: 'contentType', type: 'text', in: message, forwarded: true }],
  [property.responseTopic, { name: 'responseTopic', type: 'text', in: message, forwarded: true }],
  [property.correlationData, { name: 'correlationData', type: 'binary', in: message, forwarded: true }],
  // Also in a PUBLISH, but not from a client: see `refusalOf`.
  [
    property.subscriptionIdentifier,
    { name: 'subscriptionIdentifier', type: 'variable', in: ['subscribe'], notZero: true },
  ],
  [property.sessionExpiry, { name: 'sessionExpiry', type: 'four bytes', in: ['connect', 'disconnect'] }],
  [property.authenticationMethod, { name: 'authenticationMethod', type: 'text', in: ['connect', 'auth'] }],
  [property.authenticationData, { name: 'authenticationData', type: 'binary', in: ['connect', 'auth'] }],
  [property.requestProblemInformation, { name: 'requestProblemInformation', type: 'flag', in: ['connect'] }],
  [property.willDelay, { name: 'willDelay', type: 'four bytes', in: ['will'] }],
  [property.requestResponseInformation, { name: 'requestResponseInformation', type: 'flag', in: ['connect'] }],
  [property.reasonString, { name: 'reasonString', type: 'text', in: ['acknowledgement', 'disconnect', 'auth'] }],
  [property.receiveMaximum, { name: 'receiveMaximum', type: 'two bytes', in: ['connect'], notZero: true }],
  [property.topicAliasMaximum, { name: 'topicAliasMaximum', type: 'two bytes', in: ['connect'] }],
  [property.topicAlias, { name: 'topicAlias', type: 'two bytes', in: ['publish'] }],
  [property.userProperty, { name: 'userProperties', type: 'pair', in: everywhere, forwarded: true }],
  [property.maximumPacketSize, { name: 'maximumPacketSize', type: 'four bytes', in: ['connect'], notZero: true }],
]);

export const noProperties: Properties = {};

/** Reads the length of a section and what it holds. @throws WireError. */
export function readProperties(fields: FieldReader, section: Section): Properties {
  const length = fields.variable('property length');
  if (length === 0) return noProperties;
  const end = fields.at + length;
  fields.require(length, 'properties');
  const properties: Properties = {};
  const forwarded: Buffer[] = [];
  while (fields.at < end) {
    const start = fields.at;
    const id = fields.variable('property identifier');
    const rule = rules.get(id);
    if (rule?.in.includes(section) !== true) throw refusalOf(id, section, fields);
    readOne(fields, rule, properties);
    if (fields.at > end) throw fields.fail('a property is longer than all of them');
    if (rule.forwarded === true && (section === 'publish' || section === 'will')) {
      forwarded.push(fields.bytesBetween(start, fields.at));
    }
  }
  if (forwarded.length > 0) properties.forwarded = Buffer.concat(forwarded);
  return properties;
}

/** What no such packet has is malformed; a Subscription Identifier a PUBLISH does have, but from the server only [MQTT-3.3.4-6]. */
function refusalOf(id: number, section: Section, fields: FieldReader): WireError {
  const isTheServers = section === 'publish' && id === property.subscriptionIdentifier;
  if (isTheServers) return protocolError('PUBLISH: only the server says a Subscription Identifier');
  return fields.fail(`property 0x${id.toString(16)} is not allowed here`);
}

function readOne(fields: FieldReader, rule: Rule, properties: Properties): void {
  if (rule.type === 'pair') {
    const name = fields.text('user property'); // [MQTT-1.5.7-1]
    (properties.userProperties ??= []).push({ name, value: fields.text('user property') });
    return;
  }
  if (properties[rule.name] !== undefined) throw protocolError(`${rule.name} is there twice`);
  if (rule.type === 'text') properties[rule.name] = fields.text(rule.name);
  else if (rule.type === 'binary') properties[rule.name] = fields.binary(rule.name);
  else {
    const value = readNumber(fields, rule.type, rule.name);
    if (rule.notZero === true && value === 0) throw protocolError(`${rule.name} is 0`);
    properties[rule.name] = value;
  }
}

function readNumber(fields: FieldReader, type: NumberType, name: string): number {
  if (type === 'two bytes') return fields.integer(name);
  if (type === 'four bytes') return fields.long(name);
  if (type === 'variable') return fields.variable(name);
  const value = fields.byte(name);
  if (value > 1) throw protocolError(`${name} is ${value}`);
  return value;
}

/** Builds a section, its length in front. */
export class PropertyWriter {
  readonly #parts: Buffer[] = [];

  byte(id: number, value: number): this {
    return this.encoded(Buffer.from([id, value]));
  }

  integer(id: number, value: number): this {
    return this.encoded(Buffer.from([id, value >> 8, value & 0xff]));
  }

  long(id: number, value: number): this {
    const bytes = Buffer.allocUnsafe(5);
    bytes[0] = id;
    bytes.writeUInt32BE(value, 1);
    return this.encoded(bytes);
  }

  variable(id: number, value: number): this {
    return this.encoded(Buffer.from([id, ...variableBytes(value)]));
  }

  text(id: number, value: string): this {
    return this.binary(id, Buffer.from(value));
  }

  /** Longer than a length can say: left out. */
  binary(id: number, value: Buffer): this {
    if (value.length > longestField) return this;
    return this.encoded(Buffer.concat([Buffer.from([id, value.length >> 8, value.length & 0xff]), value]));
  }

  pair(id: number, name: string, value: string): this {
    const [first, second] = [Buffer.from(name), Buffer.from(value)];
    if (first.length > longestField || second.length > longestField) return this;
    return this.encoded(Buffer.concat([Buffer.from([id]), sized(first), sized(second)]));
  }

  /** Whole properties, as they are. */
  encoded(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  finish(): Buffer {
    const { length } = this.#parts;
    if (length === 0) return emptySection;
    let bytes = 0;
    for (const part of this.#parts) bytes += part.length;
    return Buffer.concat([Buffer.from(variableBytes(bytes)), ...this.#parts]);
  }

  /** Without the length in front. */
  body(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

const longestField = 65_535;

/** [MQTT-2.2.2-1] */
export const emptySection = Buffer.alloc(1);

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** A variable byte integer (1.5.5), in as few bytes as it needs [MQTT-1.5.5-1]. */
export function variableBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const digit = rest & 0x7f;
    rest >>= 7;
    bytes.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return bytes;
}

/** A packet of its parts, behind its fixed header. */
export function packetOf(firstByte: number, ...parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  return Buffer.concat([Buffer.from([firstByte, ...variableBytes(length)]), ...parts]);
}

/** A property that must not be without another. */
export function requireMethod({ authenticationMethod, authenticationData }: Properties): void {
  if (authenticationData !== undefined && authenticationMethod === undefined) {
    throw protocolError('authentication data without a method');
  }
}
