// A message's body as a person reads it: text, JSON set out in lines, or bytes in hexadecimal. Nothing shown is
// altered: numbers keep their digits, however long, and repeated members stay.

import type { PeekedBody } from '../../../broker/control/api-messages.ts';

export type BodyFormat = 'json' | 'text' | 'hex';

export type JsonTokenKind = 'key' | 'string' | 'number' | 'word' | 'plain';

export interface JsonToken {
  readonly kind: JsonTokenKind;
  readonly text: string;
}

const bytesPerLine = 16;
const previewCharacters = 160;

/** Its beginning, in one line. */
export function previewOf({ bodyBase64, bodyIsText, bodyBytes }: PeekedBody): string {
  if (bodyBytes === 0) return '(empty)';
  // Four characters of base64 are three bytes.
  const head = decodeBase64(bodyBase64.slice(0, Math.ceil(previewCharacters / 3) * 4));
  if (bodyIsText) return textOf(head).replaceAll(/\s+/g, ' ').slice(0, previewCharacters);
  return Array.from(head.subarray(0, 24), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

export function decodeBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Offset, bytes, and their characters where they have one [as hexdump -C does]. */
export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += bytesPerLine) {
    const line = bytes.subarray(offset, offset + bytesPerLine);
    const digits = Array.from(line, (byte) => byte.toString(16).padStart(2, '0'));
    const halves = `${digits.slice(0, 8).join(' ')}  ${digits.slice(8).join(' ')}`;
    const characters = Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCodePoint(byte) : '.'));
    lines.push(`${offset.toString(16).padStart(6, '0')}  ${halves.padEnd(48)}  ${characters.join('')}`);
  }
  return lines.join('\n');
}

export function isJson(text: string): boolean {
  if (!/^\s*[[{"\d\-tfn]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const lexeme = /\s*("(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+)/gy;

/** JSON text, which `isJson` has accepted, in lines of two spaces' indentation: its own characters, spaced anew. */
export function layOutJson(text: string): readonly JsonToken[] {
  const lexemes = Array.from(text.matchAll(lexeme), ([, found = '']) => found);
  const tokens: JsonToken[] = [];
  let depth = 0;
  const plain = (part: string) => tokens.push({ kind: 'plain', text: part });
  const newLine = () => plain(`\n${'  '.repeat(depth)}`);
  for (const [index, found] of lexemes.entries()) {
    const next = lexemes[index + 1];
    if (found === '{' || found === '[') {
      plain(found);
      depth += 1;
      if (next !== '}' && next !== ']') newLine();
    } else if (found === '}' || found === ']') {
      depth -= 1;
      const before = lexemes[index - 1];
      if (before !== '{' && before !== '[') newLine();
      plain(found);
    } else if (found === ',') {
      plain(found);
      newLine();
    } else if (found === ':') {
      plain(': ');
    } else {
      tokens.push({ kind: kindOf(found, next), text: found });
    }
  }
  return tokens;
}

function kindOf(found: string, next: string | undefined): JsonTokenKind {
  if (found.startsWith('"')) return next === ':' ? 'key' : 'string';
  return /^[\d-]/.test(found) ? 'number' : 'word';
}
