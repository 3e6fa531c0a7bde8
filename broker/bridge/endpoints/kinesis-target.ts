// A stream as the target of a route: the body is the record, or the whole message as a CloudEvent is.

import { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { KeyedRecord, Stream } from '../../core/stream.ts';
import type { Transaction } from '../../core/transaction.ts';
import { eventBody } from '../mapping/cloud-event.ts';
import { partitionKeyOf } from '../mapping/group.ts';
import { didNotCross, HeldNotes, noteHeaders } from '../mapping.ts';
import type { MappingRules, Notes } from '../mapping.ts';
import type { Crossing, Target } from '../target.ts';

/** A stream, as the cloud side supplies it. */
export interface StreamEnd {
  readonly stream: Stream;
  /** Of a record with its key. */
  readonly maxBytes: number;
  /** As Stream.appendWithin. */
  put(transaction: Transaction, record: KeyedRecord): void;
}

export interface KinesisTargetOptions {
  readonly address: string;
  readonly rules: MappingRules;
  /** Undefined while there is no such stream. */
  readonly find: () => StreamEnd | undefined;
}

export function kinesisTarget({ address, rules, find }: KinesisTargetOptions): Target {
  const missing = `${address} does not exist`;
  return {
    address,
    isKeyed: true,
    keepsOriginal: false,
    obstacle: () => {
      const stream = find()?.stream;
      return stream === undefined || stream.isDropped ? missing : stream.resharding;
    },
    map: (message, crossing, notes) => mapToRecord(message, crossing, rules, find()?.maxBytes ?? 0, notes),
    put: (transaction, { groupId: partitionKey = '', body: data }) => {
      const end = find();
      // The message is not to blame.
      if (end === undefined) throw new BrokerError('closed', missing);
      end.put(transaction, { partitionKey, data });
    },
  };
}

export function mapToRecord(
  message: Message,
  { key = '', path }: Pick<Crossing, 'key' | 'path'>,
  rules: MappingRules,
  maxBytes: number,
  notes: Notes,
): Message | undefined {
  const partitionKey = partitionKeyOf(key);
  const isEvent = rules.envelope === 'structured';
  const held = new HeldNotes();
  const body = isEvent ? eventBody({ ...message, path }, rules, held) : message.body;
  if (body.length + Buffer.byteLength(partitionKey) > maxBytes) {
    notes.note('body', 'refused', `larger than the stream's limit of ${maxBytes} bytes`);
    noteHeaders(message, 'refused', didNotCross, notes);
    return undefined;
  }
  if (isEvent) held.release(notes);
  else {
    notes.note('body', 'kept', '');
    noteHeaders(message, 'dropped', 'a record has no headers', notes);
  }
  return { ...message, body, groupId: partitionKey };
}
