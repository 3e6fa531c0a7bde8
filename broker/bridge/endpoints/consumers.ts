// Consumers of queues that share one credit: of one queue, or of all that come to match a pattern.

import type { Consumer } from '../../core/consumer.ts';
import { Credit } from '../../core/credit.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Deliver, Receiver } from './queue-source.ts';

export interface ConsumersOptions {
  readonly deliver: Deliver;
  /** The others stay for other consumers. */
  readonly accepts?: ((message: Message) => boolean) | undefined;
  /** Its last queue was deleted. */
  readonly onGone?: (() => void) | undefined;
}

export class Consumers implements Receiver {
  readonly #options: ConsumersOptions;
  readonly #credit = new Credit();
  readonly #consumers = new Map<Queue, Consumer>();
  #closed = false;
  /** Ends what adds queues. */
  leave: (() => void) | undefined;

  constructor(options: ConsumersOptions) {
    this.#options = options;
  }

  get mayHaveMore(): boolean {
    for (const [queue, consumer] of this.#consumers) if (queue.mayHaveFor(consumer)) return true;
    return false;
  }

  queues(): Iterable<Queue> {
    return this.#consumers.keys();
  }

  add(queue: Queue): void {
    if (this.#consumers.has(queue)) return;
    const { deliver, accepts, onGone } = this.#options;
    const consumer = queue.consume({
      deliver,
      accepts,
      // What was chosen for the route is not left to chance, where others take anything from the same queue.
      priority: accepts === undefined ? 0 : 1,
      credit: this.#credit,
      onQueueDeleted: () => {
        this.#consumers.delete(queue);
        if (this.#consumers.size === 0 && !this.#closed) onGone?.();
      },
    });
    this.#consumers.set(queue, consumer);
  }

  setCredit(credit: number): void {
    if (!this.#closed) this.#credit.set(credit);
  }

  /** What they hold goes back. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.leave?.();
    for (const consumer of Array.from(this.#consumers.values())) consumer.close();
    this.#consumers.clear();
  }
}
