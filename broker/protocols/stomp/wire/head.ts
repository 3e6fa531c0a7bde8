// Takes a frame's command and headers apart, once all of their bytes are there (STOMP 1.2, "STOMP Frames", "Value
// Encoding", "Repeated Header Entries").

import { BrokerError } from '../../../core/errors.ts';
import type { WireRules } from './version.ts';

export interface Head {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly contentLength: number | undefined;
}

const carriageReturn = 13;
const backslash = '\\';

/** `text`: from the command to the blank line, with it. Throws `invalid`. */
export function parseHead(text: string, rules: WireRules): Head {
  const mayEndInReturn = rules.carriageReturnEndsLine && text.includes('\r');
  let lineFeed = text.indexOf('\n');
  const command = text.slice(0, lineEnd(text, 0, lineFeed, mayEndInReturn));
  // "The CONNECT and CONNECTED frames do not escape": a second CONNECT is refused later, but for what it is.
  const escapes = isConnecting(command) || !text.includes(backslash) ? null : rules.escapes;
  const headers = new Map<string, string>();
  let colon = 0;
  for (;;) {
    const start = lineFeed + 1;
    lineFeed = text.indexOf('\n', start);
    const end = lineEnd(text, start, lineFeed, mayEndInReturn);
    if (end === start) break;
    // The one behind a line without any is found once, however many such lines there are.
    if (colon < start) colon = text.indexOf(':', start);
    if (colon < 0) colon = text.length;
    // Without a colon the line is a name alone: ActiveMQ takes it so, and clients have come to write such.
    const nameEnd = Math.min(colon, end);
    // In 1.1 CR LF is no blank line, and nothing that anyone means.
    const isReturn = nameEnd === end && end === start + 1 && text.charCodeAt(start) === carriageReturn;
    if (isReturn) throw malformed('header without a colon', text, start, end);
    // header-name = 1*<any OCTET except CR or LF or ":">
    if (nameEnd === start) throw malformed('header without a name', text, start, end);
    let name = text.slice(start, nameEnd);
    // A colon in a value should have been escaped, but no server insists: URLs and times are common in headers.
    let value = text.slice(Math.min(nameEnd + 1, end), end);
    if (mayEndInReturn && !rules.bareCarriageReturn && (name.includes('\r') || value.includes('\r'))) {
      throw malformed('carriage return inside of a header', text, start, end);
    }
    if (escapes) {
      name = unescape(name, escapes);
      value = unescape(value, escapes);
    }
    if (rules.trimsValues) value = value.trim();
    // "only the first header entry SHOULD be used as the value of header entry"
    if (!headers.has(name)) headers.set(name, value);
  }
  return { command, headers, contentLength: parseContentLength(headers.get('content-length')) };
}

function isConnecting(command: string): boolean {
  return command === 'CONNECT' || command === 'CONNECTED' || command === 'STOMP';
}

function lineEnd(text: string, start: number, lineFeed: number, mayEndInReturn: boolean): number {
  const endsInReturn = mayEndInReturn && lineFeed > start && text.charCodeAt(lineFeed - 1) === carriageReturn;
  return endsInReturn ? lineFeed - 1 : lineFeed;
}

/** "Undefined escape sequences such as \t MUST be treated as a fatal protocol error." */
function unescape(text: string, escapes: Readonly<Record<string, string>>): string {
  let at = text.indexOf(backslash);
  if (at < 0) return text;
  let plain = '';
  let start = 0;
  while (at >= 0) {
    const follower = text.charAt(at + 1);
    const character = Object.hasOwn(escapes, follower) ? escapes[follower] : undefined;
    if (character === undefined) throw malformed('undefined escape sequence', text, at, at + 2);
    plain += text.slice(start, at) + character;
    start = at + 2;
    at = text.indexOf(backslash, start);
  }
  return plain + text.slice(start);
}

function parseContentLength(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  // Fifteen digits are beyond every limit and still exact.
  if (!/^[0-9]{1,15}$/.test(value)) throw malformed('content-length is not a number of bytes', value);
  return Number(value);
}

function malformed(what: string, text: string, start?: number, end?: number): BrokerError {
  return new BrokerError('invalid', `${what}: ${quoted(text, start, end)}`);
}

const longestQuote = 64;

/** A piece of the peer's text, fit for an error message. */
export function quoted(text: string, start = 0, end = text.length): string {
  const piece = text.slice(start, Math.min(end, start + longestQuote));
  return JSON.stringify(end - start > longestQuote ? `${piece}…` : piece);
}
