// Reads the fields of one packet's variable header and payload (MQTT 3.1.1 and 5, 1.5): what is ill-formed or too short ends
// the connection [MQTT-4.8.0-1 of 3.1.1], [MQTT-4.13.1-1 of 5].

import { isUtf8 } from 'node:buffer';
import { malformed, protocolError } from './reason.ts';
import type { WireError } from './reason.ts';

export class FieldReader {
  readonly #packet: string;
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  /** `packet`: its name, for errors. */
  constructor(packet: string, frame: { readonly bytes: Buffer; readonly start: number; readonly end: number }) {
    this.#packet = packet;
    this.#bytes = frame.bytes;
    this.#at = frame.start;
    this.#end = frame.end;
  }

  get atEnd(): boolean {
    return this.#at === this.#end;
  }

  /** Place within the bytes that the packet lies in. */
  get at(): number {
    return this.#at;
  }

  byte(what: string): number {
    return this.#bytes[this.#take(1, what)]!;
  }

  /** Two bytes, the higher first (1.5.2). */
  integer(what: string): number {
    return this.#bytes.readUInt16BE(this.#take(2, what));
  }

  /** Four bytes, the highest first (MQTT 5, 1.5.3). */
  long(what: string): number {
    return this.#bytes.readUInt32BE(this.#take(4, what));
  }

  /** A variable byte integer (MQTT 5, 1.5.5), in as few bytes as it needs [MQTT-1.5.5-1]. */
  variable(what: string): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const digit = this.byte(what);
      value += (digit & 0x7f) * 128 ** i;
      if (digit > 0x7f) continue;
      if (digit === 0 && i > 0) throw this.fail(`${what} in more bytes than it needs`);
      return value;
    }
    throw this.fail(`${what} has more than four digits`);
  }

  /** Not zero [MQTT-2.3.1-1 of 3.1.1], [MQTT-2.2.1-3 of 5]. */
  packetId(): number {
    const id = this.integer('packet identifier');
    if (id === 0) throw this.violation('packet identifier 0');
    return id;
  }

  /** Bytes that nothing else holds. */
  binary(what: string): Buffer {
    const length = this.integer(what);
    const start = this.#take(length, what);
    return Buffer.from(this.#bytes.subarray(start, start + length));
  }

  text(what: string): string {
    const length = this.integer(what);
    const start = this.#take(length, what);
    const text = readText(this.#bytes, start, start + length);
    if (text === undefined) throw this.fail(`${what} is not well-formed text`);
    return text;
  }

  /** A part of the packet where it lies. */
  bytesBetween(start: number, end: number): Buffer {
    return this.#bytes.subarray(start, end);
  }

  /** @throws WireError when there is less than that. */
  require(count: number, what: string): void {
    if (count > this.#end - this.#at) throw this.fail(`${what} cut short`);
  }

  /** @throws WireError when anything is left. */
  finish(): void {
    if (!this.atEnd) throw this.fail(`${this.#end - this.#at} bytes behind the last field`);
  }

  /** The bytes are not those of such a packet. */
  fail(message: string): WireError {
    return malformed(`${this.#packet}: ${message}`);
  }

  /** They are, and it must not say that. */
  violation(message: string): WireError {
    return protocolError(`${this.#packet}: ${message}`);
  }

  #take(count: number, what: string): number {
    const at = this.#at;
    if (count > this.#end - at) throw this.fail(`${what} is cut short`);
    this.#at = at + count;
    return at;
  }
}

/**
 * The text between two places; undefined if it is ill-formed UTF-8, surrogates included [MQTT-1.5.3-1, 1.5.4-1 of 5], or has
 * U+0000 [MQTT-1.5.3-2, 1.5.4-2 of 5]. A U+FEFF stays [MQTT-1.5.3-3, 1.5.4-3 of 5].
 */
export function readText(bytes: Buffer, start: number, end: number): string | undefined {
  const part = bytes.subarray(start, end);
  return isUtf8(part) && !part.includes(0) ? part.toString('utf8') : undefined;
}
