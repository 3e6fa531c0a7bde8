// Looking into a queue: a page of its messages as the console shows them, nothing taken. Bodies and values are cut to
// what a person reads, so that an answer is bounded whatever is in the queue.

import { isUtf8 } from 'node:buffer';
import type { Browsed } from '../core/browse.ts';
import type { Entry } from '../core/entry.ts';
import type { Message, PropertyValue } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import type { PeekedBody, PeekedMessage, PeekRequest, PeekResponse } from './api-messages.ts';

const defaultLimit = 50;
const bodyBytesShown = 64 * 1024;
const headersShown = 200;
const valueCharactersShown = 4096;

/** Control characters that text does not have: all but tab, line feed and carriage return. */
// oxlint-disable-next-line eslint/no-control-regex -- they are what it looks for
const notText = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export async function peekInto(queue: Queue, request: PeekRequest, now: number): Promise<PeekResponse> {
  const { after = 0, limit = defaultLimit } = request;
  const browsed = await queue.browse(after, limit);
  const messages = browsed.map((found) => describe(found, now));
  const last = messages.at(-1);
  // A page may be cut short by its size: only looking further tells whether it was the last.
  const hasMore = last !== undefined && (await queue.browse(last.position, 1)).length > 0;
  const room = limit - messages.length;
  if (last !== undefined && (hasMore || (room === 0 && queue.delayedCount > 0))) {
    return { messages, next: last.position };
  }
  if (queue.delayedCount === 0) return { messages };
  const delayed = await queue.delay.browse(room);
  return { messages: [...messages, ...delayed.map(describeDelayed)] };
}

function describe({ entry, message }: Browsed, now: number): PeekedMessage {
  return {
    ...describeMessage(entry.seq, message),
    state: stateOf(entry, now),
    attempts: entry.attempts,
    ...(entry.dead === undefined ? {} : { dead: entry.dead }),
  };
}

function describeDelayed({ dueAt, seq, message }: { dueAt: number; seq: number; message: Message }): PeekedMessage {
  return { ...describeMessage(seq, message), state: 'delayed', attempts: 0, dueAt };
}

function stateOf({ state, until }: Entry, now: number): 'ready' | 'in-flight' {
  // An entry that was read from disk for this says by its deadline whether it is leased.
  return state === 'leased' || state === 'settling' || until > now ? 'in-flight' : 'ready';
}

/** A body as the console shows it. `most`: bytes of it. */
export function describeBody(body: Buffer, most = bodyBytesShown): PeekedBody {
  return {
    bodyBytes: body.length,
    bodyBase64: body.subarray(0, most).toString('base64'),
    bodyIsText: isText(body),
  };
}

function describeMessage(position: number, message: Message): Omit<PeekedMessage, 'state' | 'attempts'> {
  const { id, body, contentType, durable, expiresAt, priority, timestamp } = message;
  return {
    position,
    id,
    timestamp,
    durable,
    priority,
    headers: [...headersOf(message)].slice(0, headersShown),
    ...describeBody(body),
    ...(contentType === undefined ? {} : { contentType }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function* headersOf(message: Message): Generator<PeekedMessage['headers'][number]> {
  const headers = {
    to: message.to,
    'correlation-id': message.correlationId,
    'reply-to': message.replyTo,
    type: message.type,
    'content-encoding': message.contentEncoding,
    'group-id': message.groupId,
    'group-sequence': message.groupSequence,
    'user-id': message.userId,
  };
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) yield { name, type: 'header', value: shorten(String(value)) };
  }
  for (const { name, type, value, label } of message.properties) {
    yield { name, type: label === undefined ? type : `${type}.${label}`, value: shorten(valueText(value)) };
  }
}

function valueText(value: PropertyValue): string {
  if (value === null) return 'null';
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value);
}

function shorten(text: string): string {
  return text.length <= valueCharactersShown ? text : `${text.slice(0, valueCharactersShown)}…`;
}

function isText(body: Buffer): boolean {
  return isUtf8(body) && !notText.test(body.subarray(0, bodyBytesShown).toString());
}
