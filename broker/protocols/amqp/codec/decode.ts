// Decodes values (part 1, sections 1.2 and 1.6).

import { decodeError } from '../conditions.ts';
import { constructorOf, fixedWidths, type Constructor } from './constructors.ts';
import type { Reader } from './reader.ts';
import type { ArrayValue, MapEntries, PrimitiveValue, Value } from './value.ts';

/** Of compound, array and described values within each other. */
export const maxDepth = 32;

/** The constructor for the format code at the cursor; undefined before a described value, whose code is 0. */
export function readConstructor(reader: Reader): Constructor | undefined {
  const code = reader.u8();
  const constructor = constructorOf[code];
  if (constructor === undefined && code !== 0) {
    throw decodeError(`0x${code.toString(16).padStart(2, '0')} is not a format code`);
  }
  return constructor;
}

export function readValue(reader: Reader, depth = 0): Value {
  const constructor = readConstructor(reader);
  if (constructor !== undefined) return readData(reader, constructor, depth);
  requireDepth(depth);
  const descriptor = readValue(reader, depth + 1);
  return { type: 'described', value: { descriptor, value: readValue(reader, depth + 1) } };
}

/** The data after a format code. */
export function readData(reader: Reader, constructor: Constructor, depth = 0): PrimitiveValue {
  if (constructor.constant !== undefined) return constructor.constant;
  const { type, code } = constructor;
  switch (type) {
    case 'null':
      return { type, value: null };
    case 'boolean':
      return { type, value: readBooleanOctet(reader) };
    case 'ubyte':
      return { type, value: reader.u8() };
    case 'ushort':
      return { type, value: reader.u16() };
    case 'uint':
      return { type, value: code === 0x52 ? reader.u8() : reader.u32() };
    case 'ulong':
      return { type, value: code === 0x53 ? BigInt(reader.u8()) : reader.bytes.readBigUInt64BE(reader.advance(8)) };
    case 'byte':
      return { type, value: reader.bytes.readInt8(reader.advance(1)) };
    case 'short':
      return { type, value: reader.bytes.readInt16BE(reader.advance(2)) };
    case 'int': {
      const small = code === 0x54;
      return {
        type,
        value: small ? reader.bytes.readInt8(reader.advance(1)) : reader.bytes.readInt32BE(reader.advance(4)),
      };
    }
    case 'long': {
      const small = code === 0x55;
      if (small) return { type, value: BigInt(reader.bytes.readInt8(reader.advance(1))) };
      return { type, value: reader.bytes.readBigInt64BE(reader.advance(8)) };
    }
    case 'float':
      return { type, value: reader.bytes.readFloatBE(reader.advance(4)) };
    case 'double':
      return { type, value: reader.bytes.readDoubleBE(reader.advance(8)) };
    case 'char':
      return { type, value: reader.u32() };
    case 'timestamp':
      return { type, value: reader.bytes.readBigInt64BE(reader.advance(8)) };
    case 'decimal32':
    case 'decimal64':
    case 'decimal128':
    case 'uuid':
      return { type, value: reader.take(fixedWidths[code >> 4] as number) };
    case 'binary':
      return { type, value: reader.take(readLength(reader, code)) };
    case 'string':
      return { type, value: reader.text(readLength(reader, code)) };
    case 'symbol':
      return { type, value: reader.ascii(readLength(reader, code)) };
    case 'list':
      return { type, value: readList(reader, code, depth) };
    case 'map':
      return { type, value: readMap(reader, code, depth) };
    case 'array':
      return { type, value: readArray(reader, code, depth) };
  }
}

/** 0xa_, 0xc_, 0xe_ encodings count in one octet, 0xb_, 0xd_, 0xf_ in four. */
export function readLength(reader: Reader, code: number): number {
  return (code & 0x10) === 0 ? reader.u8() : reader.u32();
}

export function readBooleanOctet(reader: Reader): boolean {
  const octet = reader.u8();
  if (octet > 1) throw decodeError(`0x${octet.toString(16)} is not a boolean`);
  return octet === 1;
}

/** Size and count at the head of a compound or an array; the size must lie within what is there. */
export function readCompoundHead(reader: Reader, code: number): { end: number; count: number } {
  const size = readLength(reader, code);
  const end = reader.position + size;
  if (end > reader.end) throw decodeError(`compound of ${size} octets runs past the end`);
  const count = readLength(reader, code);
  return { end, count };
}

export function requireEnd(reader: Reader, end: number): void {
  if (reader.position !== end) throw decodeError('compound is not as long as it says');
}

export function requireDepth(depth: number): void {
  if (depth >= maxDepth) throw decodeError(`values are nested deeper than ${maxDepth}`);
}

function readList(reader: Reader, code: number, depth: number): Value[] {
  requireDepth(depth);
  const { end, count } = readCompoundHead(reader, code);
  const items: Value[] = [];
  while (items.length < count) items.push(readValue(reader, depth + 1));
  requireEnd(reader, end);
  return items;
}

function readMap(reader: Reader, code: number, depth: number): MapEntries {
  requireDepth(depth);
  const { end, count } = readCompoundHead(reader, code);
  // Keys and values take turns (part 1, section 1.6.23).
  if (count % 2 !== 0) throw decodeError('map has a key without a value');
  const entries: [Value, Value][] = [];
  for (let i = 0; i < count; i += 2) {
    const key = readValue(reader, depth + 1);
    entries.push([key, readValue(reader, depth + 1)]);
  }
  requireEnd(reader, end);
  return entries;
}

function readArray(reader: Reader, code: number, depth: number): ArrayValue {
  requireDepth(depth);
  const { end, count } = readCompoundHead(reader, code);
  let descriptor: Value | undefined;
  let constructor = readConstructor(reader);
  if (constructor === undefined) {
    descriptor = readValue(reader, depth + 1);
    constructor = readConstructor(reader);
    if (constructor === undefined) throw decodeError('array of values described twice');
  }
  reader.requireItemCount(constructor, count);
  const items: PrimitiveValue[] = [];
  while (items.length < count) items.push(readData(reader, constructor, depth + 1));
  requireEnd(reader, end);
  return { element: constructor.type, descriptor, items };
}
