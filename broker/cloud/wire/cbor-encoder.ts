// Writes CBOR (RFC 8949), all lengths definite.

const firstCapacity = 1024;

export class CborEncoder {
  #buffer = Buffer.allocUnsafe(firstCapacity);
  #length = 0;

  /** What was written; the encoder is not used after. */
  take(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** A whole number, up to 2^53. */
  integer(value: number): void {
    if (value < 0) this.#head(1, -1 - value);
    else this.#head(0, value);
  }

  boolean(value: boolean): void {
    this.#head(7, value ? 21 : 20);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#head(3, bytes);
    this.#reserve(bytes);
    this.#length += this.#buffer.write(value, this.#length, 'utf8');
  }

  bytes(value: Uint8Array): void {
    this.#head(2, value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  array(items: number): void {
    this.#head(4, items);
  }

  map(pairs: number): void {
    this.#head(5, pairs);
  }

  tag(number: number): void {
    this.#head(6, number);
  }

  #head(major: number, argument: number): void {
    this.#reserve(9);
    const initial = major << 5;
    if (argument < 24) {
      this.#buffer[this.#length++] = initial | argument;
    } else if (argument < 2 ** 8) {
      this.#buffer[this.#length++] = initial | 24;
      this.#buffer[this.#length++] = argument;
    } else if (argument < 2 ** 16) {
      this.#buffer[this.#length++] = initial | 25;
      this.#length = this.#buffer.writeUInt16BE(argument, this.#length);
    } else if (argument < 2 ** 32) {
      this.#buffer[this.#length++] = initial | 26;
      this.#length = this.#buffer.writeUInt32BE(argument, this.#length);
    } else {
      this.#buffer[this.#length++] = initial | 27;
      this.#length = this.#buffer.writeBigUInt64BE(BigInt(argument), this.#length);
    }
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
