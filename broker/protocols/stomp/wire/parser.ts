// Reads STOMP frames from the chunks of a byte stream (STOMP 1.2, "STOMP Frames" and "Augmented BNF"; 1.1 and 1.0
// where they differ, see version.ts). Knows no command but the three that may have a body.
// Pulled, not pushed: the reader may stop after any frame, which CONNECT needs, whose answer changes the rules.

import { isUtf8 } from 'node:buffer';
import { BrokerError } from '../../../core/errors.ts';
import { defaultFrameLimits, emptyBody, mayHaveBody } from './frame.ts';
import type { Frame, FrameLimits } from './frame.ts';
import { Gather } from './gather.ts';
import { parseHead, quoted } from './head.ts';
import type { Head } from './head.ts';
import { wireRules } from './version.ts';
import type { Version, WireRules } from './version.ts';

const nul = 0;
const lineFeed = 10;
const carriageReturn = 13;
const firstNonAscii = 128;

/** What either side may begin with, or refuse the other's beginning with. */
const openingCommands = new Set(['CONNECT', 'STOMP', 'CONNECTED', 'ERROR']);

export class Parser {
  readonly #limits: FrameLimits;
  #rules: WireRules = wireRules.connecting;
  #connecting = true;
  /** Bytes read by frames that were complete, or by the lines between them; counted while connecting only. */
  #connectBytes = 0;
  #chunk: Buffer = emptyBody;
  #at = 0;
  #failure: BrokerError | undefined;

  // The head under way: what earlier chunks held of it, and what is known of its unfinished line.
  #headPieces: Gather | undefined;
  #lines = 0;
  #lineBytes = 0;
  #lineEndsInReturn = false;
  #octetsSeen = 0;

  // The body under way.
  #head: Head | undefined;
  #bodyPieces: Gather | undefined;

  constructor(limits: FrameLimits = defaultFrameLimits) {
    this.#limits = limits;
  }

  /** Goes from the rules for CONNECT to those of the version that was agreed. */
  accept(version: Version): void {
    this.#rules = wireRules[version];
    this.#connecting = false;
  }

  /** The receipt asked for by the frame that is not complete yet, if its headers are: for the ERROR about it. */
  get unfinishedReceipt(): string | undefined {
    return this.#head?.headers.get('receipt');
  }

  /** The next bytes. All frames of those before must have been taken, unless next() was not asked to the end. */
  push(chunk: Buffer): void {
    this.#chunk = this.#at === this.#chunk.length ? chunk : Buffer.concat([this.#chunk.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /**
   * The next frame, or undefined if more bytes are needed. A malformed frame throws `invalid`, one beyond a limit
   * `too-large`; where the next frame would begin is then unknown, and every later call throws the same.
   */
  next(): Frame | undefined {
    if (this.#failure) throw this.#failure;
    try {
      if (!this.#head && !this.#readHead()) return undefined;
      return this.#readBody();
    } catch (error) {
      if (error instanceof BrokerError) this.#failure = error;
      throw error;
    }
  }

  #readHead(): boolean {
    for (;;) {
      if (this.#lines === 0 && this.#lineBytes === 0) this.#skipBetweenFrames();
      const start = this.#at;
      const complete = this.#scanHead();
      this.#countConnecting(this.#at - start);
      if (!complete) {
        if (start < this.#chunk.length) {
          this.#headPieces ??= new Gather(Infinity);
          this.#headPieces.append(this.#chunk, start, this.#chunk.length);
        }
        return false;
      }
      const bytes = this.#takeHead(start);
      const ascii = this.#octetsSeen < firstNonAscii;
      const empty = this.#lines === 0;
      this.#lines = this.#lineBytes = this.#octetsSeen = 0;
      this.#lineEndsInReturn = false;
      // A CR LF between frames looks like a head with no lines.
      if (empty) continue;
      if (!ascii && !isUtf8(bytes)) throw new BrokerError('invalid', 'headers are not valid UTF-8');
      this.#head = parseHead(bytes.toString(ascii ? 'latin1' : 'utf8'), this.#rules);
      this.#checkCommand(this.#head);
      this.#checkContentLength(this.#head);
      return true;
    }
  }

  /**
   * "The NULL octet can be optionally followed by multiple EOLs": heart-beats are no more than that. Some clients end their
   * frames with more than one NUL, which ActiveMQ and RabbitMQ let pass.
   */
  #skipBetweenFrames(): void {
    const start = this.#at;
    while (this.#chunk[this.#at] === lineFeed || this.#chunk[this.#at] === nul) this.#at += 1;
    this.#countConnecting(this.#at - start);
  }

  /** Moves to behind the blank line that ends the head; false if the chunk ends before it. */
  #scanHead(): boolean {
    const chunk = this.#chunk;
    const length = chunk.length;
    let lineStart = this.#at - this.#lineBytes;
    let octets = this.#octetsSeen;
    for (let at = this.#at; at < length; at++) {
      const octet = chunk[at]!;
      octets |= octet;
      if (octet > lineFeed) continue;
      if (octet === nul) throw new BrokerError('invalid', 'frame ends before the blank line behind its headers');
      if (octet !== lineFeed) continue;
      const endsInReturn = at > this.#at ? chunk[at - 1] === carriageReturn : this.#lineEndsInReturn;
      const lineBytes = at - lineStart;
      this.#at = at + 1;
      if (lineBytes === 0 || (lineBytes === 1 && endsInReturn && this.#rules.carriageReturnEndsLine)) {
        this.#octetsSeen = octets;
        return true;
      }
      this.#checkLine(lineBytes);
      this.#lines += 1;
      if (this.#lines > this.#limits.headers + 1) {
        throw new BrokerError('too-large', `more than ${this.#limits.headers} headers`);
      }
      this.#lineEndsInReturn = false;
      lineStart = this.#at;
    }
    if (length > this.#at) this.#lineEndsInReturn = chunk[length - 1] === carriageReturn;
    this.#at = length;
    this.#lineBytes = length - lineStart;
    this.#octetsSeen = octets;
    this.#checkLine(this.#lineBytes);
    return false;
  }

  #checkLine(bytes: number): void {
    const isCommand = this.#lines === 0;
    const limit = isCommand ? this.#limits.commandBytes : this.#limits.headerLineBytes;
    // One more for the CR that may precede the LF.
    if (bytes <= limit + 1) return;
    throw new BrokerError('too-large', `${isCommand ? 'command' : 'header'} longer than ${limit} bytes`);
  }

  #takeHead(start: number): Buffer {
    const pieces = this.#headPieces;
    if (!pieces) return this.#chunk.subarray(start, this.#at);
    this.#headPieces = undefined;
    pieces.append(this.#chunk, start, this.#at);
    return pieces.take();
  }

  /** At once, not at its NUL, which a peer of another protocol may never send. */
  #checkCommand({ command }: Head): void {
    if (!this.#connecting || openingCommands.has(command)) return;
    throw new BrokerError('invalid', `expected CONNECT or STOMP, not ${quoted(command)}`);
  }

  /**
   * Where there can be no body, the header counts nothing: clients are about that acknowledge with all headers of the
   * MESSAGE, its content-length among them, and ActiveMQ does not mind it either.
   */
  #bodyLengthOf({ command, contentLength }: Head): number | undefined {
    return this.#connecting || mayHaveBody(command) ? contentLength : undefined;
  }

  #checkContentLength(head: Head): void {
    const contentLength = this.#bodyLengthOf(head);
    if (contentLength === undefined) return;
    if (contentLength > this.#limits.bodyBytes) throw bodyTooLarge(this.#limits.bodyBytes);
    if (this.#connecting && this.#connectBytes + contentLength > this.#limits.connectBytes) this.#refuseConnecting();
  }

  #readBody(): Frame | undefined {
    const head = this.#head;
    if (!head) return undefined;
    const length = this.#bodyLengthOf(head);
    const body = length === undefined ? this.#readToNul() : this.#readCounted(length);
    if (!body) return undefined;
    // "All other frames MUST NOT have a body." An end of line too many is a habit of people, and is let through.
    if (body.length > 0 && this.#rules.refusesStrayBody && !mayHaveBody(head.command) && !isLineEnds(body)) {
      throw new BrokerError('invalid', `${head.command} frame with a body`);
    }
    this.#head = undefined;
    return { command: head.command, headers: head.headers, body };
  }

  /**
   * "If a content-length header is included, this number of octets MUST be read, regardless of whether or not there
   * are NULL octets in the body. The frame still needs to be terminated with a NULL octet."
   */
  #readCounted(length: number): Buffer | undefined {
    const chunk = this.#chunk;
    const start = this.#at;
    if (!this.#bodyPieces && chunk.length - start > length) {
      this.#at = start + length + 1;
      if (chunk[start + length] !== nul) throw missingNul(length);
      return length === 0 ? emptyBody : chunk.subarray(start, start + length);
    }
    this.#bodyPieces ??= new Gather(length + 1);
    const pieces = this.#bodyPieces;
    const end = Math.min(chunk.length, start + length + 1 - pieces.length);
    pieces.append(chunk, start, end);
    this.#at = end;
    if (pieces.length <= length) return undefined;
    this.#bodyPieces = undefined;
    const bytes = pieces.take();
    if (bytes[length] !== nul) throw missingNul(length);
    return bytes.subarray(0, length);
  }

  #readToNul(): Buffer | undefined {
    const chunk = this.#chunk;
    const start = this.#at;
    const found = chunk.indexOf(nul, start);
    const end = found < 0 ? chunk.length : found;
    const earlier = this.#bodyPieces?.length ?? 0;
    this.#countConnecting(end - start);
    if (earlier + end - start > this.#limits.bodyBytes) throw bodyTooLarge(this.#limits.bodyBytes);
    if (found < 0 || this.#bodyPieces) {
      this.#bodyPieces ??= new Gather(this.#limits.bodyBytes);
      this.#bodyPieces.append(chunk, start, end);
    }
    if (found < 0) {
      this.#at = end;
      return undefined;
    }
    this.#at = end + 1;
    if (!this.#bodyPieces) return end === start ? emptyBody : chunk.subarray(start, end);
    const body = this.#bodyPieces.take();
    this.#bodyPieces = undefined;
    return body;
  }

  #countConnecting(bytes: number): void {
    if (!this.#connecting) return;
    this.#connectBytes += bytes;
    if (this.#connectBytes > this.#limits.connectBytes) this.#refuseConnecting();
  }

  #refuseConnecting(): never {
    throw new BrokerError('too-large', `more than ${this.#limits.connectBytes} bytes before CONNECT is complete`);
  }
}

function isLineEnds(body: Buffer): boolean {
  return body.every((octet) => octet === lineFeed || octet === carriageReturn);
}

function bodyTooLarge(limit: number): BrokerError {
  return new BrokerError('too-large', `body longer than ${limit} bytes`);
}

function missingNul(length: number): BrokerError {
  return new BrokerError('invalid', `no NUL after the ${length} bytes that content-length announces`);
}
