// Cuts the stream of bytes into packets (MQTT 3.1.1 and 5, 2.1). A packet that arrived whole is read where it lies; one that
// comes in pieces is gathered, in memory that grows with what has arrived and not with what was announced.

import { checkFixedHeader } from './fixed-header.ts';
import type { ProtocolLevel } from './fixed-header.ts';
import { malformed } from './reason.ts';

const empty = Buffer.alloc(0);
const firstGatherBytes = 4 * 1024;
const longestHeaderBytes = 5;

export class FrameReader {
  // The packet that `next` found. `bytes` is its own, or the chunk that it came in.
  type = 0;
  flags = 0;
  bytes: Buffer = empty;
  /** Where the variable header begins. */
  start = 0;
  end = 0;

  readonly #maxMessageBytes: number;
  #level: ProtocolLevel | undefined;
  #length = 0;

  #chunk: Buffer = empty;
  #at = 0;

  #gather: Buffer = empty;
  #gathered = 0;
  /** Length of the packet that is gathered, header included; 0: not known yet. */
  #needed = 0;
  #gatherStart = 0;

  /** Reads a CONNECT, of bounded size, until it is told of a level. */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** The CONNECT was read: reads the other packets from here on. */
  accept(level: ProtocolLevel): void {
    this.#level = level;
  }

  push(chunk: Buffer): void {
    this.#chunk = this.#at < this.#chunk.length ? Buffer.concat([this.#chunk.subarray(this.#at), chunk]) : chunk;
    this.#at = 0;
  }

  /**
   * Moves on to the next packet; false: it is not there yet.
   * @throws WireError: the connection is to be closed.
   */
  next(): boolean {
    if (this.#gathered > 0) return this.#nextGathered();
    const chunk = this.#chunk;
    const at = this.#at;
    if (at === chunk.length) return this.#release();
    const start = this.#readHeader(chunk, at, chunk.length);
    const end = start + this.#length;
    if (start === 0 || end > chunk.length) {
      this.#gatherStart = start - at;
      this.#needed = start === 0 ? 0 : end - at;
      this.#append(chunk.length - at);
      return this.#release();
    }
    this.bytes = chunk;
    this.start = start;
    this.end = end;
    this.#at = end;
    return true;
  }

  #nextGathered(): boolean {
    while (this.#needed === 0) {
      if (this.#at === this.#chunk.length) return this.#release();
      this.#append(1);
      this.#gatherStart = this.#readHeader(this.#gather, 0, this.#gathered);
      if (this.#gatherStart > 0) this.#needed = this.#gatherStart + this.#length;
    }
    this.#append(Math.min(this.#needed - this.#gathered, this.#chunk.length - this.#at));
    if (this.#gathered < this.#needed) return this.#release();
    this.bytes = this.#gather;
    this.start = this.#gatherStart;
    this.end = this.#needed;
    this.#gather = empty;
    this.#gathered = 0;
    this.#needed = 0;
    return true;
  }

  /** Sets type, flags and length, and returns where the header ends; 0: it is not all there. */
  #readHeader(bytes: Buffer, at: number, end: number): number {
    let length = 0;
    for (let i = 0; i < longestHeaderBytes - 1; i++) {
      const position = at + 1 + i;
      if (position >= end) return 0;
      const digit = bytes[position]!;
      length += (digit & 0x7f) * 128 ** i;
      if (digit > 0x7f) continue;
      const first = bytes[at]!;
      this.type = first >> 4;
      this.flags = first & 0x0f;
      this.#length = length;
      checkFixedHeader(this.type, this.flags, length, this.#level, this.#maxMessageBytes);
      return position + 1;
    }
    throw malformed('the remaining length has more than four digits');
  }

  #append(count: number): void {
    const needed = this.#gathered + count;
    if (needed > this.#gather.length) {
      const doubled = Math.max(
        needed,
        this.#gather.length * 2,
        this.#needed === 0 ? longestHeaderBytes : firstGatherBytes,
      );
      const grown = Buffer.allocUnsafeSlow(this.#needed === 0 ? doubled : Math.min(this.#needed, doubled));
      this.#gather.copy(grown, 0, 0, this.#gathered);
      this.#gather = grown;
    }
    this.#chunk.copy(this.#gather, this.#gathered, this.#at, this.#at + count);
    this.#gathered = needed;
    this.#at += count;
  }

  /** Everything was read: what is held no longer needs to be. */
  #release(): boolean {
    this.#chunk = empty;
    this.#at = 0;
    this.bytes = empty;
    return false;
  }
}
