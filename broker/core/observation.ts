// Who wants to know how the entries of a queue end. A queue that nobody observes looks once, at an empty list.

import type { Entry } from './entry.ts';
import type { Queue } from './queue.ts';

/**
 * How an entry ended. `settled`: whoever received it was done with it. `dead`: it failed, or was refused, for good. `expired`:
 * nobody took it in time. `dropped`: too many waited.
 */
export type Ending = 'settled' | 'dead' | 'expired' | 'dropped';

export interface Observer {
  /** Someone is to get it. The last chance to read its message: from here on it may be in the store only. */
  leased(entry: Entry): void;
  /** That is in the store. Where it was leased, `entry.consumer` has it yet. What is purged does not end. */
  ended(entry: Entry, ending: Ending): void;
}

/** What is returned ends it. */
export function observe(queue: Queue, observer: Observer): () => void {
  queue.observers = [...queue.observers, observer];
  return () => {
    queue.observers = queue.observers.filter((other) => other !== observer);
  };
}
