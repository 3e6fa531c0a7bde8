// Tokens of message selectors (JMS 2.0, 3.8.1.1: a subset of SQL-92).

import { BrokerError } from './errors.ts';

export type Token =
  | { readonly kind: 'identifier' | 'keyword' | 'string' | 'operator'; readonly text: string; readonly at: number }
  | {
      readonly kind: 'number';
      readonly text: string;
      readonly value: number | bigint;
      readonly isExact: boolean;
      readonly at: number;
    }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

const keywords: ReadonlySet<string> = new Set([
  'AND',
  'OR',
  'NOT',
  'BETWEEN',
  'LIKE',
  'IN',
  'IS',
  'NULL',
  'ESCAPE',
  'TRUE',
  'FALSE',
]);

/** Sticky, tried in this order at each place. */
const patterns = {
  space: /[ \t\f\r\n]+|--[^\n]*|\/\*[^]*?\*\//y,
  number: /0[xX][\da-fA-F]+[lL]?|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?[lLdDfF]?/y,
  // A Java identifier; names with dots or hyphens are written in double quotes.
  identifier: /[\p{L}\p{Nl}\p{Sc}\p{Pc}][\p{L}\p{Nl}\p{Nd}\p{Sc}\p{Pc}]*/uy,
  quoted: /"((?:[^"]|"")+)"/y,
  string: /'((?:[^']|'')*)'/y,
  operator: /<>|<=|>=|!=|[=<>()+\-*/,]/y,
} as const;

const longest = 0x7fff_ffff_ffff_ffffn;

/** @throws BrokerError `invalid`, with the place. */
export function tokenize(selector: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(selector);
  };
  while (at < selector.length) {
    const space = match(patterns.space);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const found = match(patterns.number);
    if (found !== null) {
      tokens.push({ kind: 'number', text: found[0], ...numberOf(found[0]), at });
      at += found[0].length;
      continue;
    }
    const word = match(patterns.identifier);
    if (word !== null) {
      const upper = word[0].toUpperCase();
      if (keywords.has(upper)) tokens.push({ kind: 'keyword', text: upper, at });
      else tokens.push({ kind: 'identifier', text: word[0], at });
      at += word[0].length;
      continue;
    }
    const quoted = match(patterns.quoted);
    const string = quoted ?? match(patterns.string);
    if (string !== null) {
      const quote = quoted === null ? "'" : '"';
      const text = string[1]!.replaceAll(quote + quote, quote);
      tokens.push({ kind: quoted === null ? 'string' : 'identifier', text, at });
      at += string[0].length;
      continue;
    }
    const operator = match(patterns.operator);
    if (operator === null) throw new BrokerError('invalid', `selector: unexpected "${selector[at]}" at ${at + 1}`);
    tokens.push({ kind: 'operator', text: operator[0] === '!=' ? '<>' : operator[0], at });
    at += operator[0].length;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

/** Java's literals: hexadecimal, octal, decimal, approximate; a long beyond 2^53 is a bigint. */
function numberOf(text: string): { value: number | bigint; isExact: boolean } {
  const isHex = /^0[xX]/.test(text);
  const digits = isHex ? text.replace(/[lL]$/, '') : text.replace(/[lLdDfF]$/, '');
  const isExact = isHex || (/^\d+$/.test(digits) && !/[dDfF]$/.test(text));
  if (!isExact) return { value: Number(digits), isExact };
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  if (value > longest) throw new BrokerError('invalid', `selector: ${text} is more than a long can hold`);
  return { value: value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value, isExact };
}
