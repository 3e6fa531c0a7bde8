// Queues of SQS as ends of a route. They are found anew each time: a queue may be deleted, made again, or changed through its
// API at any moment.

import { hash, randomUUID } from 'node:crypto';
import type { Broker } from '../../core/broker.ts';
import { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Clock } from '../../util/clock.ts';
import { fromAttributes } from '../mapping/from-attributes.ts';
import { groupOf } from '../mapping/group.ts';
import { toAttributes } from '../mapping/to-attributes.ts';
import { silent } from '../mapping.ts';
import type { MappingRules, Notes } from '../mapping.ts';
import type { Source } from '../source.ts';
import { branchQueue } from '../splitter.ts';
import type { Crossing, Target } from '../target.ts';
import { Consumers } from './consumers.ts';
import { QueueSource } from './queue-source.ts';

/** A queue, as the cloud side supplies it. */
export interface SqsEnd {
  readonly queue: Queue;
  /** Largest message with its attributes, in bytes (MaximumMessageSize). */
  readonly maxBytes: number;
  /** Within the transaction; nothing, for a FIFO queue that had the deduplication id within five minutes. */
  put(transaction: Transaction, message: Message, deduplicationId: string): void;
  /** A message was taken from it. */
  onTaken(): void;
  /** One leaves it with the transaction. */
  onSettled(transaction: Transaction): void;
}

export interface SqsOptions {
  readonly address: string;
  readonly clock: Clock;
  /** Undefined while there is no such queue. */
  readonly find: () => SqsEnd | undefined;
}

export interface SqsTargetOptions extends SqsOptions {
  /** The SenderId of what arrives. */
  readonly account: string;
  readonly rules: MappingRules;
}

export const fifoSuffix = '.fifo';

export function sqsTarget({ address, clock, find, account, rules }: SqsTargetOptions): Target {
  const isFifo = address.endsWith(fifoSuffix);
  const arrival = { clock, account };
  const missing = `${address} does not exist`;
  /** What the transaction puts into: where bodies are prepared, the queue may be another by the time of the commit. */
  const used = new WeakMap<Transaction, SqsEnd>();
  return {
    address,
    isKeyed: isFifo,
    keepsOriginal: false,
    obstacle: () => (find() === undefined ? missing : undefined),
    map: (message, crossing, notes) => mapToSqs(message, crossing, rules, find()?.maxBytes ?? 0, arrival, notes),
    put: (transaction, mapped, from) => {
      let end = used.get(transaction);
      if (end === undefined) {
        end = find();
        // The message is not to blame.
        if (end === undefined) throw new BrokerError('closed', missing);
        used.set(transaction, end);
      }
      end.put(transaction, mapped, isFifo ? deduplicationId(from.identity()) : '');
    },
    beforeCommit: (transaction) => {
      const end = used.get(transaction);
      if (end !== undefined && end.queue !== find()?.queue) throw new BrokerError('closed', missing);
    },
  };
}

interface Arrival {
  readonly clock: Pick<Clock, 'now'>;
  readonly account: string;
  /** Not in this engine, where a message has its path beside its attributes. */
  readonly isFar?: boolean;
}

/** A message of its own in SQS: its identifier and time are given there. */
export function mapToSqs(
  message: Message,
  { key, path, death }: Crossing,
  rules: MappingRules,
  maxBytes: number,
  { clock, account, isFar = false }: Arrival,
  notes: Notes,
): Message | undefined {
  const mapped = toAttributes(message, rules, maxBytes, notes, isFar ? { death, path } : { death });
  if (mapped === undefined) return undefined;
  return {
    id: randomUUID(),
    to: message.to,
    body: mapped.body,
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: clock.now(),
    groupId: key === undefined ? undefined : groupOf(key),
    userId: account,
    properties: mapped.attributes,
    path,
  };
}

/** 128 printable characters at most: the same for the same message of a source, and for no other. */
export function deduplicationId(identity: string): string {
  return hash('sha256', identity, 'hex');
}

export interface SqsSourceOptions extends SqsOptions {
  readonly accepts?: ((message: Message) => boolean) | undefined;
}

export function sqsSource({ address, clock, find, accepts }: SqsSourceOptions): Source {
  return new QueueSource({
    address,
    clock,
    read: fromAttributes,
    open: (deliver, onGone) => {
      const found = find();
      if (found === undefined) return `${address} does not exist`;
      const consumers = new Consumers({
        deliver: (entry, message) => {
          found.onTaken();
          deliver(entry, message, found);
        },
        accepts: accepts && ((message) => accepts(fromAttributes(message, silent))),
        onGone,
      });
      consumers.add(found.queue);
      return consumers;
    },
  });
}

export interface BranchSourceOptions extends Omit<SqsOptions, 'find'> {
  readonly broker: Broker;
  readonly branch: string;
  /** The messages are in the form of SQS. */
  readonly isSqs: boolean;
}

/** What a splitter puts aside for one of several targets. */
export function branchSource({ broker, clock, address, branch, isSqs }: BranchSourceOptions): Source {
  return new QueueSource({
    address,
    clock,
    ...(isSqs ? { read: fromAttributes } : {}),
    open: (deliver, onGone) => {
      const consumers = new Consumers({ deliver, onGone });
      consumers.add(branchQueue(broker, branch));
      return consumers;
    },
  });
}
