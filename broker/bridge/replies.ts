// Replies: a request that crosses names a place in the cloud to answer to; where its answer belongs is kept, by its correlation
// id, until the answer comes. The one that comes back is sent to the request's reply-to, with the correlation id that the
// requester gave.

import { randomUUID } from 'node:crypto';
import { parseAddress } from '../core/address.ts';
import type { Broker } from '../core/broker.ts';
import { BrokerError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import type { Transaction } from '../core/transaction.ts';
import type { Clock } from '../util/clock.ts';
import { mapToBroker } from './endpoints/broker.ts';
import { losing, noRules } from './mapping.ts';
import type { Notes } from './mapping.ts';
import { splitAddress } from './place.ts';
import type { Target } from './target.ts';

export interface RepliesOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly route: string;
  /** Where the cloud side answers: what requests carry as their reply-to, as it is called there. */
  readonly through: string;
  /** How long an answer is waited for. */
  readonly keepMs: number;
}

interface Waiting {
  readonly replyTo: string;
  /** The requester's; its message's id if it gave none, as JMS clients expect. */
  readonly correlationId: string;
  readonly until: number;
  /** Identity of the request in its source, which may give it again. */
  readonly request: string;
}

const recordType = 'route-reply';
/** Beyond, requests cross, but the oldest that is waited for is forgotten. */
const mostWaiting = 100_000;

export class Replies {
  readonly #options: RepliesOptions;
  /** By the correlation id that crossed, the oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  /** Of the request that was asked last. */
  #asked = '';
  #request = '';

  constructor(options: RepliesOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const prefix = this.#key('');
    for (const { key, value } of await this.#options.broker.store.readRecords(recordType)) {
      const waiting = key.startsWith(prefix) ? decode(value) : undefined;
      if (waiting !== undefined) this.#waiting.set(key.slice(prefix.length), waiting);
    }
  }

  /**
   * The request as it crosses. What asks for no reply is as it was. A correlation id that another request waits with is
   * replaced: two requesters may have chosen the same. `from` tells the request from all others.
   */
  ask(message: Message, from: { identity(): string }): Message {
    if (message.replyTo === undefined) return message;
    const own = correlationOf(message);
    const other = this.#waiting.get(own);
    this.#request = from.identity();
    this.#asked = other !== undefined && other.request !== this.#request ? randomUUID() : own;
    return asking(message, this.#options.through, this.#asked);
  }

  /** The reply to what was asked last is waited for. */
  expect(transaction: Transaction, message: Message): void {
    const { replyTo } = message;
    if (replyTo === undefined) return;
    const { clock, keepMs } = this.#options;
    this.#forgetOld(transaction);
    const asked = this.#asked;
    const correlationId = correlationOf(message);
    const waiting = { replyTo, correlationId, until: clock.now() + keepMs, request: this.#request };
    this.#waiting.set(asked, waiting);
    transaction.record(recordType, this.#key(asked), Buffer.from(JSON.stringify(waiting)));
    transaction.afterFailure(() => this.#waiting.delete(asked));
  }

  /** Sends each message to whom it answers. */
  get target(): Target {
    const { broker } = this.#options;
    return {
      address: 'reply-to',
      isKeyed: false,
      keepsOriginal: false,
      obstacle: () => undefined,
      map: (message, crossing, notes) =>
        mapToBroker(message, this.#find(message)?.replyTo ?? message.to, noRules, crossing, notes),
      put: (transaction, mapped) => {
        const waiting = this.#find(mapped);
        if (waiting === undefined) throw new BrokerError('not-found', 'nobody waits for this reply');
        const { replyTo, correlationId } = waiting;
        broker.send(transaction, parseAddress(replyTo), { ...mapped, replyTo: undefined, correlationId });
        const asked = mapped.correlationId ?? '';
        transaction.record(recordType, this.#key(asked), undefined);
        transaction.afterCommit(() => this.#waiting.delete(asked));
      },
    };
  }

  #find({ correlationId }: Message): Waiting | undefined {
    return correlationId === undefined ? undefined : this.#waiting.get(correlationId);
  }

  #forgetOld(transaction: Transaction): void {
    const now = this.#options.clock.now();
    for (const [correlationId, { until }] of this.#waiting) {
      if (until > now && this.#waiting.size < mostWaiting) return;
      this.#waiting.delete(correlationId);
      transaction.record(recordType, this.#key(correlationId), undefined);
    }
  }

  #key(correlationId: string): string {
    return `${this.#options.route}/${correlationId}`;
  }
}

/** The request as it crosses: to be answered in `through`, by that correlation id. */
export function asking(message: Message, through: string, correlationId = correlationOf(message)): Message {
  const { place } = splitAddress(through);
  return { ...message, replyTo: place, correlationId, original: undefined };
}

/** Notes of a request that crosses as `asked`: what was put in the place of its own fields did not arrive. */
export function requestNotes(notes: Notes, message: Message, asked: Message): Notes {
  const { replyTo, correlationId } = message;
  if (replyTo === undefined) return notes;
  return {
    note: (field, outcome, reason, value) => {
      const arrives = !losing.has(outcome);
      const because = (own: string): string => (reason === '' ? own : `${own}, ${reason}`);
      if (field === 'replyTo' && arrives) {
        notes.note(field, 'changed', because(`to ${asked.replyTo}: the answer goes from there to it`), replyTo);
      } else if (field !== 'correlationId' || asked.correlationId === correlationId || !arrives) {
        notes.note(field, outcome, reason, value);
      } else if (correlationId !== undefined) {
        notes.note(field, 'changed', because('another request waits with it: the answer has it again'), correlationId);
      }
    },
  };
}

/** The requester's, or what JMS clients that give none look for. */
function correlationOf({ correlationId, id }: Message): string {
  return correlationId ?? id;
}

function decode(value: Buffer): Waiting | undefined {
  const read: unknown = JSON.parse(value.toString());
  if (typeof read !== 'object' || read === null || !('replyTo' in read)) return undefined;
  const { replyTo } = read;
  const correlationId = 'correlationId' in read ? read.correlationId : undefined;
  const until = 'until' in read ? read.until : undefined;
  if (typeof replyTo !== 'string' || typeof correlationId !== 'string' || typeof until !== 'number') return undefined;
  return { replyTo, correlationId, until, request: 'request' in read ? String(read.request) : '' };
}
