// What a queue needs of its surroundings, supplied by the Broker.

import type { Clock } from '../util/clock.ts';
import type { Entry } from './entry.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { Queue } from './queue.ts';
import type { Store } from './store.ts';

/** How much of a backlog is held in memory per queue. */
export interface Window {
  readonly entries: number;
  readonly bytes: number;
  /** What each queue may hold even when the memory of all queues together is used up. */
  readonly minimumEntries: number;
  /** How many messages of returned entries are read back at once. */
  readonly reload: number;
}

export const defaultWindow: Window = { entries: 1000, bytes: 4 * 1024 * 1024, minimumEntries: 16, reload: 100 };

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
}

export interface QueueContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly window: Window;
  /** Both take the entry at once, and resolve when that is committed. */
  readonly deadLetter: (entry: Entry, reason: string) => Promise<void>;
  readonly expire: (entry: Entry) => Promise<void>;
  /** Moves delayed entries that are due to the end of the queue; resolves with when the next one is due. */
  readonly promoteDue: (queue: Queue) => Promise<number | undefined>;
  /** Work that nobody waits for: a failure is logged, then `onFailure` runs. */
  readonly background: (work: Promise<unknown>, what: string, onFailure?: () => void) => void;
}
