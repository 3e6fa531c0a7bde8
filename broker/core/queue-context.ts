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

export interface QueueContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly window: Window;
  /** These take the entry at once, and resolve when that is committed. */
  readonly deadLetter: (entry: Entry, reason: string) => Promise<void>;
  readonly expire: (entry: Entry) => Promise<void>;
  readonly discard: (entry: Entry) => Promise<void>;
  /** Senders to the queue are held back from now on. */
  readonly onFull: (queue: Queue) => void;
  /** Work that nobody waits for: a failure is logged, then `onFailure` runs. */
  readonly background: (work: Promise<unknown>, what: string, onFailure?: () => void) => void;
}
