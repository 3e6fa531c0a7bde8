// Encodes values of any type (part 1, sections 1.2 and 1.6).

import { constructors, type Constructor } from './constructors.ts';
import type { ArrayValue, MapEntries, PrimitiveType, PrimitiveValue, Value, ValueOf } from './value.ts';
import { Writer } from './writer.ts';

const maxUint8 = 0xff;

export function writeValue(writer: Writer, value: Value): void {
  switch (value.type) {
    case 'described':
      writer.u8(0);
      writeValue(writer, value.value.descriptor);
      return writeValue(writer, value.value.value);
    case 'list':
      return writeList(writer, value.value);
    case 'map':
      return writeMap(writer, value.value);
    case 'array':
      return writeArray(writer, value.value);
    case 'boolean':
      return writer.boolean(value.value);
    case 'uint':
      return writer.uint(value.value);
    case 'ulong':
      return writer.ulong(value.value);
    case 'int':
      return writer.int(value.value);
    case 'long':
      return writer.long(value.value);
    case 'string':
      return writer.string(value.value);
    case 'symbol':
      return writer.symbol(value.value);
    case 'binary':
      return writer.binary(value.value);
    default: {
      const constructor = widest[value.type];
      writer.u8(constructor.code);
      return writeData(writer, constructor, value);
    }
  }
}

export function writeMap(writer: Writer, entries: MapEntries): void {
  const start = writer.begin(0xc1);
  for (const [key, value] of entries) {
    writeValue(writer, key);
    writeValue(writer, value);
  }
  writer.end(start, 2 * entries.length);
}

function writeList(writer: Writer, items: readonly Value[]): void {
  if (items.length === 0) return writer.u8(0x45);
  const start = writer.begin(0xc0);
  for (const item of items) writeValue(writer, item);
  writer.end(start, items.length);
}

/** All items share one constructor: the narrowest into which each of them goes. */
function writeArray(writer: Writer, { element, descriptor, items }: ArrayValue): void {
  const start = writer.begin(0xe0);
  if (descriptor !== undefined) {
    writer.u8(0);
    writeValue(writer, descriptor);
  }
  const constructor = items.every(fitsNarrow) ? narrowest[element] : widest[element];
  writer.u8(constructor.code);
  for (const item of items) writeData(writer, constructor, item);
  writer.end(start, items.length);
}

/** The data of `value` after the format code of `constructor`. */
function writeData(writer: Writer, { code }: Constructor, value: PrimitiveValue): void {
  const narrow = code === 0x52 || code === 0x53 || code === 0x54 || code === 0x55;
  switch (value.type) {
    case 'null':
      return;
    case 'boolean':
      return writer.u8(value.value ? 1 : 0);
    case 'ubyte':
      return writer.u8(value.value);
    case 'byte':
      return writer.u8(value.value & 0xff);
    case 'ushort':
      return writer.u16(value.value);
    case 'short':
      return writer.u16(value.value & 0xffff);
    case 'uint':
    case 'int':
      return narrow ? writer.u8(value.value & 0xff) : writer.u32(value.value >>> 0);
    case 'ulong':
      return narrow ? writer.u8(Number(value.value)) : writer.u64(value.value);
    case 'long':
      return narrow ? writer.u8(Number(value.value) & 0xff) : writer.i64(value.value);
    case 'timestamp':
      return writer.i64(value.value);
    case 'float':
      return writer.f32(value.value);
    case 'double':
      return writer.f64(value.value);
    case 'char':
      return writer.u32(value.value);
    case 'decimal32':
    case 'decimal64':
    case 'decimal128':
    case 'uuid':
      return writer.raw(value.value);
    case 'binary':
      return writeSized(writer, code, value.value);
    case 'string':
    case 'symbol':
      return writeSized(writer, code, Buffer.from(value.value));
    case 'list':
    case 'map':
    case 'array':
      return writeWideCompound(writer, value);
  }
}

function writeSized(writer: Writer, code: number, bytes: Buffer): void {
  if ((code & 0x10) === 0) writer.u8(bytes.length);
  else writer.u32(bytes.length);
  writer.raw(bytes);
}

/** A compound as an item of an array. Its code came first, before its size was known, so its head is the wide one. */
function writeWideCompound(writer: Writer, value: ValueOf<'list'> | ValueOf<'map'> | ValueOf<'array'>): void {
  const inner = new Writer();
  writeValue(inner, value);
  const bytes = inner.view();
  const code = bytes[0] as number;
  const empty = code === 0x45;
  const wide = !empty && (code & 0x10) !== 0;
  const items = bytes.subarray(empty ? 1 : wide ? 9 : 3);
  writer.u32(items.length + 4);
  writer.u32(empty ? 0 : wide ? bytes.readUInt32BE(5) : (bytes[2] as number));
  writer.raw(items);
}

/** Whether the value's data, or its length, fits the encoding of one octet. */
function fitsNarrow(value: PrimitiveValue): boolean {
  switch (value.type) {
    case 'uint':
      return value.value <= maxUint8;
    case 'ulong':
      return value.value <= 0xffn;
    case 'int':
      return value.value >= -128 && value.value <= 127;
    case 'long':
      return value.value >= -128n && value.value <= 127n;
    case 'binary':
      return value.value.length <= maxUint8;
    case 'string':
    case 'symbol':
      return Buffer.byteLength(value.value) <= maxUint8;
    case 'list':
    case 'map':
    case 'array':
      return false;
    default:
      return true;
  }
}

/** The table lists the encodings of a type from narrow to wide; constants (true, uint0, list0) hold no data. */
function encodings(type: PrimitiveType): Constructor[] {
  return constructors.filter((constructor) => constructor.type === type && (type === 'null' || !constructor.constant));
}

function byType(pick: (type: PrimitiveType) => Constructor | undefined): Record<PrimitiveType, Constructor> {
  return Object.fromEntries(constructors.map(({ type }) => [type, pick(type)])) as Record<PrimitiveType, Constructor>;
}

const narrowest = byType((type) => encodings(type)[0]);
const widest = byType((type) => encodings(type).at(-1));
