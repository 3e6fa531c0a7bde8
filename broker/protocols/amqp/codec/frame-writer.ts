// Writes frames (part 2, section 2.3) one after the other into one buffer, to be sent with one system call.

import { writeComposite, type Draft } from './composite.ts';
import { amqpFrame, saslFrame } from './frame-reader.ts';
import type { CompositeKind } from './tables.ts';
import { Writer } from './writer.ts';

const dataOffset = 2;

export class FrameWriter {
  readonly #writer: Writer;

  constructor(capacity: number) {
    this.#writer = new Writer(capacity);
  }

  get length(): number {
    return this.#writer.length;
  }

  frame<K extends CompositeKind>(channel: number, kind: K, draft: Draft<K>): void {
    const start = this.#begin(amqpFrame, channel);
    writeComposite(this.#writer, kind, draft);
    this.#end(start);
  }

  /** A transfer: a frame whose performative is followed by (a part of) the message. */
  transfer(channel: number, draft: Draft<'transfer'>, payload: readonly Uint8Array[]): void {
    const start = this.#begin(amqpFrame, channel);
    writeComposite(this.#writer, 'transfer', draft);
    for (const part of payload) this.#writer.raw(part);
    this.#end(start);
  }

  sasl<K extends CompositeKind>(kind: K, draft: Draft<K>): void {
    const start = this.#begin(saslFrame, 0);
    writeComposite(this.#writer, kind, draft);
    this.#end(start);
  }

  /** A frame without a body, which only says that its sender is there (part 2, section 2.4.5). */
  heartbeat(): void {
    this.#end(this.#begin(amqpFrame, 0));
  }

  header(octets: Uint8Array): void {
    this.#writer.raw(octets);
  }

  /** What was written, to be kept by the caller; a new buffer takes its place. */
  detach(capacity: number): Buffer {
    return this.#writer.detach(capacity);
  }

  /** A copy of what was written; the buffer is used again. */
  takeCopy(): Buffer {
    const copy = Buffer.from(this.#writer.view());
    this.#writer.reset();
    return copy;
  }

  #begin(type: number, channel: number): number {
    const start = this.#writer.length;
    this.#writer.u32(0);
    this.#writer.u8(dataOffset);
    this.#writer.u8(type);
    this.#writer.u16(channel);
    return start;
  }

  #end(start: number): void {
    this.#writer.u32At(start, this.#writer.length - start);
  }
}
