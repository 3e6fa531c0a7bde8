// A cursor over bytes that were received. Whatever is read is bounded by the bytes that are there: no count and no size
// is believed before. Every fault is a decode error (part 2, section 2.8.15).

import { isUtf8 } from 'node:buffer';
import { decodeError } from '../conditions.ts';
import type { Constructor } from './constructors.ts';

/**
 * Items of arrays whose encoding takes no octets (null, true, uint0), in all that one reader reads: the one count that
 * the octets present do not bound. Four octets could otherwise claim four thousand million of them.
 */
export const maxEmptyItems = 1024;

/** Up to this length a loop finds out that a string is plain ASCII faster than a native call would. */
const shortText = 32;

/** A cursor over bytes; each method takes what it names and goes past it. */
export class Reader {
  readonly bytes: Buffer;
  readonly end: number;
  position: number;
  #emptyItems = 0;

  constructor(bytes: Buffer, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  u8(): number {
    return this.bytes[this.advance(1)] as number;
  }

  u16(): number {
    return this.bytes.readUInt16BE(this.advance(2));
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.advance(4));
  }

  /** A view, not a copy. */
  take(length: number): Buffer {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  text(length: number): string {
    const start = this.advance(length);
    const text = this.bytes.toString('utf8', start, start + length);
    // Ill-formed UTF-8 decodes with U+FFFD in its place; a sender may also mean U+FFFD.
    if (text.includes('\ufffd') && !isUtf8(this.bytes.subarray(start, start + length))) throw notUtf8();
    return text;
  }

  ascii(length: number): string {
    const start = this.advance(length);
    this.requireAscii(start, length);
    return this.bytes.toString('latin1', start, start + length);
  }

  /** Goes past `length` octets and returns where they start. */
  advance(length: number): number {
    const start = this.position;
    if (length > this.end - start) throw decodeError(`${length} octets at ${start} run past the end`);
    this.position = start + length;
    return start;
  }

  requireItemCount(constructor: Constructor, count: number): void {
    if (constructor.code >> 4 !== 0x4) return;
    this.#emptyItems += count;
    if (this.#emptyItems > maxEmptyItems) throw decodeError(`array of ${count} items without octets`);
  }

  requireAscii(start: number, length: number): void {
    for (let i = start; i < start + length; i++) {
      if ((this.bytes[i] as number) > 0x7f) throw decodeError(`symbol at ${start} is not ASCII`);
    }
  }

  requireUtf8(start: number, length: number): void {
    if (length > shortText) {
      if (!isUtf8(this.bytes.subarray(start, start + length))) throw notUtf8();
      return;
    }
    let high = 0;
    for (let i = start; i < start + length; i++) high |= this.bytes[i] as number;
    if (high > 0x7f && !isUtf8(this.bytes.subarray(start, start + length))) throw notUtf8();
  }
}

function notUtf8() {
  return decodeError('string is not UTF-8');
}
