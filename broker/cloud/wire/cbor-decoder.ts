// Reads CBOR (RFC 8949): definite and indefinite lengths, tags (whose numbers are passed over), floats of all sizes.
// What is announced is never believed: memory grows with the bytes that are there, and depth and number of values are bounded.

import { malformedInput } from '../errors.ts';

const deepest = 16;
/** A byte can be a whole map, which takes two hundred. No request has as many values, 500 records are some 3,500. */
const mostValues = 100_000;
const indefinite = 31;
const breakByte = 0xff;

export class CborDecoder {
  readonly #bytes: Buffer;
  #offset = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /**
   * The one value that the bytes are. Byte strings are views of them, maps are Maps.
   * @throws AwsError SerializationException.
   */
  whole(): unknown {
    const value = this.#value(deepest);
    if (this.#offset !== this.#bytes.length) throw malformedInput();
    return value;
  }

  #value(depth: number): unknown {
    if (depth === 0) throw malformedInput();
    this.#count();
    const initial = this.#byte();
    const major = initial >> 5;
    const info = initial & 31;
    switch (major) {
      case 0:
        return this.#argument(info);
      case 1:
        return -1 - this.#argument(info);
      case 2:
        return this.#string(info, 2);
      case 3:
        return this.#text(info);
      case 4:
        return this.#array(info, depth);
      case 5:
        return this.#map(info, depth);
      case 6:
        this.#argument(info);
        return this.#value(depth - 1);
      default:
        return this.#simple(info);
    }
  }

  #text(info: number): string {
    const bytes = this.#string(info, 3);
    return bytes.toString('utf8');
  }

  /** Of bytes or text; in pieces of its own kind where its length is indefinite. */
  #string(info: number, major: number): Buffer {
    if (info !== indefinite) return this.#take(this.#argument(info));
    const pieces: Buffer[] = [];
    for (let initial = this.#byte(); initial !== breakByte; initial = this.#byte()) {
      if (initial >> 5 !== major || (initial & 31) === indefinite) throw malformedInput();
      this.#count();
      pieces.push(this.#take(this.#argument(initial & 31)));
    }
    return Buffer.concat(pieces);
  }

  #array(info: number, depth: number): unknown[] {
    const items: unknown[] = [];
    this.#items(info, () => items.push(this.#value(depth - 1)));
    return items;
  }

  #map(info: number, depth: number): Map<unknown, unknown> {
    const pairs = new Map<unknown, unknown>();
    this.#items(info, () => {
      const key = this.#value(depth - 1);
      pairs.set(key, this.#value(depth - 1));
    });
    return pairs;
  }

  /** Each item takes at least a byte: a count that is too high ends with the bytes. */
  #items(info: number, read: () => void): void {
    if (info !== indefinite) {
      for (let left = this.#argument(info); left > 0; left--) read();
      return;
    }
    while (this.#bytes[this.#offset] !== breakByte) read();
    this.#offset++;
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        return halfFloat(this.#take(2).readUInt16BE());
      case 26:
        return this.#take(4).readFloatBE();
      case 27:
        return this.#take(8).readDoubleBE();
      default:
        throw malformedInput();
    }
  }

  #count(): void {
    this.#values++;
    if (this.#values > mostValues) throw malformedInput();
  }

  #argument(info: number): number {
    if (info < 24) return info;
    switch (info) {
      case 24:
        return this.#byte();
      case 25:
        return this.#take(2).readUInt16BE();
      case 26:
        return this.#take(4).readUInt32BE();
      case 27:
        return Number(this.#take(8).readBigUInt64BE());
      default:
        throw malformedInput();
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw malformedInput();
    this.#offset++;
    return byte;
  }

  #take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw malformedInput();
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

/** RFC 8949, appendix D. */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 0 ? 1 : -1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
