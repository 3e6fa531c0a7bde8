// An AMQP message as the engine's (part 3, section 3.2). Its bytes stay with it: AMQP receivers get them unchanged, and
// body and original share their memory where the body is one run of octets.

import { isUtf8 } from 'node:buffer';
import type { BodyType, Message, Property, PropertyType, PropertyValue } from '../../../core/message.ts';
import { entry, type MapEntries, type Value } from '../codec/value.ts';
import { jsonOf, textOf } from './json.ts';
import { jmsKinds } from './jms-annotations.ts';
import type { Body, Properties, Sections } from './sections.ts';
import { whenOf, type When } from './when.ts';

export interface Received {
  readonly message: Message;
  /** Undefined: it is delivered at once. */
  readonly when: When | undefined;
}

const highestPriority = 9;

/**
 * `to`: the address it is sent to. `newId`: gives the message's id if its sender did not. `now`: milliseconds since the epoch.
 * @throws BrokerError `invalid` for annotations that cannot be understood.
 */
export function messageFromSections(sections: Sections, to: string, newId: () => string, now: number): Received {
  const { header, properties, bytes } = sections;
  const annotations = sections.messageAnnotations();
  const contentType = properties?.contentType;
  const { body, bodyType } = bodyOf(sections.body(), contentType);
  const message: Message = {
    id: optionalText(properties?.messageId) ?? newId(),
    to,
    body,
    bodyType,
    contentType,
    contentEncoding: properties?.contentEncoding,
    // A header that is absent has all of its defaults (3.2.1), and so is not durable.
    durable: header?.durable ?? false,
    priority: Math.min(header?.priority ?? 4, highestPriority),
    timestamp: properties?.creationTime ?? now,
    expiresAt: expiresAt(properties, header?.ttl, now),
    correlationId: optionalText(properties?.correlationId),
    replyTo: replyAddress(properties?.replyTo, annotations),
    type: properties?.subject,
    groupId: properties?.groupId,
    groupSequence: properties?.groupSequence,
    userId: properties?.userId?.toString('utf8'),
    properties: sections.applicationProperties().map(([name, value]) => propertyOf(textOf(name), value)),
    original: { dialect: 'amqp', bytes },
  };
  return { message, when: whenOf(annotations, message.properties, now) };
}

/** As ActiveMQ does: the absolute time if there is one, else from now for as long as the header says. */
function expiresAt(properties: Properties | undefined, ttl: number | undefined, now: number): number | undefined {
  const absolute = properties?.absoluteExpiryTime;
  if (absolute !== undefined && absolute > 0) return absolute;
  return ttl === undefined || ttl === 0 ? undefined : now + ttl;
}

function optionalText(value: Value | undefined): string | undefined {
  return value === undefined || value.type === 'null' ? undefined : textOf(value);
}

/** Its kind is in `x-opt-jms-reply-to`, where a JMS client wrote it. */
function replyAddress(replyTo: Value | undefined, annotations: MapEntries): string | undefined {
  const address = optionalText(replyTo);
  if (address === undefined || address.includes('://')) return address;
  const kind = entry(annotations, 'x-opt-jms-reply-to');
  const scheme = kind?.type === 'byte' ? jmsKinds[kind.value] : undefined;
  return `${scheme ?? 'queue'}://${address}`;
}

function bodyOf(body: Body, contentType: string | undefined): { body: Buffer; bodyType: BodyType } {
  switch (body.kind) {
    case 'data': {
      const [first = Buffer.alloc(0)] = body.parts;
      const bytes = body.parts.length === 1 ? first : Buffer.concat(body.parts);
      return { body: bytes, bodyType: isText(contentType) && isUtf8(bytes) ? 'text' : 'bytes' };
    }
    case 'text':
      return { body: body.octets, bodyType: 'text' };
    case 'sequence':
      return { body: Buffer.from(jsonOf({ type: 'list', value: body.items })), bodyType: 'value' };
    case 'value':
      if (body.value.type === 'binary') return { body: body.value.value, bodyType: 'bytes' };
      // A JMS text message without a text.
      if (body.value.type === 'null') return { body: Buffer.alloc(0), bodyType: 'text' };
      return { body: Buffer.from(jsonOf(body.value)), bodyType: 'value' };
    case 'none':
      return { body: Buffer.alloc(0), bodyType: 'bytes' };
  }
}

/** Of content types seen before, since there are few and they come with every message. */
const textTypes = new Map<string, boolean>();
const rememberedTypes = 100;
const longestRemembered = 200;

function isText(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const known = textTypes.get(contentType);
  if (known !== undefined) return known;
  const result = isTextType(contentType);
  if (textTypes.size >= rememberedTypes) textTypes.clear();
  if (contentType.length <= longestRemembered) textTypes.set(contentType, result);
  return result;
}

/** The media types that JMS clients over AMQP take for text, in UTF-8 unless they say otherwise. */
function isTextType(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?(utf-8|us-ascii)"?$/.test(charset)) return false;
  return /^(text\/.+|application\/(xml|json|javascript)|.+\+(xml|json))$/.test(type.trim());
}

/** Types that have no property type of their own take the narrowest that holds them. */
function propertyOf(name: string, value: Value): Property {
  const typed = (type: PropertyType, content: PropertyValue): Property => ({ name, type, value: content });
  switch (value.type) {
    case 'string':
    case 'boolean':
    case 'byte':
    case 'short':
    case 'int':
    case 'float':
    case 'double':
    case 'binary':
    case 'null':
      return typed(value.type, value.value);
    case 'ubyte':
      return typed('short', value.value);
    case 'ushort':
      return typed('int', value.value);
    case 'uint':
      return typed('long', value.value);
    case 'long':
      return typed('long', narrowed(value.value));
    case 'ulong':
      return value.value < 2n ** 63n ? typed('long', narrowed(value.value)) : typed('decimal', String(value.value));
    case 'timestamp':
      return typed('timestamp', Number(value.value));
    case 'decimal32':
    case 'decimal64':
    case 'decimal128':
      return typed('decimal', textOf(value));
    default:
      return typed('string', textOf(value));
  }
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
