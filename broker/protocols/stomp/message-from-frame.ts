// A SEND frame as a message: ActiveMQ's names for the headers that mean something to a broker; every other header is
// a string property (STOMP 1.2, "SEND": "user defined headers MUST be passed through").

import { isUtf8 } from 'node:buffer';
import { formatAddress } from '../../core/address.ts';
import type { Destination } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';
import type { BodyType, Message, Property } from '../../core/message.ts';
import { addressOfDestination } from './destination.ts';
import type { Frame } from './wire/frame.ts';

export interface Sent {
  readonly message: Message;
  readonly delayMs: number;
}

/** What is being gathered from the headers. */
interface Draft {
  contentType: string | undefined;
  contentEncoding: string | undefined;
  durable: boolean;
  priority: number;
  timestamp: number;
  expiresAt: number | undefined;
  correlationId: string | undefined;
  replyTo: string | undefined;
  type: string | undefined;
  groupId: string | undefined;
  groupSequence: number | undefined;
  delayMs: number;
}

type Take = (draft: Draft, value: string) => void;

const ignore: Take = () => {};

function refuse(what: string): Take {
  return () => {
    throw new BrokerError('unsupported', `${what} is not supported`);
  };
}

const takes: ReadonlyMap<string, Take> = new Map<string, Take>([
  // Of the frame, not of the message.
  ['destination', ignore],
  ['receipt', ignore],
  ['transaction', ignore],
  ['content-length', ignore],
  // The server's own to set, in MESSAGE: a copy of what a client received must not pass for them.
  ['message-id', ignore],
  ['subscription', ignore],
  ['ack', ignore],
  ['redelivered', ignore],
  ['JMSXUserID', ignore],

  ['content-type', (draft, value) => void (draft.contentType = value)],
  ['content-encoding', (draft, value) => void (draft.contentEncoding = value)],
  ['persistent', (draft, value) => void (draft.durable = value === 'true')],
  // Out of range is clamped, as ActiveMQ does.
  ['priority', (draft, value) => void (draft.priority = Math.min(9, Math.max(0, integer('priority', value))))],
  ['timestamp', (draft, value) => void (draft.timestamp = integer('timestamp', value))],
  ['expires', (draft, value) => void (draft.expiresAt = integer('expires', value) || undefined)],
  ['correlation-id', (draft, value) => void (draft.correlationId = value)],
  ['reply-to', (draft, value) => void (draft.replyTo = addressOfDestination(value))],
  ['type', (draft, value) => void (draft.type = value)],
  ['JMSXGroupID', (draft, value) => void (draft.groupId = value)],
  ['JMSXGroupSeq', (draft, value) => void (draft.groupSequence = integer('JMSXGroupSeq', value))],
  ['AMQ_SCHEDULED_DELAY', (draft, value) => void (draft.delayMs = Math.max(0, integer('AMQ_SCHEDULED_DELAY', value)))],

  ['AMQ_SCHEDULED_PERIOD', refuse('repeated delivery (AMQ_SCHEDULED_PERIOD)')],
  ['AMQ_SCHEDULED_REPEAT', refuse('repeated delivery (AMQ_SCHEDULED_REPEAT)')],
  ['AMQ_SCHEDULED_CRON', refuse('scheduled delivery by cron (AMQ_SCHEDULED_CRON)')],
  ['transformation', refuse('transformation of bodies')],
]);

/**
 * `id`: the message's, new. `now`: milliseconds since the epoch.
 * @throws BrokerError `invalid` for a header that has no meaning, `unsupported` for one that asks what is not there.
 */
export function messageFromFrame(frame: Frame, to: Destination, id: string, now: number): Sent {
  const draft: Draft = {
    contentType: undefined,
    contentEncoding: undefined,
    durable: false,
    priority: 4,
    timestamp: now,
    expiresAt: undefined,
    correlationId: undefined,
    replyTo: undefined,
    type: undefined,
    groupId: undefined,
    groupSequence: undefined,
    delayMs: 0,
  };
  const properties: Property[] = [];
  for (const [name, value] of frame.headers) {
    const take = takes.get(name);
    if (take === undefined) properties.push({ name, type: 'string', value });
    else take(draft, value);
  }
  const message: Message = {
    id,
    to: formatAddress(to),
    body: frame.body,
    bodyType: bodyTypeOf(frame),
    contentType: draft.contentType,
    contentEncoding: draft.contentEncoding,
    durable: draft.durable,
    priority: draft.priority,
    timestamp: draft.timestamp,
    expiresAt: draft.expiresAt,
    correlationId: draft.correlationId,
    replyTo: draft.replyTo,
    type: draft.type,
    groupId: draft.groupId,
    groupSequence: draft.groupSequence,
    properties,
  };
  return { message, delayMs: draft.delayMs };
}

/** ActiveMQ's rule: `amq-msg-type` if given, else bytes with a content-length and text without. */
function bodyTypeOf({ headers, body }: Frame): BodyType {
  const asked = headers.get('amq-msg-type')?.toLowerCase();
  if (asked === undefined) return headers.has('content-length') || !isUtf8(body) ? 'bytes' : 'text';
  if (asked === 'bytes') return 'bytes';
  if (asked !== 'text') throw new BrokerError('unsupported', `amq-msg-type "${asked}" is not supported`);
  if (!isUtf8(body)) throw new BrokerError('invalid', 'the body of a text message is not valid UTF-8');
  return 'text';
}

function integer(name: string, value: string): number {
  if (/^-?[0-9]{1,15}$/.test(value)) return Number(value);
  throw new BrokerError('invalid', `header "${name}" is not an integer: "${value}"`);
}
