// Broker message to SQS message: text of the characters of XML 1.0, at most ten attributes of type String, Number or
// Binary, at most so many bytes in all (SQS Developer Guide, "Amazon SQS message quotas" and "message metadata").

import { isUtf8 } from 'node:buffer';
import type { Message, Property } from '../../core/message.ts';
import type { Death } from '../../core/store.ts';
import type { Loss, Mapped, MappingRules } from '../mapping.ts';

const mostAttributes = 10;
const longestName = 256;
const attributeName = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const reservedName = /^(aws|amazon)\./i;
/** The characters that XML 1.0 leaves out (2.2), surrogates without their pair excepted. */
// oxlint-disable-next-line eslint/no-control-regex -- they are what it looks for
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Says that the body was bytes, and is now base64. */
export const encodingAttribute = 'causeway.body-encoding';

type HeaderName = keyof typeof headerAttributes;

/** Headers and the attributes that they become. */
const headerAttributes = {
  contentType: 'content-type',
  contentEncoding: 'content-encoding',
  correlationId: 'correlation-id',
  replyTo: 'reply-to',
  type: 'type',
  groupId: 'group-id',
  groupSequence: 'group-sequence',
  to: 'destination',
  id: 'message-id',
  userId: 'user-id',
  priority: 'priority',
  expiresAt: 'expires-at',
} as const;

/** What a receiver cannot do without stands before the properties when ten are too few, the rest behind them. */
const beforeProperties: readonly HeaderName[] = ['contentType', 'contentEncoding', 'correlationId', 'replyTo'];
const afterProperties: readonly HeaderName[] = [
  'type',
  'groupId',
  'groupSequence',
  'to',
  'id',
  'userId',
  'priority',
  'expiresAt',
];

/** A field on its way to be an attribute. */
interface Candidate {
  readonly field: string;
  readonly property: Property;
}

export function mapToSqs(message: Message, rules: MappingRules, maxBytes: number, death?: Death): Mapped {
  const losses: Loss[] = [];
  const lose = (field: string, outcome: Loss['outcome'], reason: string): void => {
    losses.push({ field, outcome, reason });
  };
  const body = mapBody(message, lose);
  if (body === undefined) return { message: undefined, losses };
  if (body.text.length > maxBytes) {
    lose('body', 'refused', `larger than the queue's limit of ${maxBytes} bytes`);
    return { message: undefined, losses };
  }
  const attributes: Property[] = [];
  let room = maxBytes - body.text.length;
  for (const { field, property } of candidates(message, body.marker, death)) {
    const fitted = fit(field, property, rules, lose);
    if (fitted === undefined) continue;
    const size = attributeSize(fitted);
    if (attributes.some(({ name }) => name === fitted.name)) lose(field, 'dropped', 'another field has the same name');
    else if (attributes.length === mostAttributes) lose(field, 'dropped', `over ${mostAttributes} attributes`);
    else if (size > room) lose(field, 'dropped', 'the message would be too large');
    else {
      attributes.push(fitted);
      room -= size;
    }
  }
  // SQS says when a message came to it, not when it was first sent.
  lose('timestamp', 'changed', 'SQS sets SentTimestamp');
  const mapped: Message = {
    id: message.id,
    to: message.to,
    body: body.text,
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: message.timestamp,
    properties: attributes,
  };
  return { message: mapped, losses };
}

/** The body as SQS takes it; undefined if it takes it in no form. */
function mapBody(
  { body, bodyType }: Message,
  lose: (field: string, outcome: Loss['outcome'], reason: string) => void,
): { text: Buffer; marker: Property | undefined } | undefined {
  if (body.length === 0) {
    lose('body', 'refused', 'SQS takes no empty message');
    return undefined;
  }
  if (isUtf8(body) && !notInXml.test(body.toString())) {
    if (bodyType === 'value') lose('body', 'changed', 'AMQP value written as JSON');
    return { text: body, marker: undefined };
  }
  lose('body', 'changed', 'bytes written as base64');
  const marker: Property = { name: encodingAttribute, type: 'string', value: 'base64' };
  return { text: Buffer.from(body.toString('base64')), marker };
}

function* candidates(message: Message, marker: Property | undefined, death: Death | undefined): Generator<Candidate> {
  // Without it, the body could not be read.
  if (marker !== undefined) yield { field: marker.name, property: marker };
  // Whoever looks into dead letters looks for these first.
  if (death !== undefined) {
    yield* textCandidate('dead-letter-reason', death.reason);
    yield* textCandidate('dead-letter-origin', death.origin);
  }
  for (const header of beforeProperties) yield* headerCandidate(message, header);
  for (const property of message.properties) yield { field: property.name, property };
  for (const header of afterProperties) yield* headerCandidate(message, header);
}

function* textCandidate(name: string, value: string): Generator<Candidate> {
  yield { field: name, property: { name, type: 'string', value } };
}

function* headerCandidate(message: Message, header: HeaderName): Generator<Candidate> {
  const value = header === 'contentType' ? contentTypeOf(message) : message[header];
  if (value === undefined) return;
  // The default priority says nothing, and a queue's own address is known to whoever reads its route.
  if (header === 'priority' && value === 4) return;
  if (header === 'to' && !message.to.startsWith('topic://')) return;
  const name = headerAttributes[header];
  yield {
    field: header,
    property: { name, type: typeof value === 'number' ? 'decimal' : 'string', value: String(value) },
  };
}

/** A typed value crosses as JSON, and says so, unless its sender called it something else. */
function contentTypeOf({ contentType, bodyType }: Message): string | undefined {
  return contentType ?? (bodyType === 'value' ? 'application/json' : undefined);
}

/** The property as an attribute, under its new name; undefined if it cannot be one. */
function fit(
  field: string,
  property: Property,
  { rename }: MappingRules,
  lose: (field: string, outcome: Loss['outcome'], reason: string) => void,
): Property | undefined {
  const renamed = rename[field];
  if (renamed === null) {
    lose(field, 'dropped', 'left out by the route');
    return undefined;
  }
  const name = renamed ?? property.name;
  if (name.length > longestName || !attributeName.test(name) || reservedName.test(name)) {
    lose(field, 'dropped', 'the name is not one that SQS takes');
    return undefined;
  }
  const value = fitValue(property);
  if (typeof value === 'string') {
    lose(field, 'dropped', value);
    return undefined;
  }
  if (value.changed !== undefined) lose(field, 'changed', value.changed);
  if (name !== field && property.name !== headerOf(field)) lose(field, 'renamed', `to ${name}`);
  return { name, ...value.property };
}

function headerOf(field: string): string | undefined {
  return Object.entries(headerAttributes).find(([header]) => header === field)?.[1];
}

/** The value as String, Number or Binary, and how it had to change for that; or why it cannot. */
function fitValue({
  type,
  value,
  label,
}: Property): { property: Pick<Property, 'type' | 'value' | 'label'>; changed?: string } | string {
  if (value === null) return 'SQS has no null';
  if (value instanceof Uint8Array) {
    return value.length === 0 ? 'SQS takes no empty value' : { property: { type: 'binary', value } };
  }
  if (type === 'boolean') {
    return { property: { type: 'string', value: String(value) }, changed: 'boolean written as text' };
  }
  const text = String(value);
  if (text === '') return 'SQS takes no empty value';
  if (typeof value === 'string' && type !== 'decimal') {
    return notInXml.test(text) || !text.isWellFormed()
      ? 'the value has characters that SQS does not take'
      : { property: { type: 'string', value: text } };
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { property: { type: 'string', value: text }, changed: `${type} that is not a number written as text` };
  }
  const property =
    label === undefined
      ? ({ type: 'decimal', value: text } as const)
      : ({ type: 'decimal', value: text, label } as const);
  return type === 'timestamp' ? { property, changed: 'timestamp written as milliseconds' } : { property };
}

function attributeSize({ name, type, value, label }: Property): number {
  const typeName = type === 'binary' ? 'Binary' : type === 'decimal' ? 'Number' : 'String';
  const valueBytes = value instanceof Uint8Array ? value.length : Buffer.byteLength(String(value));
  return Buffer.byteLength(name) + typeName.length + (label === undefined ? 0 : label.length + 1) + valueBytes;
}
