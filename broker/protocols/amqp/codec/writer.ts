// A buffer that grows, with the primitive types' encodings (part 1, section 1.6): of several, always the shortest.

const maxUint8 = 0xff;
/** A string of this many UTF-16 units is at most 255 octets of UTF-8. */
const surelyShort = 85;
/** From the code of an encoding with a length of one octet to the one with four. */
const toWide = 0x10;

export class Writer {
  #bytes: Buffer;
  #position = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#position;
  }

  /** What was written since `start`; valid until the next `reset`. */
  view(start = 0): Buffer {
    return this.#bytes.subarray(start, this.#position);
  }

  copy(): Buffer {
    return Buffer.from(this.view());
  }

  /** Forgets all but the first `length` octets. */
  reset(length = 0): void {
    this.#position = length;
  }

  /** Gives away what was written, and goes on in a new buffer. */
  detach(capacity: number): Buffer {
    const written = this.view();
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#position = 0;
    return written;
  }

  u8(value: number): void {
    this.reserve(1);
    this.#bytes[this.#position++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.#position = this.#bytes.writeUInt16BE(value, this.#position);
  }

  u32(value: number): void {
    this.reserve(4);
    this.#position = this.#bytes.writeUInt32BE(value, this.#position);
  }

  i64(value: bigint): void {
    this.reserve(8);
    this.#position = this.#bytes.writeBigInt64BE(value, this.#position);
  }

  u64(value: bigint): void {
    this.reserve(8);
    this.#position = this.#bytes.writeBigUInt64BE(value, this.#position);
  }

  f32(value: number): void {
    this.reserve(4);
    this.#position = this.#bytes.writeFloatBE(value, this.#position);
  }

  f64(value: number): void {
    this.reserve(8);
    this.#position = this.#bytes.writeDoubleBE(value, this.#position);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.#position);
    this.#position += bytes.length;
  }

  /** Overwrites four octets written before: a size that was not known then. */
  u32At(position: number, value: number): void {
    this.#bytes.writeUInt32BE(value, position);
  }

  null(): void {
    this.u8(0x40);
  }

  boolean(value: boolean): void {
    this.u8(value ? 0x41 : 0x42);
  }

  ubyte(value: number): void {
    this.u8(0x50);
    this.u8(value);
  }

  ushort(value: number): void {
    this.u8(0x60);
    this.u16(value);
  }

  uint(value: number): void {
    if (value === 0) {
      this.u8(0x43);
    } else if (value <= maxUint8) {
      this.u8(0x52);
      this.u8(value);
    } else {
      this.u8(0x70);
      this.u32(value);
    }
  }

  ulong(value: bigint): void {
    if (value === 0n) {
      this.u8(0x44);
    } else if (value <= 0xffn) {
      this.u8(0x53);
      this.u8(Number(value));
    } else {
      this.u8(0x80);
      this.u64(value);
    }
  }

  int(value: number): void {
    if (value >= -128 && value <= 127) {
      this.u8(0x54);
      this.u8(value & 0xff);
    } else {
      this.u8(0x71);
      this.u32(value >>> 0);
    }
  }

  long(value: bigint): void {
    if (value >= -128n && value <= 127n) {
      this.u8(0x55);
      this.u8(Number(value) & 0xff);
    } else {
      this.u8(0x81);
      this.i64(value);
    }
  }

  timestamp(value: bigint): void {
    this.u8(0x83);
    this.i64(value);
  }

  binary(bytes: Uint8Array): void {
    this.#head(0xa0, bytes.length);
    this.raw(bytes);
  }

  string(text: string): void {
    this.#text(0xa1, text);
  }

  /** A string that is there as UTF-8. */
  utf8(octets: Uint8Array): void {
    this.#head(0xa1, octets.length);
    this.raw(octets);
  }

  symbol(text: string): void {
    this.#text(0xa3, text);
  }

  /** Begins a list (0xc0), map (0xc1) or array (0xe0) with room for a short head. Returns what `end` needs. */
  begin(code: 0xc0 | 0xc1 | 0xe0): number {
    this.reserve(3);
    const start = this.#position;
    this.#bytes[start] = code;
    this.#position = start + 3;
    return start;
  }

  /** Completes the head, and moves the items to widen it where they are too long or too many. */
  end(start: number, count: number): void {
    const size = this.#position - start - 2;
    if (size <= maxUint8 && count <= maxUint8) {
      this.#bytes[start + 1] = size;
      this.#bytes[start + 2] = count;
      return;
    }
    this.reserve(6);
    this.#bytes.copyWithin(start + 9, start + 3, this.#position);
    this.#bytes[start] = (this.#bytes[start] as number) + toWide;
    this.#bytes.writeUInt32BE(size + 3, start + 1);
    this.#bytes.writeUInt32BE(count, start + 5);
    this.#position += 6;
  }

  reserve(length: number): void {
    const needed = this.#position + length;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = grown;
  }

  #text(code: number, text: string): void {
    if (text.length > surelyShort) {
      const length = Buffer.byteLength(text);
      this.#head(code, length);
      this.reserve(length);
      this.#position += this.#bytes.write(text, this.#position, 'utf8');
      return;
    }
    this.reserve(2 + maxUint8);
    const start = this.#position;
    const length = this.#bytes.write(text, start + 2, 'utf8');
    this.#bytes[start] = code;
    this.#bytes[start + 1] = length;
    this.#position = start + 2 + length;
  }

  #head(code: number, length: number): void {
    if (length <= maxUint8) {
      this.u8(code);
      this.u8(length);
    } else {
      this.u8(code + toWide);
      this.u32(length);
    }
  }
}
