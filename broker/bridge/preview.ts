// What a route would do with a message, without doing it: each field before the crossing, its outcome, and the message after.

import { BrokerError } from '../core/errors.ts';
import { isPropertyType } from '../core/message.ts';
import type { Message, Property } from '../core/message.ts';
import type { Choice } from './choice.ts';
import { isClaimed, keyFor, pointerTo } from './claim-check.ts';
import { mapToBroker } from './endpoints/broker.ts';
import { mapForAmqp, mapForMqtt, mapForStomp } from './endpoints/brokers/map-for-broker.ts';
import { mapToRecord } from './endpoints/kinesis-target.ts';
import { mapToSqs } from './endpoints/sqs.ts';
import { shown } from './examples.ts';
import type { KeyExpression } from './key-expression.ts';
import { fromAttributes } from './mapping/from-attributes.ts';
import { numberHeaders, textHeaders } from './mapping/packing.ts';
import { textOf, valueOf } from './mapping/values.ts';
import { isLost } from './mapping.ts';
import type { MappingRules, Notes, Outcome } from './mapping.ts';
import { splitAddress } from './place.ts';
import { asking, requestNotes } from './replies.ts';

export interface PreviewedRoute {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly rules: MappingRules;
  readonly key: KeyExpression | undefined;
  readonly choice: Choice | undefined;
  readonly onLoss: 'drop-field' | 'dead-letter';
  /** Where requests are answered that cross. */
  readonly through?: string | undefined;
  /** Of the target, where it is known. */
  readonly maxBytes: number;
  /** What another broker is spoken to in; undefined: it is none. Of MQTT, version 5: which one it takes, it only says when asked. */
  readonly far?: 'amqp' | 'mqtt' | 'stomp' | undefined;
}

/** A message as people write it. */
export interface GivenMessage {
  readonly body: string;
  readonly encoding?: 'text' | 'base64';
  readonly bodyType?: Message['bodyType'];
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly properties?: readonly {
    readonly name: string;
    readonly type: string;
    readonly value: string | number | boolean | null;
  }[];
}

interface Field {
  readonly field: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly before: string;
}

export interface Preview {
  readonly route: string;
  readonly to: string;
  readonly refusal?: string;
  readonly key?: string;
  readonly fields: readonly Field[];
  readonly after?: {
    readonly body: string;
    readonly attributes: readonly { readonly name: string; readonly type: string; readonly value: string }[];
  };
}

const attributeTypes: Readonly<Record<string, string>> = { string: 'String', decimal: 'Number', binary: 'Binary' };

/** `now`: milliseconds since the epoch. @throws BrokerError `invalid` for a message that is none. */
export function preview(route: PreviewedRoute, given: GivenMessage, now: number): Preview {
  const { name, from, to, choice } = route;
  const sent = messageOf(given, from, now);
  const fields: Field[] = [];
  const isCloud = from.startsWith('sqs://') || from.startsWith('sns://');
  const notes: Notes = {
    note: (field, outcome, reason) =>
      fields.push({ field, outcome, reason, before: valueBefore(sent, message, field) }),
  };
  let message = sent;
  if (isCloud) message = fromAttributes(sent, notes);
  if (choice?.(message) === false) return { route: name, to, refusal: 'passed over', fields };
  const key = route.key?.(message);
  if (route.key !== undefined && key === undefined) {
    return { route: name, to, refusal: 'it has nothing that its key could be made of', fields };
  }
  const keyed = key === undefined ? {} : { key };
  const asks = route.through !== undefined && message.replyTo !== undefined;
  const sending = asks ? asking(message, route.through) : message;
  const mapped = map(route, sending, key, now, asks ? requestNotes(notes, message, sending) : notes);
  const lost = fields.find(({ outcome, reason }) => isLost(outcome, reason));
  if (mapped === undefined || (route.onLoss === 'dead-letter' && lost !== undefined)) {
    return { route: name, to, ...keyed, refusal: `${lost?.field}: ${lost?.reason}`, fields };
  }
  const isBroker = /^(queue|topic):/.test(to);
  const isText = route.far === 'mqtt' || route.far === 'stomp';
  const dropped = new Set(fields.filter(({ outcome }) => outcome === 'dropped').map(({ field }) => field));
  const there = route.far === undefined ? mapped.properties : mapped.properties.filter((one) => !dropped.has(one.name));
  const attributes = to.startsWith('kinesis://')
    ? []
    : there.map((property) => ({
        name: property.name,
        type: isText ? 'string' : isBroker ? property.type : attributeType(property),
        value: textOf(property.value),
      }));
  return { route: name, to, ...keyed, fields, after: { body: sentBody(mapped, route.rules), attributes } };
}

/** A claimed body is elsewhere, under a key that is made of the message. */
function sentBody(mapped: Message, { claimCheck }: MappingRules): string {
  if (claimCheck === undefined || !isClaimed(mapped)) return mapped.body.toString();
  return pointerTo({ bucket: claimCheck.bucket, key: keyFor(claimCheck, 'preview') });
}

function map(
  { to, rules, maxBytes, far }: PreviewedRoute,
  message: Message,
  key: string | undefined,
  now: number,
  notes: Notes,
): Message | undefined {
  const crossing = { death: undefined, key, path: undefined };
  if (to.startsWith('kinesis://')) return mapToRecord(message, crossing, rules, maxBytes, notes);
  const { place } = splitAddress(to);
  if (far === 'amqp') return mapForAmqp(message, place, rules, crossing, notes);
  if (far === 'mqtt') return mapForMqtt(message, place, rules, 5, crossing, notes);
  if (far === 'stomp') return mapForStomp(message, place, rules, crossing, notes);
  if (/^(queue|topic):/.test(to)) return mapToBroker(message, to, rules, crossing, notes);
  return mapToSqs(message, crossing, rules, maxBytes, { clock: { now: () => now }, account: '' }, notes);
}

function valueBefore(sent: Message, message: Message, field: string): string {
  if (field === 'body') return shown(field, sent.body.toString());
  const property = [...message.properties, ...sent.properties].find((candidate) => candidate.name === field);
  const header = [...textHeaders, ...numberHeaders, 'durable' as const].find((candidate) => candidate === field);
  const value = (header === undefined ? undefined : message[header]) ?? property?.value;
  return value === undefined ? '' : shown(field, value instanceof Uint8Array ? textOf(value) : value);
}

function attributeType({ type, label }: Property): string {
  const base = attributeTypes[type] ?? 'String';
  return label === undefined ? base : `${base}.${label}`;
}

function messageOf(given: GivenMessage, from: string, now: number): Message {
  const { body, encoding = 'text', headers = {}, properties = [] } = given;
  const isTopic = from.startsWith('topic://');
  const message: { -readonly [K in keyof Message]: Message[K] } = {
    id: 'preview',
    to: isTopic ? from : `queue://${from.slice(from.indexOf('://') + 3)}`,
    body: Buffer.from(body, encoding === 'text' ? 'utf8' : 'base64'),
    bodyType: given.bodyType ?? (encoding === 'text' ? 'text' : 'bytes'),
    durable: true,
    priority: 4,
    timestamp: now,
    properties: properties.map(propertyOf),
  };
  for (const [name, value] of Object.entries(headers)) setHeader(message, name, value);
  return message;
}

function setHeader(
  message: { -readonly [K in keyof Message]: Message[K] },
  name: string,
  value: string | number | boolean,
): void {
  const text = textHeaders.find((candidate) => candidate === name);
  const number = numberHeaders.find((candidate) => candidate === name);
  if (text !== undefined && typeof value === 'string') message[text] = value;
  else if (number !== undefined && typeof value === 'number') message[number] = value;
  else if (name === 'durable' && typeof value === 'boolean') message.durable = value;
  else throw new BrokerError('invalid', `the message has no header "${name}" of this type`);
}

function propertyOf({ name, type, value }: NonNullable<GivenMessage['properties']>[number]): Property {
  const read = isPropertyType(type) ? valueOf(type, String(value)) : undefined;
  if (!isPropertyType(type) || read === undefined) {
    throw new BrokerError('invalid', `property "${name}": ${String(value)} is no ${type}`);
  }
  return { name, type, value: read };
}
