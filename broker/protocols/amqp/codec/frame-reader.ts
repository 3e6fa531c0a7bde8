// Cuts a byte stream into protocol headers and frames (part 2, sections 2.2 and 2.3). Holds back at most one frame, whose
// size is known to be within the limit before its octets are kept. Does not look into bodies.

import { WireError } from '../conditions.ts';

export const amqpFrame = 0x00;
export const saslFrame = 0x01;

/** The largest frame that may be sent before an open says otherwise (part 2, section 2.3.1) is 512 octets. */
export const minMaxFrameSize = 512;

const headerLength = 8;
/** Chunks of one frame that are kept apart: each costs more than the few octets that it may hold. */
const maxParts = 64;

export interface FrameSink {
  /** The 8 octets of a protocol header. */
  header(octets: Buffer): void;
  /** `body` keeps its whole chunk of the stream alive: copy what is kept. */
  frame(type: number, channel: number, body: Buffer): void;
}

export class FrameReader {
  /** Frames above it are refused: what was told to the peer, or less before it was. */
  maxFrameSize: number;
  /** Whether the next 8 octets are a protocol header and not a frame's. */
  expectsHeader = true;
  readonly #sink: FrameSink;
  #parts: Buffer[] = [];
  #held = 0;
  /** Octets that must be there to go on: a frame's size, or 8 to find it out. */
  #needed = headerLength;
  #stopped = false;
  #suspended = false;

  constructor(sink: FrameSink, maxFrameSize: number) {
    this.#sink = sink;
    this.maxFrameSize = maxFrameSize;
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return;
    this.#parts.push(chunk);
    this.#held += chunk.length;
    if (this.#held >= this.#needed) this.#cutHeld();
    else if (this.#parts.length > maxParts) this.#parts = [Buffer.concat(this.#parts, this.#held)];
  }

  /** Hands on nothing more until `resume`, not even of the chunk that is being cut; what is pushed is kept. */
  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
    if (this.#held >= this.#needed) this.#cutHeld();
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  /** Takes nothing more, not even of the chunk that is being cut. */
  stop(): void {
    this.#stopped = true;
    this.#parts = [];
    this.#held = 0;
  }

  #cutHeld(): void {
    if (this.#suspended || this.#stopped) return;
    const [first] = this.#parts;
    const bytes = first !== undefined && this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#held);
    this.#parts = [];
    this.#held = 0;
    const position = this.#cut(bytes);
    if (position === bytes.length || this.#stopped) return;
    this.#parts.push(bytes.subarray(position));
    this.#held = bytes.length - position;
  }

  #cut(bytes: Buffer): number {
    let position = 0;
    while (!this.#stopped && !this.#suspended) {
      this.#needed = headerLength;
      const left = bytes.length - position;
      if (left < headerLength) break;
      if (this.expectsHeader) {
        this.expectsHeader = false;
        this.#sink.header(bytes.subarray(position, position + headerLength));
        position += headerLength;
        continue;
      }
      const size = bytes.readUInt32BE(position);
      const bodyOffset = 4 * (bytes[position + 4] as number);
      this.#requireSound(size, bodyOffset);
      if (left < size) {
        this.#needed = size;
        break;
      }
      const body = bytes.subarray(position + bodyOffset, position + size);
      const type = bytes[position + 5] as number;
      const channel = bytes.readUInt16BE(position + 6);
      position += size;
      this.#sink.frame(type, channel, body);
    }
    return position;
  }

  #requireSound(size: number, bodyOffset: number): void {
    if (size > this.maxFrameSize) throw framingError(`frame of ${size} octets, at most ${this.maxFrameSize} are taken`);
    // A frame is at least its header of 8 octets, and its data offset at least 2 words (2.3.1).
    if (size < headerLength) throw framingError(`frame of ${size} octets`);
    if (bodyOffset < headerLength || bodyOffset > size) throw framingError(`frame with data offset ${bodyOffset / 4}`);
  }
}

function framingError(message: string): WireError {
  return new WireError('connection', 'amqp:connection:framing-error', message);
}
