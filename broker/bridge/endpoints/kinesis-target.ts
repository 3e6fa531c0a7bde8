// A stream as the target of a route: the body is the record, or the whole message as a CloudEvent is.

import { hash } from 'node:crypto';
import type { Message } from '../../core/message.ts';
import type { Stream } from '../../core/stream.ts';
import { eventBody } from '../mapping/cloud-event.ts';
import { didNotCross, noteHeaders } from '../mapping.ts';
import type { MappingRules, Notes } from '../mapping.ts';
import type { Crossing, Target } from '../target.ts';

/** A stream, as the cloud side supplies it. */
export interface StreamEnd {
  readonly stream: Stream;
  /** Of a record with its key. */
  readonly maxBytes: number;
  /** What the dialect notes with records. */
  readonly mark: number;
}

export interface KinesisTargetOptions {
  readonly address: string;
  readonly rules: MappingRules;
  /** Undefined while there is no such stream. */
  readonly find: () => StreamEnd | undefined;
}

const longestKey = 256;

export function kinesisTarget({ address, rules, find }: KinesisTargetOptions): Target {
  return {
    address,
    isKeyed: true,
    keepsOriginal: false,
    obstacle: () => {
      const stream = find()?.stream;
      return stream === undefined || stream.isDropped ? `${address} does not exist` : stream.resharding;
    },
    map: (message, crossing, notes) => mapToRecord(message, crossing, rules, find()?.maxBytes ?? 0, notes),
    put: (transaction, { groupId: partitionKey = '', body: data }) => {
      const end = find();
      end?.stream.appendWithin(transaction, [{ partitionKey, data }], end.mark);
    },
  };
}

export function mapToRecord(
  message: Message,
  { key = '' }: Pick<Crossing, 'key'>,
  rules: MappingRules,
  maxBytes: number,
  notes: Notes,
): Message | undefined {
  const partitionKey = keyOf(key);
  const isEvent = rules.envelope === 'structured';
  const body = isEvent ? eventBody(message, rules, notes) : message.body;
  const isTooLarge = body.length + Buffer.byteLength(partitionKey) > maxBytes;
  if (isTooLarge) notes.note('body', 'refused', `larger than the stream's limit of ${maxBytes} bytes`);
  else if (!isEvent) notes.note('body', 'kept', '');
  if (!isEvent && isTooLarge) noteHeaders(message, 'refused', didNotCross, notes);
  else if (!isEvent) noteHeaders(message, 'dropped', 'a record has no headers', notes);
  if (isTooLarge) return undefined;
  return { ...message, body, groupId: partitionKey };
}

/** Any text of 1 to 256 characters; a longer one is known by its digest. */
function keyOf(key: string): string {
  return Array.from(key).length <= longestKey ? key : `sha256-${hash('sha256', key, 'hex')}`;
}
