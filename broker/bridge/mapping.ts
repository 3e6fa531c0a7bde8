// What a crossing does to a message, field by field. Every message is brought into the broker's form by its source, and from
// there into the form of its target; each of the two notes an outcome for every field that the message has.

import type { Message, Original } from '../core/message.ts';
import type { ClaimCheck } from './claim-check.ts';

export const outcomes = ['kept', 'renamed', 'packed', 'moved', 'changed', 'truncated', 'dropped', 'refused'] as const;

/**
 * `kept`: its value arrives, in whatever form, and the way back restores it. `renamed`: so, under a name that the route
 * gave it. `packed`: so, within the attribute that holds what has no attribute of its own. `moved`: so, within the body.
 * `changed`: another type or value. `truncated`: a part of it. `dropped`: not there. `refused`: the message did not cross.
 */
export type Outcome = (typeof outcomes)[number];

/** What did not arrive as it was. */
export const losing: ReadonlySet<Outcome> = new Set(['changed', 'truncated', 'dropped', 'refused']);

/** Reasons for which a field is dropped on purpose, or was none of the message: `onLoss` minds neither. */
export const leftOut = 'left out by the route';
export const ofItsQueue = 'it tells messages apart in their own queue only';

/** By a rule that lets nothing be lost. */
export function isLost(outcome: Outcome, reason: string): boolean {
  switch (outcome) {
    case 'refused':
    case 'truncated':
      return true;
    case 'dropped':
      return reason !== leftOut && reason !== ofItsQueue;
    default:
      return false;
  }
}

/** Is told what becomes of each field. Headers go by their names in core/message.ts, properties by their own. */
export interface Notes {
  note(field: string, outcome: Outcome, reason: string, value?: unknown): void;
}

export type Envelope = 'none' | 'structured' | 'binary';

export interface MappingRules {
  /** New names for properties and headers; null leaves one out. */
  readonly rename: ReadonlyMap<string, string | null>;
  /** What becomes of fields that have no attribute of their own. */
  readonly overflow: 'pack' | 'drop';
  /** CloudEvents 1.0, in either of its modes. */
  readonly envelope: Envelope;
  /** Where bodies go that are too large for the target; absent: they are refused. */
  readonly claimCheck?: ClaimCheck | undefined;
}

export const silent: Notes = { note: () => undefined };

/** Notes that may yet turn out otherwise. */
export class HeldNotes implements Notes {
  readonly #held: Parameters<Notes['note']>[] = [];

  note(...given: Parameters<Notes['note']>): void {
    this.#held.push(given);
  }

  release(to: Notes): void {
    for (const given of this.#held) to.note(...given);
  }
}

export const noRules: MappingRules = { rename: new Map(), overflow: 'pack', envelope: 'none' };

/** A field that only the message's own dialect has, and what becomes of it elsewhere. */
export interface ForeignField {
  readonly field: string;
  readonly outcome: Outcome;
  readonly reason: string;
}

/** Fields of a message's original encoding that Message has no place for; supplied by who knows the dialects. */
export type ForeignFields = (original: Original) => readonly ForeignField[];

export type Header = Exclude<keyof Message, 'body' | 'bodyType' | 'properties' | 'original' | 'path'>;

/** Headers that say something, `to` apart: that is the route's business, except for a topic's name. */
export function isTold(message: Message, header: Header): boolean {
  switch (header) {
    case 'durable':
      return !message.durable;
    case 'priority':
      return message.priority !== 4;
    case 'to':
      return message.to.startsWith('topic://');
    default:
      return message[header] !== undefined;
  }
}

export const allHeaders: readonly Header[] = [
  'id',
  'to',
  'contentType',
  'contentEncoding',
  'durable',
  'priority',
  'timestamp',
  'expiresAt',
  'correlationId',
  'replyTo',
  'type',
  'groupId',
  'groupSequence',
  'userId',
];

/** The same outcome for every field of the message, but not the body's. */
export function noteHeaders(message: Message, outcome: Outcome, reason: string, notes: Notes): void {
  for (const header of allHeaders) if (isTold(message, header)) notes.note(header, outcome, reason, message[header]);
  for (const { name, value } of message.properties) notes.note(name, outcome, reason, value);
}

export const didNotCross = 'the message did not cross';
