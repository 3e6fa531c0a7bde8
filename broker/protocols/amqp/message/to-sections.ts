// A message of the engine as AMQP sections (part 3, section 3.2), in two parts: what is new with every delivery (header
// and delivery annotations), and what stays the same.

import type { Entry } from '../../../core/entry.ts';
import type { Message, Property } from '../../../core/message.ts';
import { writeComposite } from '../codec/composite.ts';
import { writeMap, writeValue } from '../codec/encode.ts';
import { symbol, type MapEntries, type Value } from '../codec/value.ts';
import { Writer } from '../codec/writer.ts';
import { valueOfJson } from './from-json.ts';
import { jmsAnnotations } from './jms-annotations.ts';
import { forwardedFrom } from './sections.ts';

const codes = {
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  applicationProperties: 0x74,
  data: 0x75,
  value: 0x77,
} as const;
const maxTtl = 0xffffffff;

/** What has happened to the entry before. */
export type Delivered = Pick<Entry, 'attempts' | 'redelivered' | 'abandoned' | 'dead'>;

/** What a receiver is told of this delivery. `now`: milliseconds since the epoch. */
export function deliverySections(message: Message, entry: Delivered, now: number): Buffer {
  const writer = new Writer(64);
  writeComposite(writer, 'header', {
    durable: message.durable,
    priority: message.priority,
    ttl: message.expiresAt === undefined ? undefined : Math.min(maxTtl, Math.max(1, message.expiresAt - now)),
    // True says that no other link had it before (3.2.1).
    firstAcquirer: !entry.redelivered && entry.attempts === 0,
    // One that was lost with its receiver is no attempt that counts towards a limit, but JMS clients see here alone that it was made.
    deliveryCount: Math.max(entry.attempts, Number(entry.abandoned)),
  });
  if (entry.dead !== undefined) {
    writeDescriptor(writer, codes.deliveryAnnotations);
    writeMap(writer, [
      [symbol('x-opt-dead-letter-reason'), { type: 'string', value: entry.dead.reason }],
      [symbol('x-opt-dead-letter-origin'), { type: 'string', value: entry.dead.origin }],
      [symbol('x-opt-dead-letter-time'), { type: 'timestamp', value: BigInt(entry.dead.at) }],
    ]);
  }
  return writer.view();
}

/** What every receiver gets the same: byte for byte what was sent, where that was AMQP. */
export function forwardedSections(message: Message): Buffer {
  const { original } = message;
  if (original?.dialect === 'amqp') return original.bytes.subarray(forwardedFrom(original.bytes));
  return bareSections(message);
}

/** A message of another dialect: text as a string value, bytes as data, JSON of a typed value as that. */
function bareSections(message: Message): Buffer {
  const writer = new Writer(256 + message.body.length);
  const { userId, replyTo, correlationId } = message;
  writeDescriptor(writer, codes.messageAnnotations);
  const typed = message.bodyType === 'value' ? valueOfJson(message.body.toString()) : undefined;
  writeMap(writer, jmsAnnotations(message, typed));
  writeComposite(writer, 'properties', {
    messageId: { type: 'string', value: message.id },
    userId: userId === undefined ? undefined : Buffer.from(userId),
    to: { type: 'string', value: message.to },
    subject: message.type,
    replyTo: replyTo === undefined ? undefined : { type: 'string', value: replyTo },
    correlationId: correlationId === undefined ? undefined : { type: 'string', value: correlationId },
    contentType: asciiOnly(message.contentType),
    contentEncoding: asciiOnly(message.contentEncoding),
    absoluteExpiryTime: message.expiresAt,
    creationTime: message.timestamp,
    groupId: message.groupId,
    // A serial number of 32 bits (3.2.4), which JMS reads with a sign.
    groupSequence: message.groupSequence === undefined ? undefined : message.groupSequence >>> 0,
  });
  if (message.properties.length > 0) {
    writeDescriptor(writer, codes.applicationProperties);
    writeMap(writer, propertyEntries(message.properties));
  }
  if (message.bodyType === 'bytes') {
    writeDescriptor(writer, codes.data);
    writer.binary(message.body);
  } else if (typed !== undefined) {
    writeDescriptor(writer, codes.value);
    writeValue(writer, typed);
  } else {
    writeDescriptor(writer, codes.value);
    writer.utf8(message.body);
  }
  return writer.view();
}

function writeDescriptor(writer: Writer, code: number): void {
  writer.u8(0);
  writer.u8(0x53);
  writer.u8(code);
}

/** Content types are symbols, which are ASCII; a media type that is not has no meaning (RFC 6838, section 4.2). */
function asciiOnly(text: string | undefined): string | undefined {
  return text === undefined || /^[\0-\x7f]*$/.test(text) ? text : undefined;
}

/** A map has each key once: of properties with the same name, the last counts, as in JMS. */
function propertyEntries(properties: readonly Property[]): MapEntries {
  const byName = new Map<string, Value>();
  for (const property of properties) byName.set(property.name, valueOf(property));
  return Array.from(byName, ([name, value]) => [{ type: 'string', value: name }, value]);
}

function valueOf({ type, value }: Property): Value {
  if (value === null) return { type: 'null', value };
  if (value instanceof Uint8Array) {
    return { type: 'binary', value: Buffer.from(value.buffer, value.byteOffset, value.length) };
  }
  if (typeof value === 'boolean') return { type: 'boolean', value };
  if (typeof value === 'bigint') return { type: 'long', value: BigInt.asIntN(64, value) };
  if ((type === 'long' || type === 'timestamp') && Number.isInteger(value)) return { type, value: BigInt(value) };
  if (typeof value === 'number') {
    if (type === 'byte' || type === 'short' || type === 'int' || type === 'float') return { type, value };
    return { type: 'double', value };
  }
  return { type: 'string', value };
}
