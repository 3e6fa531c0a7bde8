// AMQP values as JSON, for dialects that cannot carry them: what the body of a map, list or number message is to them.

import type { Value } from '../codec/value.ts';
import { decimalText } from './decimal.ts';

export function jsonOf(value: Value): string {
  switch (value.type) {
    case 'null':
      return 'null';
    case 'boolean':
    case 'ubyte':
    case 'ushort':
    case 'uint':
    case 'byte':
    case 'short':
    case 'int':
    case 'ulong':
    case 'long':
      return String(value.value);
    case 'float':
    case 'double':
      return Number.isFinite(value.value) ? String(value.value) : JSON.stringify(String(value.value));
    case 'list':
      return `[${value.value.map(jsonOf).join(',')}]`;
    case 'array':
      return `[${value.value.items.map(jsonOf).join(',')}]`;
    case 'map':
      return `{${value.value.map(([key, item]) => `${JSON.stringify(textOf(key))}:${jsonOf(item)}`).join(',')}}`;
    case 'described':
      return jsonOf(value.value.value);
    default:
      return JSON.stringify(textOf(value));
  }
}

/** A value as plain text: a string as it is, and what has a customary form in that. */
export function textOf(value: Value): string {
  switch (value.type) {
    case 'string':
    case 'symbol':
      return value.value;
    case 'char':
      return value.value <= 0x10ffff ? String.fromCodePoint(value.value) : '\ufffd';
    case 'uuid':
      return uuidText(value.value);
    case 'binary':
      return value.value.toString('base64');
    case 'decimal32':
    case 'decimal64':
    case 'decimal128':
      return decimalText(value.value);
    case 'timestamp':
      return timestampText(value.value);
    case 'null':
    case 'boolean':
    case 'ubyte':
    case 'ushort':
    case 'uint':
    case 'byte':
    case 'short':
    case 'int':
    case 'ulong':
    case 'long':
    case 'float':
    case 'double':
      return String(value.value);
    default:
      return jsonOf(value);
  }
}

function uuidText(octets: Buffer): string {
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** ISO 8601 where a date can hold it. */
function timestampText(milliseconds: bigint): string {
  const date = new Date(Number(milliseconds));
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}
