// Reads the fields of a packet in turn (MQTT 3.1.1, 1.5). Whatever is cut short or ill-formed is an `invalid`, and ends
// the connection [MQTT-4.8.0-1].

import { isUtf8 } from 'node:buffer';
import { BrokerError } from '../../../core/errors.ts';

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

  byte(what: string): number {
    return this.#bytes[this.#take(1, what)]!;
  }

  /** Two bytes, the higher first (1.5.2). */
  integer(what: string): number {
    return this.#bytes.readUInt16BE(this.#take(2, what));
  }

  /** Not zero [MQTT-2.3.1-1]. */
  packetId(): number {
    const id = this.integer('packet identifier');
    if (id === 0) throw this.fail('packet identifier 0');
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

  /** @throws BrokerError `invalid` when anything is left. */
  finish(): void {
    if (!this.atEnd) throw this.fail(`${this.#end - this.#at} bytes behind the last field`);
  }

  fail(message: string): BrokerError {
    return new BrokerError('invalid', `${this.#packet}: ${message}`);
  }

  #take(count: number, what: string): number {
    const at = this.#at;
    if (count > this.#end - at) throw this.fail(`${what} is cut short`);
    this.#at = at + count;
    return at;
  }
}

/**
 * The text between two places; undefined if it is ill-formed UTF-8, surrogates included [MQTT-1.5.3-1], or has U+0000
 * [MQTT-1.5.3-2]. A U+FEFF stays [MQTT-1.5.3-3].
 */
export function readText(bytes: Buffer, start: number, end: number): string | undefined {
  const part = bytes.subarray(start, end);
  return isUtf8(part) && !part.includes(0) ? part.toString('utf8') : undefined;
}
