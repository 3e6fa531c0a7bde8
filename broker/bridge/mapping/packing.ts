// The attribute that holds what has no attribute of its own: JSON of headers, and of properties as lists of name, type and
// text, so that types, order, and names that stand twice come back.

import { isPropertyType } from '../../core/message.ts';
import type { Message, Property, PropertyType } from '../../core/message.ts';
import type { Header } from '../mapping.ts';
import { textOf, valueOf } from './values.ts';

export const packedAttribute = 'causeway.packed';

/** A header, or a property, on its way. */
export interface Field {
  readonly name: string;
  readonly header: Header | undefined;
  readonly property: Property;
}

type HeaderValues = { -readonly [H in Header]?: Message[H] };

export interface Unpacked {
  readonly headers: HeaderValues;
  readonly properties: readonly Property[];
}

export const textHeaders = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'type',
  'groupId',
  'userId',
  'id',
  'to',
] as const satisfies readonly Header[];

export const numberHeaders = [
  'groupSequence',
  'priority',
  'expiresAt',
  'timestamp',
] as const satisfies readonly Header[];

export function pack(fields: readonly Field[]): string {
  const headers: Record<string, unknown> = {};
  const properties: unknown[] = [];
  for (const { header, property } of fields) {
    const { name, type, value, label } = property;
    if (header !== undefined) headers[header] = header === 'durable' ? value === 'true' : headerValue(type, value);
    else properties.push(label === undefined ? [name, type, textOf(value)] : [name, type, textOf(value), label]);
  }
  // JSON leaves them as they are; XML 1.0 does not have them.
  return JSON.stringify({ headers, properties }).replaceAll('\ufffe', '\\ufffe').replaceAll('\uffff', '\\uffff');
}

function headerValue(type: PropertyType, value: Property['value']): unknown {
  return type === 'decimal' ? Number(value) : value;
}

/** Undefined for what `pack` did not write. */
export function unpack(text: string): Unpacked | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('headers' in parsed) || !('properties' in parsed)) {
    return undefined;
  }
  const headers = readHeaders(parsed.headers);
  if (headers === undefined || !Array.isArray(parsed.properties)) return undefined;
  const properties: Property[] = [];
  for (const item of parsed.properties) {
    const property = readProperty(item);
    if (property === undefined) return undefined;
    properties.push(property);
  }
  return { headers, properties };
}

function readHeaders(given: unknown): HeaderValues | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const values = new Map<string, unknown>(Object.entries(given));
  const headers: HeaderValues = {};
  for (const name of textHeaders) {
    const value = values.get(name);
    if (typeof value === 'string') headers[name] = value;
  }
  for (const name of numberHeaders) {
    const value = values.get(name);
    if (typeof value === 'number') headers[name] = value;
  }
  const durable = values.get('durable');
  if (typeof durable === 'boolean') headers.durable = durable;
  return headers;
}

function readProperty(item: unknown): Property | undefined {
  if (!Array.isArray(item)) return undefined;
  const list: readonly unknown[] = item;
  const [name, type, text, label] = list;
  if (typeof name !== 'string' || typeof type !== 'string' || typeof text !== 'string') return undefined;
  const value = isPropertyType(type) ? valueOf(type, text) : undefined;
  if (!isPropertyType(type) || value === undefined) return undefined;
  return typeof label === 'string' ? { name, type, value, label } : { name, type, value };
}
