// The names that headers have among attributes, both ways.

import type { Message, Property } from '../../core/message.ts';
import type { Envelope, Header } from '../mapping.ts';

/**
 * Says what the body was, where it was not the text that it is: `base64` of bytes, `base64-text` of a text with other
 * characters, bytes that are text (`utf-8`), a typed `value` as JSON, a `typed-value` where its content type is its sender's.
 */
export const encodingAttribute = 'causeway.body-encoding';

/** The routes that the message crossed, where it left this engine. */
export const pathAttribute = 'causeway.path';

export const headerAttributes = {
  contentType: 'content-type',
  contentEncoding: 'content-encoding',
  correlationId: 'correlation-id',
  replyTo: 'reply-to',
  type: 'type',
  groupId: 'group-id',
  groupSequence: 'group-sequence',
  to: 'destination',
  id: 'message-id',
  userId: 'user-id',
  priority: 'priority',
  durable: 'durable',
  expiresAt: 'expires-at',
  timestamp: 'timestamp',
} as const satisfies Readonly<Record<Header, string>>;

/** What a receiver cannot do without stands before the properties when ten are too few, the rest behind them. */
export const beforeProperties: readonly Header[] = ['contentType', 'contentEncoding', 'correlationId', 'replyTo'];
export const afterProperties: readonly Header[] = [
  'type',
  'groupId',
  'groupSequence',
  'to',
  'id',
  'userId',
  'priority',
  'durable',
  'expiresAt',
  'timestamp',
];

/** CloudEvents 1.0 in binary mode: its own names take the place of these. */
export const eventAttributes = { id: 'ce-id', timestamp: 'ce-time', type: 'ce-type', to: 'ce-source' } as const;
export const eventVersionAttribute = 'ce-specversion';
export const eventVersion = '1.0';
/** Of events whose sender said nothing. */
export const plainEventType = 'causeway.message';

const headersByAttribute: ReadonlyMap<string, Header> = new Map(
  [...beforeProperties, ...afterProperties].map((header) => [headerAttributes[header], header]),
);
const headersByEventAttribute: ReadonlyMap<string, Header> = new Map<string, Header>([
  ['ce-id', 'id'],
  ['ce-time', 'timestamp'],
  ['ce-type', 'type'],
  ['ce-source', 'to'],
]);

/** Names that a property cannot have as an attribute: on the way back it would be a header. */
export function isReserved(name: string): boolean {
  return headersByAttribute.has(name) || name.startsWith('ce-') || name.startsWith('causeway.');
}

export function headerOf(attribute: string, isEvent: boolean): Header | undefined {
  const header = isEvent ? headersByEventAttribute.get(attribute) : undefined;
  return header ?? headersByAttribute.get(attribute);
}

/** The header as an attribute, under the name that it has without rules. */
export function headerAttribute(message: Message, header: Header, envelope: Envelope): Property {
  const value = message[header];
  if (envelope === 'binary') {
    if (header === 'id' || header === 'type' || header === 'to') {
      return { name: eventAttributes[header], type: 'string', value: String(value) };
    }
    if (header === 'timestamp' && isDate(message.timestamp)) {
      return { name: eventAttributes.timestamp, type: 'string', value: new Date(message.timestamp).toISOString() };
    }
  }
  const name = headerAttributes[header];
  if (typeof value === 'number') return { name, type: 'decimal', value: String(value) };
  if (typeof value === 'boolean') return { name, type: 'string', value: String(value), label: 'boolean' };
  return { name, type: 'string', value: value ?? '' };
}

/** RFC 3339 has four digits for the year. */
export function isDate(milliseconds: number): boolean {
  return Number.isInteger(milliseconds) && milliseconds >= -62_167_219_200_000 && milliseconds <= 253_402_300_799_999;
}
