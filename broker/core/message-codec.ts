// Messages as bytes, for the store and its records. A version byte leads; fields that are absent take no room but their flag. A
// body that is a slice of the original encoding is written as its place in it, not twice.

import { BrokerError } from './errors.ts';
import { propertyTypes } from './message.ts';
import type { BodyType, Message, Property, PropertyValue } from './message.ts';
import { ByteWriter } from './byte-writer.ts';
import { ByteReader } from './byte-reader.ts';

const version = 1;

const bodyTypes = ['text', 'bytes', 'value'] as const satisfies readonly BodyType[];

const optionalStrings = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'type',
  'groupId',
  'userId',
] as const;

const flag = {
  durable: 1 << 7,
  expiresAt: 1 << 8,
  groupSequence: 1 << 9,
  original: 1 << 10,
  bodyInOriginal: 1 << 11,
  path: 1 << 12,
} as const;

const valueKind = { string: 0, number: 1, bigint: 2, boolean: 3, bytes: 4, null: 5 } as const;
const labelled = 0x80;

/** What most messages need beside their body. */
const headerBytes = 256;

export function writeMessage(writer: ByteWriter, message: Message): void {
  const { body, original } = message;
  const bodyOffset = original === undefined ? -1 : offsetWithin(body, original.bytes);
  writer.u8(version);
  writer.u16(flagsOf(message, bodyOffset));
  writer.u8(bodyTypes.indexOf(message.bodyType));
  writer.u8(message.priority);
  writer.f64(message.timestamp);
  writer.text(message.id);
  writer.text(message.to);
  for (const name of optionalStrings) {
    const value = message[name];
    if (value !== undefined) writer.text(value);
  }
  if (message.expiresAt !== undefined) writer.f64(message.expiresAt);
  if (message.groupSequence !== undefined) writer.f64(message.groupSequence);
  if (message.path !== undefined) writer.text(message.path);
  writer.u32(message.properties.length);
  for (const property of message.properties) writeProperty(writer, property);
  if (original !== undefined) {
    writer.text(original.dialect);
    writer.bytes(original.bytes);
  }
  if (bodyOffset < 0) writer.bytes(body);
  else {
    writer.u32(bodyOffset);
    writer.u32(body.length);
  }
}

/** A message alone, as the value of a record. */
export function encodeMessage(message: Message): Buffer {
  const writer = new ByteWriter(message.body.length + headerBytes);
  writeMessage(writer, message);
  return writer.view();
}

/**
 * Reads what writeMessage wrote. The message's buffers are slices of `bytes`.
 * @throws BrokerError `store-failed` for anything else.
 */
export function readMessage(bytes: Buffer): Message {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== version) throw new BrokerError('store-failed', 'read message: unknown version');
  const flags = reader.u16();
  const bodyType = bodyTypes[reader.u8()] ?? 'bytes';
  const priority = reader.u8();
  const timestamp = reader.f64();
  const id = reader.text();
  const to = reader.text();
  const strings: { [name in (typeof optionalStrings)[number]]?: string } = {};
  for (const [bit, name] of optionalStrings.entries()) if ((flags & (1 << bit)) !== 0) strings[name] = reader.text();
  const expiresAt = (flags & flag.expiresAt) === 0 ? undefined : reader.f64();
  const groupSequence = (flags & flag.groupSequence) === 0 ? undefined : reader.f64();
  const path = (flags & flag.path) === 0 ? undefined : reader.text();
  const properties: Property[] = [];
  for (let count = reader.u32(); count > 0; count--) properties.push(readProperty(reader));
  const original = (flags & flag.original) === 0 ? undefined : { dialect: reader.text(), bytes: reader.bytes() };
  const body =
    (flags & flag.bodyInOriginal) === 0 || original === undefined
      ? reader.bytes()
      : slice(original.bytes, reader.u32(), reader.u32());
  const durable = (flags & flag.durable) !== 0;
  return {
    id,
    to,
    body,
    bodyType,
    ...strings,
    durable,
    priority,
    timestamp,
    expiresAt,
    groupSequence,
    properties,
    original,
    path,
  };
}

function flagsOf(message: Message, bodyOffset: number): number {
  let flags = 0;
  for (const [bit, name] of optionalStrings.entries()) if (message[name] !== undefined) flags |= 1 << bit;
  if (message.durable) flags |= flag.durable;
  if (message.expiresAt !== undefined) flags |= flag.expiresAt;
  if (message.groupSequence !== undefined) flags |= flag.groupSequence;
  if (message.original !== undefined) flags |= flag.original;
  if (message.path !== undefined) flags |= flag.path;
  if (bodyOffset >= 0) flags |= flag.bodyInOriginal;
  return flags;
}

function writeProperty(writer: ByteWriter, { name, type, value, label }: Property): void {
  const kind = kindOf(value);
  writer.text(name);
  writer.u8(propertyTypes.indexOf(type));
  writer.u8(label === undefined ? kind : kind | labelled);
  if (label !== undefined) writer.text(label);
  if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'number') writer.f64(value);
  else if (typeof value === 'bigint') writer.i64(value);
  else if (typeof value === 'boolean') writer.u8(value ? 1 : 0);
  else if (value !== null) writer.bytes(value);
}

function readProperty(reader: ByteReader): Property {
  const name = reader.text();
  const type = propertyTypes[reader.u8()] ?? 'string';
  const coded = reader.u8();
  const label = (coded & labelled) === 0 ? undefined : reader.text();
  const value = readValue(reader, coded & ~labelled);
  return label === undefined ? { name, type, value } : { name, type, value, label };
}

function readValue(reader: ByteReader, kind: number): PropertyValue {
  switch (kind) {
    case valueKind.string:
      return reader.text();
    case valueKind.number:
      return reader.f64();
    case valueKind.bigint:
      return reader.i64();
    case valueKind.boolean:
      return reader.u8() === 1;
    case valueKind.bytes:
      return reader.bytes();
    default:
      return null;
  }
}

function kindOf(value: PropertyValue): number {
  if (value === null) return valueKind.null;
  if (typeof value === 'object') return valueKind.bytes;
  return valueKind[typeof value as 'string' | 'number' | 'bigint' | 'boolean'];
}

/** Where `part` begins in `whole`, if it is a slice of the same memory; else -1. */
function offsetWithin(part: Buffer, whole: Buffer): number {
  if (part.buffer !== whole.buffer || part.length === 0) return -1;
  const offset = part.byteOffset - whole.byteOffset;
  return offset >= 0 && offset + part.length <= whole.length ? offset : -1;
}

function slice(bytes: Buffer, offset: number, length: number): Buffer {
  if (offset + length > bytes.length) throw new BrokerError('store-failed', 'read message: body out of bounds');
  return bytes.subarray(offset, offset + length);
}
