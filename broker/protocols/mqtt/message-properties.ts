// The properties of MQTT 5 (3.3.2.3) and the engine's message. What a client sent goes to other clients of MQTT 5 as the bytes
// that it was; where the engine has a field for it, other protocols find it there, and what they put there is a property here.
// Correlation data that is not text is AMQP's "ID:AMQP_BINARY:" and its digits, as JMS has it.

import { isUtf8 } from 'node:buffer';
import type { Message, Property, PropertyValue } from '../../core/message.ts';
import { property, PropertyWriter } from './codec/properties.ts';
import type { Properties } from './codec/properties.ts';
import { markNames } from './marks.ts';
import { swapNames } from './topic-names.ts';

const dialect = 'mqtt5';
const topicScheme = 'topic://';
const binaryPrefix = 'ID:AMQP_BINARY:';
const payloadIsText = 1;

/** What the engine has fields for. */
export type MappedFields = Pick<
  Message,
  'bodyType' | 'contentType' | 'correlationId' | 'replyTo' | 'expiresAt' | 'original'
> & { readonly userProperties: readonly Property[] };

/** `now`: milliseconds since the epoch. */
export function fieldsOf(properties: Properties, now: number): MappedFields {
  const { contentType, correlationData, responseTopic, messageExpiry, userProperties, forwarded } = properties;
  return {
    bodyType: properties.payloadFormat === payloadIsText ? 'text' : 'bytes',
    contentType,
    correlationId: correlationData === undefined ? undefined : correlationText(correlationData),
    replyTo: responseTopic === undefined ? undefined : topicScheme + swapNames(responseTopic),
    expiresAt: messageExpiry === undefined ? undefined : now + messageExpiry * 1000,
    original: forwarded === undefined ? undefined : { dialect, bytes: forwarded },
    userProperties: userProperties?.map(({ name, value }): Property => ({ name, type: 'string', value })) ?? [],
  };
}

/**
 * The properties of a PUBLISH to a client, without their length; undefined: none. `identifiers`: Subscription Identifiers,
 * as properties. `now`: milliseconds since the epoch.
 */
export function deliveryProperties(message: Message, identifiers: Buffer | undefined, now: number): Buffer | undefined {
  const own = message.original?.dialect === dialect ? message.original.bytes : mapped(message);
  const { expiresAt } = message;
  if (expiresAt === undefined && identifiers === undefined) return own;
  const writer = new PropertyWriter();
  if (own !== undefined) writer.encoded(own);
  if (expiresAt !== undefined) writer.long(property.messageExpiry, secondsLeft(expiresAt, now)); // [MQTT-3.3.2-6 of 5]
  if (identifiers !== undefined) writer.encoded(identifiers);
  return writer.body();
}

/** A started second counts as a whole one: what has just come keeps the number that it came with. */
function secondsLeft(expiresAt: number, now: number): number {
  return Math.min(Math.max(Math.ceil((expiresAt - now) / 1000), 0), 0xffff_ffff);
}

/** Of a message of another protocol. */
function mapped(message: Message): Buffer | undefined {
  const { bodyType, contentType, correlationId, replyTo, properties } = message;
  const writer = new PropertyWriter();
  if (bodyType !== 'bytes') writer.byte(property.payloadFormat, payloadIsText);
  const type = contentType ?? (bodyType === 'value' ? 'application/json' : undefined);
  if (type !== undefined && isText(type)) writer.text(property.contentType, type);
  if (replyTo?.startsWith(topicScheme) === true) {
    const topic = swapNames(replyTo.slice(topicScheme.length));
    if (topic !== '' && isText(topic) && !/[+#]/.test(topic)) writer.text(property.responseTopic, topic);
  }
  if (correlationId !== undefined) writer.binary(property.correlationData, correlationBytes(correlationId));
  for (const { name, value } of properties) {
    const text = markNames.has(name) ? undefined : propertyText(value);
    if (text !== undefined && isText(name) && isText(text)) writer.pair(property.userProperty, name, text);
  }
  const bytes = writer.body();
  return bytes.length === 0 ? undefined : bytes;
}

function propertyText(value: PropertyValue): string | undefined {
  if (value === null) return undefined;
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value);
}

function correlationText(bytes: Buffer): string {
  const isReadable = bytes.length > 0 && isUtf8(bytes) && !bytes.includes(0);
  const text = isReadable ? bytes.toString() : '';
  // What looks like the form of bytes has to be in that form.
  return isReadable && !text.startsWith(binaryPrefix) ? text : binaryPrefix + bytes.toString('hex').toUpperCase();
}

function correlationBytes(text: string): Buffer {
  const digits = text.startsWith(binaryPrefix) ? text.slice(binaryPrefix.length) : undefined;
  return digits !== undefined && /^(?:[\dA-F]{2})*$/i.test(digits) ? Buffer.from(digits, 'hex') : Buffer.from(text);
}

/** MQTT's text has no NUL, and no half of a surrogate pair [MQTT-1.5.4-1 of 5], [MQTT-1.5.4-2 of 5]. */
function isText(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}
