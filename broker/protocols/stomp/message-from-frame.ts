// A SEND frame as a message: ActiveMQ's names for the headers that mean something to a broker; every other header is
// a string property (STOMP 1.2, "SEND": "user defined headers MUST be passed through").

import { isUtf8 } from 'node:buffer';
import { BrokerError } from '../../core/errors.ts';
import type { BodyType, Message, Property } from '../../core/message.ts';
import type { Schedule } from '../../core/scheduler.ts';
import type { Destinations } from './destination.ts';
import { mapOfBody } from './transformation.ts';
import type { Frame } from './wire/frame.ts';

export interface Sent {
  readonly message: Message;
  readonly delayMs: number;
  /** Undefined: it is sent once. */
  readonly schedule: Schedule | undefined;
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
  schedule: Schedule | undefined;
}

type Take = (draft: Draft, value: string, names: Destinations) => void;

const ignore: Take = () => {};

function scheduled(read: (value: string) => Schedule): Take {
  return (draft, value) => void (draft.schedule = { ...draft.schedule, ...read(value) });
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
  ['reply-to', (draft, value, names) => void (draft.replyTo = names.addressOf(value))],
  ['type', (draft, value) => void (draft.type = value)],
  ['JMSXGroupID', (draft, value) => void (draft.groupId = value)],
  ['JMSXGroupSeq', (draft, value) => void (draft.groupSequence = integer('JMSXGroupSeq', value))],
  ['AMQ_SCHEDULED_DELAY', (draft, value) => void (draft.delayMs = Math.max(0, integer('AMQ_SCHEDULED_DELAY', value)))],

  ['AMQ_SCHEDULED_PERIOD', scheduled((value) => ({ periodMs: integer('AMQ_SCHEDULED_PERIOD', value) }))],
  ['AMQ_SCHEDULED_REPEAT', scheduled((value) => ({ repeat: integer('AMQ_SCHEDULED_REPEAT', value) }))],
  ['AMQ_SCHEDULED_CRON', scheduled((value) => (value === '' ? {} : { cron: value }))],
]);

/**
 * `to`: the address that it is sent to. `id`: the message's, new. `now`: milliseconds since the epoch.
 * @throws BrokerError `invalid` for a header that has no meaning, `unsupported` for one that asks what is not there.
 */
export function messageFromFrame(frame: Frame, to: string, id: string, now: number, names: Destinations): Sent {
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
    schedule: undefined,
  };
  const properties: Property[] = [];
  for (const [name, value] of frame.headers) {
    const take = takes.get(name);
    if (take === undefined) properties.push({ name, type: 'string', value });
    else take(draft, value, names);
  }
  const map = mapOf(frame);
  if (map?.error !== undefined) properties.push({ name: 'transformation-error', type: 'string', value: map.error });
  const message: Message = {
    id,
    to,
    body: map?.json === undefined ? frame.body : Buffer.from(map.json),
    bodyType: map?.json === undefined ? bodyTypeOf(frame) : 'value',
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
  return { message, delayMs: draft.delayMs, schedule: draft.schedule };
}

/** Undefined: the body is no map. A body with a content-length is bytes, as ActiveMQ has it, whatever it may mean. */
function mapOf({ headers, body }: Frame): { readonly json?: string; readonly error?: string } | undefined {
  const transformation = headers.get('transformation');
  if (transformation === undefined || headers.has('content-length')) return undefined;
  return mapOfBody(transformation, body);
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
