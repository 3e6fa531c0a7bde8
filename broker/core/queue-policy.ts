// What a queue does with entries that nobody settles: how often they are tried, how long they are kept, where they go.

import type { Entry } from './entry.ts';
import type { Queue } from './queue.ts';

/** ActiveMQ's redelivery policy. Delays are in milliseconds. */
export interface Redelivery {
  readonly delayMs: number;
  /** Each delay is that many times the one before; 1: all are the same. */
  readonly multiplier: number;
  readonly maxDelayMs: number;
  /** Delays differ at random by up to this part of them, 0 to 1, so that what failed together does not come back together. */
  readonly collisionAvoidance: number;
}

export interface QueuePolicy {
  /** Absent: rejected entries are discarded, failed ones are delivered without end. */
  readonly deadLetter?: {
    /** Finds the dead-letter queue, making it if that is the policy; undefined: there is none now. */
    readonly target: () => Queue | undefined;
    /** Failed deliveries (broker) or receives (SQS) after which an entry is dead-lettered. */
    readonly maxAttempts: number;
    /** Whether expired entries are dead-lettered too (ActiveMQ's processExpired). */
    readonly expired: boolean;
  };
  /** Age, in milliseconds since it was sent, at which any entry is dropped (SQS MessageRetentionPeriod). */
  readonly retentionMs?: number;
  /**
   * What dead letters do in this queue. `rest` (the default): they stay until someone takes them. `live` (SQS): they are
   * messages like any other, keep their attempts, expire, and may be dead-lettered again; while there is no target,
   * what has failed is delivered further.
   */
  readonly deadLetters?: 'rest' | 'live';
  /** How long a failed delivery waits for the next; absent: not at all. */
  readonly redelivery?: Redelivery;
  /** Those of a higher priority go first; otherwise a message's priority is only a property of it. */
  readonly prioritized?: boolean;
  /** Every consumer is an exclusive one. */
  readonly exclusive?: boolean;
  /** Entries at which producers are held back. */
  readonly maxMessages?: number;
  /** Ready entries beyond which the oldest are dropped. */
  readonly pendingLimit?: number;
  /** What a message's group means (groups.ts; group-lanes.ts; fair-groups.ts); absent: nothing. */
  readonly groups?: 'sticky' | 'locked' | 'fair';
}

/** It was delivered as often as the policy lets it, and there is a place for it to go. */
export function hasFailedForGood(entry: Entry, policy: QueuePolicy): boolean {
  const { deadLetter, deadLetters } = policy;
  if (deadLetter === undefined || rests(entry, policy) || entry.attempts < deadLetter.maxAttempts) return false;
  return deadLetters !== 'live' || deadLetter.target() !== undefined;
}

/** How long an entry waits after its delivery failed for the `attempts`th time. */
export function redeliveryDelay(redelivery: Redelivery, attempts: number, random: () => number): number {
  const { delayMs, multiplier, maxDelayMs, collisionAvoidance } = redelivery;
  const delay = Math.min(maxDelayMs, delayMs * multiplier ** Math.max(0, attempts - 1));
  return Math.max(0, Math.round(delay * (1 + collisionAvoidance * (2 * random() - 1))));
}

/** It expired, or is older than the queue keeps anything. `now`: milliseconds since the epoch. */
export function isOver(entry: Entry, policy: QueuePolicy, now: number): boolean {
  if (rests(entry, policy)) return false;
  const keepUntil = entry.timestamp + (policy.retentionMs ?? Infinity);
  // What its receiver knows by a token was sent: it is completed, however late [MQTT-4.3.3-7 of MQTT 5].
  const isSent = entry.token !== undefined;
  return now >= keepUntil || (entry.expiresAt !== 0 && now >= entry.expiresAt && !isSent);
}

/** A dead letter has had its time already, unless the policy says otherwise. */
function rests(entry: Entry, policy: QueuePolicy): boolean {
  return entry.dead !== undefined && policy.deadLetters !== 'live';
}
