// Writes JSON as bytes, along a shape: for answers that are mostly base64 and as long as ten thousand records are, a
// string of all of it would be made twice more before it is on the wire. Empty lists and maps are written.
//
// Room is made once, for what a first look says that it takes. Short texts are written byte by byte: a call out of
// JavaScript costs more than they do. Base64 is left to such a call, as it is long.

import type { Shape, StructureShape } from '../shape.ts';

export function jsonBytes(shape: StructureShape, value: object): Buffer {
  const writer = new Writer(expectedBytes(shape, value));
  writer.value(shape, value);
  return writer.take();
}

/** Names of members as they stand in JSON, with what is around them. */
const keys = new Map<string, string>();

function keyOf(name: string): string {
  let key = keys.get(name);
  if (key === undefined) keys.set(name, (key = `"${name}":`));
  return key;
}

/** What surrounds a value, or a number takes. */
const fewBytes = 24;

/** As long as it is if nothing of it has to be escaped, or somewhat more. */
function expectedBytes(shape: Shape, value: unknown): number {
  switch (shape.kind) {
    case 'structure': {
      let bytes = fewBytes;
      const members = value as Readonly<Record<string, unknown>>;
      for (const [name, member] of shape.entries) {
        const item = members[name];
        if (item !== undefined) bytes += name.length + 4 + expectedBytes(member, item);
      }
      return bytes;
    }
    case 'list': {
      let bytes = fewBytes;
      for (const item of value as readonly unknown[]) bytes += 1 + expectedBytes(shape.member, item);
      return bytes;
    }
    case 'map': {
      let bytes = fewBytes;
      for (const [key, item] of value as ReadonlyMap<string, unknown>) {
        bytes += key.length + fewBytes + expectedBytes(shape.of, item);
      }
      return bytes;
    }
    case 'blob':
      return base64Length((value as Uint8Array).length) + 2;
    case 'string':
      return (value as string).length + 2;
    default:
      return fewBytes;
  }
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Up to this length a text is looked at unit by unit. */
const shortText = 128;
const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
const firstBeyondAscii = 0x7f;

class Writer {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  take(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  value(shape: Shape, value: unknown): void {
    switch (shape.kind) {
      case 'structure':
        return this.#members(shape.entries, value as Readonly<Record<string, unknown>>);
      case 'list':
        return this.#items(shape.member, value as readonly unknown[]);
      case 'map':
        return this.#pairs(shape.of, value as ReadonlyMap<string, unknown>);
      case 'blob':
        return this.#base64(value as Uint8Array);
      case 'timestamp':
        return this.#ascii(String((value as number) / 1000));
      case 'string':
        return this.#string(value as string);
      case 'integer':
      case 'boolean':
        this.#ascii(String(value));
    }
  }

  #members(entries: StructureShape['entries'], value: Readonly<Record<string, unknown>>): void {
    let separator = '{';
    for (const [name, member] of entries) {
      const item = value[name];
      if (item === undefined) continue;
      this.#ascii(separator);
      this.#ascii(keyOf(name));
      this.value(member, item);
      separator = ',';
    }
    this.#ascii(separator === '{' ? '{}' : '}');
  }

  #items(shape: Shape, items: readonly unknown[]): void {
    let separator = '[';
    for (const item of items) {
      this.#ascii(separator);
      this.value(shape, item);
      separator = ',';
    }
    this.#ascii(separator === '[' ? '[]' : ']');
  }

  #pairs(shape: Shape, pairs: ReadonlyMap<string, unknown>): void {
    let separator = '{';
    for (const [key, item] of pairs) {
      this.#ascii(separator);
      this.#string(key);
      this.#ascii(':');
      this.value(shape, item);
      separator = ',';
    }
    this.#ascii(separator === '{' ? '{}' : '}');
  }

  #base64(bytes: Uint8Array): void {
    this.#reserve(base64Length(bytes.length) + 2);
    this.#buffer[this.#length++] = quote;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
    this.#buffer[this.#length++] = quote;
  }

  #string(text: string): void {
    const { length } = text;
    if (length <= shortText) {
      this.#reserve(length + 2);
      const buffer = this.#buffer;
      let at = this.#length;
      buffer[at++] = quote;
      let index = 0;
      for (; index < length; index++) {
        const unit = text.charCodeAt(index);
        if (unit < firstPrintable || unit >= firstBeyondAscii || unit === quote || unit === backslash) break;
        buffer[at++] = unit;
      }
      if (index === length) {
        buffer[at++] = quote;
        this.#length = at;
        return;
      }
    }
    const escaped = JSON.stringify(text);
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    this.#reserve(escaped.length * 3);
    this.#length += this.#buffer.write(escaped, this.#length, 'utf8');
  }

  /** A short text. */
  #ascii(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const buffer = this.#buffer;
    let at = this.#length;
    for (let index = 0; index < length; index++) buffer[at++] = text.charCodeAt(index);
    this.#length = at;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
