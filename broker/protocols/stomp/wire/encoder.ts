// Writes STOMP frames (STOMP 1.2, "STOMP Frames", "Value Encoding"; 1.1 and 1.0 where they differ). What a version
// cannot express is replaced rather than sent: a header's text must never become another header, or another frame.

import { emptyBody } from './frame.ts';
import type { Version } from './version.ts';

export type Headers = Iterable<readonly [name: string, value: string]>;

/** One character and what is written for it. */
type Replacements = Readonly<Record<string, string>>;

interface Escaping {
  readonly needed: RegExp;
  readonly name: Replacements;
  readonly value: Replacements;
}

// A NUL is an octet like others to the grammar of headers, but the end of the frame to most clients' parsers.
const nulReplacement = '\ufffd';

const escapes12: Replacements = { '\\': '\\\\', '\r': '\\r', '\n': '\\n', ':': '\\c', '\0': nulReplacement };
const escapes11: Replacements = { '\\': '\\\\', '\n': '\\n', ':': '\\c', '\0': nulReplacement };

const escapings: Readonly<Record<Version, Escaping>> = {
  '1.2': { needed: /[\\\r\n:\0]/g, name: escapes12, value: escapes12 },
  '1.1': { needed: /[\\\n:\0]/g, name: escapes11, value: escapes11 },
  '1.0': {
    needed: /[\n:\0]/g,
    name: { '\n': '_', ':': '_', '\0': nulReplacement },
    value: { '\n': ' ', ':': ':', '\0': nulReplacement },
  },
};

/** "The CONNECT and CONNECTED frames do not escape the carriage return, line feed or colon octets." */
function escapingOf(command: string, version: Version): Escaping {
  return command === 'CONNECT' || command === 'CONNECTED' ? escapings['1.0'] : escapings[version];
}

function escape(text: string, needed: RegExp, replacements: Replacements): string {
  return text.search(needed) < 0 ? text : text.replace(needed, (character) => replacements[character] ?? character);
}

export function escapeName(name: string, version: Version): string {
  const { needed, name: replacements } = escapings[version];
  return escape(name, needed, replacements);
}

export function escapeValue(value: string, version: Version): string {
  const { needed, value: replacements } = escapings[version];
  return escape(value, needed, replacements);
}

/** The command and headers, with the blank line behind them. */
export function encodeHead(command: string, headers: Headers, version: Version): string {
  const { needed, name: names, value: values } = escapingOf(command, version);
  let head = `${command}\n`;
  for (const [name, value] of headers) head += `${escape(name, needed, names)}:${escape(value, needed, values)}\n`;
  return `${head}\n`;
}

/** The first slab; each further one is twice as large, up to the last, so that an idle connection costs little. */
const firstSlabBytes = 1024;
const largestSlabBytes = 64 * 1024;
/** A body from here on is handed over as it is instead of being copied among small frames. */
const copiedBodyBytes = 16 * 1024;
/** NUL and a line feed: "optionally followed by multiple EOLs". ActiveMQ writes one, and its own client waits for it. */
const endOfFrame = 2;

/** Puts many small frames into few buffers, in order. What is written is handed to `sink` by flush, or when full. */
export class FrameWriter {
  readonly #sink: (bytes: Buffer) => void;
  #slab: Buffer = emptyBody;
  #slabBytes = firstSlabBytes;
  #flushed = 0;
  #end = 0;

  constructor(sink: (bytes: Buffer) => void) {
    this.#sink = sink;
  }

  get unflushedBytes(): number {
    return this.#end - this.#flushed;
  }

  /** `head`: from encodeHead. */
  write(head: string, body: Buffer = emptyBody): void {
    const copied = body.length < copiedBodyBytes;
    // A UTF-16 code unit is at most three bytes of UTF-8.
    this.#reserve(head.length * 3 + (copied ? body.length + endOfFrame : 0));
    this.#end += this.#slab.write(head, this.#end);
    if (copied) {
      if (body.length > 0) this.#end += body.copy(this.#slab, this.#end);
    } else {
      this.flush();
      this.#sink(body);
      this.#reserve(endOfFrame);
    }
    this.#slab[this.#end] = 0;
    this.#slab[this.#end + 1] = 10;
    this.#end += endOfFrame;
  }

  /** "If the sender has no real STOMP frame to send, it MUST send an end-of-line." */
  writeLineFeed(): void {
    this.#reserve(1);
    this.#slab[this.#end] = 10;
    this.#end += 1;
  }

  flush(): void {
    if (this.#end === this.#flushed) return;
    const bytes = this.#slab.subarray(this.#flushed, this.#end);
    this.#flushed = this.#end;
    this.#sink(bytes);
  }

  #reserve(bytes: number): void {
    if (this.#slab.length - this.#end >= bytes) return;
    this.flush();
    // What was handed over may still be on its way to the socket: the slab is left to it, never written again.
    this.#slab = Buffer.allocUnsafeSlow(Math.max(this.#slabBytes, bytes));
    this.#slabBytes = Math.min(2 * this.#slabBytes, largestSlabBytes);
    this.#flushed = this.#end = 0;
  }
}
