// Reads what ByteWriter wrote, and refuses to read beyond its end.

import { BrokerError } from './errors.ts';

export class ByteReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  u8(): number {
    return this.#buffer[this.#advance(1)]!;
  }

  u16(): number {
    return this.#buffer.readUInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#advance(4));
  }

  f64(): number {
    return this.#buffer.readDoubleLE(this.#advance(8));
  }

  i64(): bigint {
    return this.#buffer.readBigInt64LE(this.#advance(8));
  }

  text(): string {
    const length = this.u32();
    const start = this.#advance(length);
    return this.#buffer.toString('utf8', start, start + length);
  }

  bytes(): Buffer {
    const length = this.u32();
    const start = this.#advance(length);
    return this.#buffer.subarray(start, start + length);
  }

  #advance(bytes: number): number {
    const start = this.#offset;
    if (start + bytes > this.#buffer.length) throw new BrokerError('store-failed', 'read record: cut short');
    this.#offset = start + bytes;
    return start;
  }
}
