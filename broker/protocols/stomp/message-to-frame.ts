// A message as the headers of a MESSAGE frame, by the names that ActiveMQ gives them. What belongs to one delivery
// (subscription, ack, redelivered, destination, death) is put in front by delivery-head.ts: of repeated headers the first
// counts (STOMP 1.2, "Repeated Header Entries").

import type { Message, Property } from '../../core/message.ts';
import type { Destinations } from './destination.ts';
import type { Transformed } from './transformation.ts';
import { escapeName, escapeValue } from './wire/encoder.ts';
import type { Version } from './wire/version.ts';

/** Properties that would be taken for the frame's own headers; senders of other protocols may have them. */
const frameHeaders: ReadonlySet<string> = new Set([
  'content-length',
  'subscription',
  'ack',
  'redelivered',
  'destination',
  'message-id',
  '',
]);

/** Header lines, without the blank line behind them. `form`: the body that is sent instead of the message's. */
export function headersOfMessage(
  message: Message,
  version: Version,
  names: Destinations,
  form: Transformed | undefined,
): string {
  const line = (name: string, value: string): string => `${name}:${escapeValue(value, version)}\n`;
  const { bodyType, expiresAt, correlationId, replyTo, type, groupId, groupSequence, userId } = message;
  const body = form?.body ?? message.body;
  // JSON is what a typed value is written as.
  const isJson = bodyType === 'value' && form === undefined;
  const contentType = message.contentType ?? (isJson ? 'application/json' : undefined);
  let lines = line('message-id', message.id);
  // A text message has no content-length, by which ActiveMQ's clients tell it, unless the body would end too soon:
  // "If the frame body contains NULL octets, the frame MUST include a content-length header."
  if (bodyType === 'bytes' || body.includes(0)) lines += `content-length:${body.length}\n`;
  if (contentType !== undefined) lines += line('content-type', contentType);
  if (message.contentEncoding !== undefined) lines += line('content-encoding', message.contentEncoding);
  lines += `expires:${expiresAt ?? 0}\npriority:${message.priority}\ntimestamp:${message.timestamp}\n`;
  if (message.durable) lines += 'persistent:true\n';
  if (correlationId !== undefined) lines += line('correlation-id', correlationId);
  if (replyTo !== undefined) lines += line('reply-to', names.nameOf(replyTo));
  if (type !== undefined) lines += line('type', type);
  if (groupId !== undefined) lines += line('JMSXGroupID', groupId);
  if (groupSequence !== undefined) lines += `JMSXGroupSeq:${groupSequence}\n`;
  if (userId !== undefined) lines += line('JMSXUserID', userId);
  if (form !== undefined) lines += line('transformation', form.name);
  for (const property of message.properties) {
    if (frameHeaders.has(property.name) || (form !== undefined && property.name === 'transformation')) continue;
    lines += `${escapeName(property.name, version)}:${escapeValue(textOf(property), version)}\n`;
  }
  return lines;
}

function textOf({ value }: Property): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (!(value instanceof Uint8Array)) return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}
