// Writes JSON as bytes, along a shape: for answers that are mostly base64 and as long as ten thousand records are, a
// string of all of it would be made twice more before it is on the wire. Empty lists and maps are written.

import type { Shape, StructureShape } from '../shape.ts';

const firstCapacity = 2048;

export function jsonBytes(shape: StructureShape, value: object): Buffer {
  const writer = new Writer();
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

class Writer {
  #buffer = Buffer.allocUnsafe(firstCapacity);
  #length = 0;

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
        return this.#latin1(String((value as number) / 1000));
      case 'string':
      case 'integer':
      case 'boolean':
        this.#utf8(JSON.stringify(value));
    }
  }

  #members(entries: StructureShape['entries'], value: Readonly<Record<string, unknown>>): void {
    let separator = '{';
    for (const [name, member] of entries) {
      const item = value[name];
      if (item === undefined) continue;
      this.#latin1(separator);
      this.#latin1(keyOf(name));
      this.value(member, item);
      separator = ',';
    }
    this.#latin1(separator === '{' ? '{}' : '}');
  }

  #items(shape: Shape, items: readonly unknown[]): void {
    let separator = '[';
    for (const item of items) {
      this.#latin1(separator);
      this.value(shape, item);
      separator = ',';
    }
    this.#latin1(separator === '[' ? '[]' : ']');
  }

  #pairs(shape: Shape, pairs: ReadonlyMap<string, unknown>): void {
    let separator = '{';
    for (const [key, item] of pairs) {
      this.#latin1(separator);
      this.#utf8(`${JSON.stringify(key)}:`);
      this.value(shape, item);
      separator = ',';
    }
    this.#latin1(separator === '{' ? '{}' : '}');
  }

  #base64(bytes: Uint8Array): void {
    this.#latin1('"');
    this.#latin1(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
    this.#latin1('"');
  }

  #latin1(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  #utf8(text: string): void {
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
