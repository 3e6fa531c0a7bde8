// How entries end that nobody settles: they expire, they fail too often, or too many of them wait.

import type { Waiting } from './backlog.ts';
import type { Entry } from './entry.ts';
import type { QueueContext } from './queue-context.ts';
import { hasFailedForGood, isOver } from './queue-policy.ts';
import type { Queue } from './queue.ts';

export class Endings {
  readonly #queue: Queue;
  readonly #context: QueueContext;
  #burials = 0;

  constructor(queue: Queue, context: QueueContext) {
    this.#queue = queue;
    this.#context = context;
  }

  /** Entries are on their way to the dead-letter queue: who found nothing else is answered once they are there. */
  get areBurying(): boolean {
    return this.#burials > 0;
  }

  /** It has expired, or failed for good, and is on its way out. */
  isDone(entry: Entry): boolean {
    return this.dropIfOver(entry) || this.buryIfFailed(entry);
  }

  dropIfOver(entry: Entry): boolean {
    const { background, clock, expire } = this.#context;
    if (!isOver(entry, this.#queue.policy, clock.now())) return false;
    this.#queue.expired++;
    background(expire(entry), `expire from queue "${this.#queue.name}"`);
    return true;
  }

  /** Drops what is over at the head, and of what waits beside the backlog. */
  dropOld(backlog: Waiting, parked: Iterable<Entry>): void {
    if (backlog.head === undefined) backlog.fill();
    for (const entry of Array.from(parked)) this.dropIfOver(entry);
    for (const entry of backlog) if (!this.dropIfOver(entry)) return;
  }

  buryIfFailed(entry: Entry): boolean {
    if (!hasFailedForGood(entry, this.#queue.policy)) return false;
    this.#burials++;
    const death = this.#context
      .deadLetter(entry, `delivered ${entry.attempts} times without success`)
      .finally(() => this.#buried());
    this.#context.background(death, `dead-letter from queue "${this.#queue.name}"`);
    return true;
  }

  /** The receiver of the queue is too slow for what comes: the oldest go. */
  dropIfTooMany(backlog: Waiting): void {
    const { pendingLimit } = this.#queue.policy;
    if (pendingLimit === undefined) return;
    while (this.#queue.readyCount > pendingLimit) {
      const { head } = backlog;
      if (head === undefined) {
        // They are on disk: once they are read, they go with what comes next.
        backlog.fill();
        return;
      }
      this.#queue.discarded++;
      this.#context.background(this.#context.discard(head), `drop the oldest of queue "${this.#queue.name}"`);
    }
  }

  #buried(): void {
    this.#burials--;
    if (this.#burials === 0) this.#queue.dispatch();
  }
}
