// Where the store has the entries of a queue whose priorities are kept strictly: those of the usual priority under the
// queue's own identifier, the others each under one of its own, as queues that nobody sees.

import { bands } from './namespaces.ts';
import type { QueuePolicy } from './queue-policy.ts';
import type { QueueDefinition, Store, StoredQueue } from './store.ts';

export interface QueueOptions {
  readonly durable: boolean;
  readonly policy: QueuePolicy;
  /** What the store holds of it; its priorities are kept, whatever the policy says now. */
  readonly bands?: readonly StoredBand[];
}

/** What the store holds of a priority other than the usual one. */
export interface StoredBand extends StoredQueue {
  readonly priority: number;
}

/** Of messages whose sender did not say (JMS 2.0, 3.4.10). */
export const usualPriority = 4;
const priorities = 10;

export class Bands {
  /** By priority; only the queue's own, where priorities are not kept. */
  readonly ids: readonly number[];
  readonly #id: number;

  constructor(id: number, { policy, bands: stored = [] }: QueueOptions, store: Store) {
    this.#id = id;
    const isKept = policy.prioritized === true || stored.length > 0;
    const idOf = (priority: number): number =>
      priority === usualPriority ? id : (stored.find((band) => band.priority === priority)?.id ?? store.nextId());
    this.ids = isKept ? Array.from({ length: priorities }, (_, priority) => idOf(priority)) : [id];
  }

  get areKept(): boolean {
    return this.ids.length > 1;
  }

  /** Under which the store has entries of the priority. */
  idOf(priority: number): number {
    return this.areKept ? this.ids[priority]! : this.#id;
  }

  /** All that the store has to know before it holds any entry. */
  definitions(queue: QueueDefinition): readonly QueueDefinition[] {
    if (!this.areKept) return [queue];
    return this.ids.map((id, priority) => {
      if (id === queue.id) return queue;
      const attributes = { of: queue.id, priority };
      return { id, namespace: bands, name: `${queue.id}.${priority}`, createdAt: queue.createdAt, attributes };
    });
  }
}

/** The bands among what the store holds, by the queue that they are of. */
export function bandsByQueue(stored: readonly StoredQueue[]): ReadonlyMap<number, readonly StoredBand[]> {
  const byQueue = new Map<number, StoredBand[]>();
  for (const band of stored) {
    const { of, priority } = band.attributes;
    if (band.namespace !== bands || typeof of !== 'number' || typeof priority !== 'number') continue;
    const known = byQueue.get(of) ?? [];
    known.push({ ...band, priority });
    byQueue.set(of, known);
  }
  return byQueue;
}
