// A message of SQS, or one that SNS put into a queue, in the broker's form: what a route made attributes of comes back as it
// was; attributes of others with the names of headers become those, all else properties.

import type { Message, Property } from '../../core/message.ts';
import { ofItsQueue } from '../mapping.ts';
import type { Header, Notes } from '../mapping.ts';
import { messageOfEvent } from './cloud-event.ts';
import { groupOf } from './group.ts';
import {
  encodingAttribute,
  eventVersionAttribute,
  headerOf,
  pathAttribute,
  plainEventType,
} from './header-attributes.ts';
import { packedAttribute, unpack } from './packing.ts';
import type { Unpacked } from './packing.ts';
import { propertyOf, valueOf } from './values.ts';

/** What SQS itself keeps among the properties. */
const traceHeader = 'AWS.TraceHeader';
const deduplicationId = 'AWS.MessageDeduplicationId';
export const traceProperty = 'AWSTraceHeader';

const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/;

type Headers = { -readonly [H in Header]?: Message[H] };

export function fromAttributes(message: Message, notes: Notes): Message {
  const event = messageOfEvent(message.body, message);
  const path = message.path ?? pathOf(message);
  if (event !== undefined) {
    const groupId = ownGroup(event.groupId, message.groupId, notes);
    return { ...event, groupId, properties: [...event.properties, ...deathsOf(message)], path };
  }
  const headers: Headers = {};
  const properties: Property[] = [];
  const isEvent = message.properties.some(({ name }) => name === eventVersionAttribute);
  let encoding: string | undefined;
  let packed: Unpacked | undefined;
  for (const attribute of message.properties) {
    const { name, value } = attribute;
    if (name === deduplicationId) {
      notes.note('MessageDeduplicationId', 'dropped', ofItsQueue, value);
    } else if (name === pathAttribute && typeof value === 'string') {
      // It is no field of the message.
    } else if (name === traceHeader) {
      properties.push({ ...attribute, name: traceProperty });
    } else if (name === encodingAttribute && typeof value === 'string' && isEncoding(value, message.body)) {
      encoding = value;
    } else if (name === packedAttribute && typeof value === 'string' && (packed = unpack(value)) !== undefined) {
      // Its headers and properties are restored below.
    } else if (!takeHeader(headers, attribute, isEvent)) {
      properties.push(propertyOf(attribute));
    }
  }
  if (packed !== undefined) properties.push(...packed.properties);
  const restored: Message = {
    id: message.id,
    to: message.to,
    body: bodyOf(message.body, encoding),
    bodyType: bodyTypeOf(encoding),
    durable: true,
    priority: 4,
    timestamp: message.timestamp,
    // What crossed a route says itself who sent it.
    userId: path === undefined ? message.userId : undefined,
    path,
    ...headers,
    ...packed?.headers,
    groupId: ownGroup(packed?.headers.groupId ?? headers.groupId, message.groupId, notes),
    properties,
  };
  // Added for those who know no typed values.
  return encoding === 'value' ? { ...restored, contentType: undefined } : restored;
}

/** The group that its sender gave it; of one that has none, that of the queue, by which it is in order. */
function ownGroup(own: string | undefined, ofQueue: string | undefined, notes: Notes): string | undefined {
  if (own !== undefined && ofQueue !== undefined && ofQueue !== groupOf(own)) {
    notes.note('MessageGroupId', 'dropped', 'its sender gave it a group of its own', ofQueue);
  }
  return own ?? ofQueue;
}

function pathOf({ properties }: Message): string | undefined {
  const value = properties.find(({ name }) => name === pathAttribute)?.value;
  return typeof value === 'string' ? value : undefined;
}

function deathsOf({ properties }: Message): readonly Property[] {
  return properties.filter(({ name }) => name === 'dead-letter-reason' || name === 'dead-letter-origin');
}

/** False: it is no header. */
function takeHeader(headers: Headers, { name, type, value, label }: Property, isEvent: boolean): boolean {
  if (isEvent && name === eventVersionAttribute) return true;
  const header = headerOf(name, isEvent);
  if (header === undefined || typeof value !== 'string') return false;
  switch (header) {
    case 'to':
      // Where it was sent, as a property: now it is sent to where the route writes.
      return isEvent && name === 'ce-source' && !value.startsWith('topic://');
    case 'durable':
      if (type !== 'string' || label !== 'boolean') return false;
      headers.durable = value === 'true';
      return true;
    case 'timestamp':
      if (isEvent && type === 'string') {
        const time = Date.parse(value);
        if (Number.isNaN(time)) return false;
        headers.timestamp = time;
        return true;
      }
      return takeNumber(headers, header, type, value, label);
    case 'priority':
    case 'groupSequence':
    case 'expiresAt':
      return takeNumber(headers, header, type, value, label);
    default:
      if (type !== 'string' || label !== undefined) return false;
      if (header !== 'type' || !isEvent || value !== plainEventType) headers[header] = value;
      return true;
  }
}

function takeNumber(
  headers: Headers,
  header: 'priority' | 'groupSequence' | 'expiresAt' | 'timestamp',
  type: Property['type'],
  text: string,
  label: string | undefined,
): boolean {
  const value = valueOf('double', text);
  if (type !== 'decimal' || label !== undefined || typeof value !== 'number' || !Number.isSafeInteger(value)) {
    return false;
  }
  if (value < 0 || (header === 'priority' && value > 9)) return false;
  headers[header] = value;
  return true;
}

function isEncoding(value: string, body: Buffer): boolean {
  if (value === 'utf-8' || value === 'value' || value === 'typed-value') return true;
  return /^base64(-text)?$/.test(value) && body.length % 4 === 0 && base64Pattern.test(body.toString('latin1'));
}

function bodyOf(body: Buffer, encoding: string | undefined): Buffer {
  return encoding?.startsWith('base64') === true ? Buffer.from(body.toString('latin1'), 'base64') : body;
}

function bodyTypeOf(encoding: string | undefined): Message['bodyType'] {
  switch (encoding) {
    case 'utf-8':
    case 'base64':
      return 'bytes';
    case 'value':
    case 'typed-value':
      return 'value';
    default:
      return 'text';
  }
}
