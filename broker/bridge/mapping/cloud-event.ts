// A message as a CloudEvent of version 1.0 in structured mode, JSON format, and back. Headers and properties that CloudEvents
// has no attribute for are in one extension, as text: extensions hold no objects (CloudEvents 1.0, "Type System").

import { isUtf8 } from 'node:buffer';
import type { BodyType, Message, Property } from '../../core/message.ts';
import { isTold, leftOut } from '../mapping.ts';
import type { MappingRules, Notes } from '../mapping.ts';
import {
  afterProperties,
  beforeProperties,
  eventVersion,
  headerAttribute,
  isDate,
  plainEventType,
} from './header-attributes.ts';
import { pack, unpack } from './packing.ts';
import type { Field } from './packing.ts';

/** Extensions: lower-case letters and digits. */
const restExtension = 'causewayfields';
const bodyExtension = 'causewaybody';
/** The routes that it crossed: a stream has no other place for them. */
const pathExtension = 'causewaypath';

export function eventBody(message: Message, rules: MappingRules, notes: Notes): Buffer {
  const event: Record<string, unknown> = {
    specversion: eventVersion,
    id: message.id,
    source: message.to,
    type: message.type ?? plainEventType,
  };
  notes.note('id', 'moved', 'into the body');
  if (isTold(message, 'to')) notes.note('to', 'moved', 'into the body');
  if (message.type !== undefined) notes.note('type', 'moved', 'into the body');
  const rest: Field[] = [];
  for (const header of [...beforeProperties, ...afterProperties]) {
    if (header === 'id' || header === 'to' || header === 'type' || !isTold(message, header)) continue;
    const property = headerAttribute(message, header, 'none');
    if (rules.rename.has(header)) {
      rest.push(...movedProperty({ ...property, name: header }, rules, notes));
      continue;
    }
    notes.note(header, 'moved', 'into the body');
    if (header === 'contentType') event['datacontenttype'] = message.contentType;
    else if (header === 'timestamp' && isDate(message.timestamp)) {
      event['time'] = new Date(message.timestamp).toISOString();
    } else rest.push({ name: header, header, property });
  }
  for (const property of message.properties) rest.push(...movedProperty(property, rules, notes));
  if (rest.length > 0) event[restExtension] = pack(rest);
  event[bodyExtension] = isBare(message) ? 'bare-value' : message.bodyType;
  if (message.path !== undefined) event[pathExtension] = message.path;
  addData(event, message);
  notes.note('body', 'moved', 'into the body');
  return Buffer.from(JSON.stringify(event));
}

function movedProperty(property: Property, { rename }: MappingRules, notes: Notes): readonly Field[] {
  const { name } = property;
  const renamed = rename.get(name);
  if (renamed === null) {
    notes.note(name, 'dropped', leftOut, property.value);
    return [];
  }
  if (renamed === undefined) notes.note(name, 'moved', 'into the body');
  else notes.note(name, 'renamed', `to ${renamed}`);
  return [{ name, header: undefined, property: { ...property, name: renamed ?? name } }];
}

/** JSON stands as JSON where that says the same, byte for byte; other text as text, and the rest in base64. */
function addData(event: Record<string, unknown>, { body, bodyType, contentType }: Message): void {
  if (body.length === 0) return;
  const text = isUtf8(body) ? body.toString() : undefined;
  if (text === undefined || !text.isWellFormed()) {
    event['data_base64'] = body.toString('base64');
    return;
  }
  if (!isJsonType(contentType ?? (bodyType === 'value' ? 'application/json' : ''))) {
    event['data'] = text;
    return;
  }
  const value = exactJson(text);
  // A string as data of a JSON type is JSON's string, not the text.
  if (value === undefined) event['data_base64'] = body.toString('base64');
  else event['data'] = value;
  event['datacontenttype'] ??= 'application/json';
}

function isJsonType(contentType: string): boolean {
  return /[/+]json\b/.test(contentType);
}

/** Its content type is added here, for those who know no typed values. */
function isBare({ bodyType, contentType }: Message): boolean {
  return bodyType === 'value' && contentType === undefined;
}

function exactJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: the body is no event that `eventBody` wrote. `arrived` has what the event does not say. */
export function messageOfEvent(body: Buffer, arrived: Message): Message | undefined {
  const event = readEvent(body);
  if (event === undefined) return undefined;
  const text = (name: string): string | undefined => {
    const value = event.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const isBareValue = text(bodyExtension) === 'bare-value';
  const bodyType = isBareValue ? 'value' : bodyTypes.find((candidate) => candidate === text(bodyExtension));
  if (bodyType === undefined) return undefined;
  const rest = unpack(text(restExtension) ?? '{"headers":{},"properties":[]}');
  const type = text('type');
  const time = Date.parse(text('time') ?? '');
  const contentType = text('datacontenttype');
  return {
    to: arrived.to,
    durable: true,
    priority: 4,
    id: text('id') ?? arrived.id,
    type: type === plainEventType ? undefined : type,
    contentType: isBareValue ? undefined : contentType,
    timestamp: Number.isNaN(time) ? arrived.timestamp : time,
    ...rest?.headers,
    properties: rest?.properties ?? [],
    path: text(pathExtension) ?? arrived.path,
    body: dataOf(event, contentType),
    bodyType,
  };
}

const bodyTypes = ['text', 'bytes', 'value'] as const satisfies readonly BodyType[];

function readEvent(body: Buffer): ReadonlyMap<string, unknown> | undefined {
  // Quickly, for bodies that are something else.
  if (!body.subarray(0, 32).includes('"specversion"')) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

function dataOf(event: ReadonlyMap<string, unknown>, contentType: string | undefined): Buffer {
  const base64 = event.get('data_base64');
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  const data = event.get('data');
  if (data === undefined) return Buffer.alloc(0);
  return Buffer.from(typeof data === 'string' && !isJsonType(contentType ?? '') ? data : JSON.stringify(data));
}
