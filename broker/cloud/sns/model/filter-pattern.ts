// The patterns of a filter policy, each a question to one value of a field (Developer Guide, "Amazon SNS message
// filtering"): compiled once, asked for each message.

import { isIPv4, isIPv6 } from 'node:net';

/** A value of a field: a scalar of JSON. */
export type Scalar = string | number | boolean | null;

/** `absent`: the field must not be there; nothing else is asked. */
export type Pattern = ((value: Scalar) => boolean) | 'absent';

export class PatternError extends Error {}

const largestNumber = 1_000_000_000;
const decimals = 100_000;

/** Numbers are compared with five digits behind the point. */
export function normalNumber(value: number): number {
  return Math.round(value * decimals) / decimals;
}

export function isInRange(value: number): boolean {
  return Math.abs(value) <= largestNumber;
}

export function equals(wanted: Scalar): Pattern {
  if (typeof wanted !== 'number') return (value) => value === wanted;
  const number = normalNumber(wanted);
  return (value) => typeof value === 'number' && normalNumber(value) === number;
}

export function startsWith(prefix: string, ignoreCase = false): Pattern {
  const text = ignoreCase ? prefix.toLowerCase() : prefix;
  return (value) => typeof value === 'string' && (ignoreCase ? value.toLowerCase() : value).startsWith(text);
}

export function endsWith(suffix: string, ignoreCase = false): Pattern {
  const text = ignoreCase ? suffix.toLowerCase() : suffix;
  return (value) => typeof value === 'string' && (ignoreCase ? value.toLowerCase() : value).endsWith(text);
}

export function equalsIgnoringCase(wanted: string): Pattern {
  const text = wanted.toLowerCase();
  return (value) => typeof value === 'string' && value.toLowerCase() === text;
}

export function exists(): Pattern {
  return () => true;
}

/** None of the patterns holds. */
export function noneOf(patterns: readonly Pattern[]): Pattern {
  return (value) => !patterns.some((pattern) => pattern !== 'absent' && pattern(value));
}

export interface Bound {
  readonly value: number;
  readonly open: boolean;
}

/** @throws PatternError. */
export function between(bottom: Bound | undefined, top: Bound | undefined): Pattern {
  const low = bottom === undefined ? -largestNumber : normalNumber(bottom.value);
  const high = top === undefined ? largestNumber : normalNumber(top.value);
  if (!isInRange(low) || !isInRange(high)) {
    throw new PatternError('Value must be between -1.0E9 and 1.0E9, inclusive');
  }
  if (low >= high) throw new PatternError('Bottom must be less than top');
  return (given) => {
    if (typeof given !== 'number' || !isInRange(given)) return false;
    const value = normalNumber(given);
    return (bottom?.open === true ? value > low : value >= low) && (top?.open === true ? value < high : value <= high);
  };
}

/** `*` stands for any characters, `\*` and `\\` for themselves. @throws PatternError. */
export function wildcard(text: string): Pattern {
  const parts = splitAtWildcards(text);
  const [first = '', ...others] = parts;
  if (others.length === 0) return equals(first);
  const last = others.pop() ?? '';
  return (value) => {
    if (typeof value !== 'string' || !value.startsWith(first)) return false;
    let at = first.length;
    for (const part of others) {
      const found = value.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return value.length - last.length >= at && value.endsWith(last);
  };
}

function splitAtWildcards(text: string): string[] {
  const parts = [''];
  const add = (char: string): void => {
    parts.push(`${parts.pop() ?? ''}${char}`);
  };
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '*') {
      if (next === '*') throw new PatternError(`Consecutive wildcard characters at pos ${at}`);
      parts.push('');
    } else if (char === '\\') {
      if (next !== '*' && next !== '\\') throw new PatternError(`Invalid escape character at pos ${at}`);
      add(next);
      at++;
    } else {
      add(char);
    }
  }
  return parts;
}

/** `10.0.0.0/24`, `2001:db8::/32`. @throws PatternError. */
export function cidr(text: string): Pattern {
  const slashed = text.split('/');
  const [address = '', bits = ''] = slashed;
  if (slashed.length !== 2) throw new PatternError("Malformed CIDR, one '/' required");
  if (!/^[+-]?\d{1,9}$/.test(bits)) throw new PatternError('Malformed CIDR, mask bits must be an integer');
  const mask = Number(bits);
  if (mask < 0) throw new PatternError('Malformed CIDR, mask bits must not be negative');
  const base = addressOf(address);
  if (base === undefined) throw new PatternError(`Nonstandard IP address: ${address}`);
  if (base.bits === 32 && mask > 31) throw new PatternError('IPv4 mask bits must be < 32');
  if (base.bits === 128 && mask > 127) throw new PatternError('IPv6 mask bits must be < 128');
  const shift = BigInt(base.bits - mask);
  const network = base.number >> shift;
  return (value) => {
    const given = typeof value === 'string' ? addressOf(value) : undefined;
    return given !== undefined && given.bits === base.bits && given.number >> shift === network;
  };
}

function addressOf(text: string): { readonly bits: 32 | 128; readonly number: bigint } | undefined {
  if (isIPv4(text)) return { bits: 32, number: joined(text.split('.').map(Number), 8n) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  return { bits: 128, number: joined(groupsOf(text), 16n) };
}

/** The eight groups of an address whose form was checked. */
function groupsOf(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const read = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const before = read(head);
  const after = tail === undefined ? [] : read(tail);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function joined(parts: readonly number[], width: bigint): bigint {
  let number = 0n;
  for (const part of parts) number = (number << width) | BigInt(part);
  return number;
}
