// Copies of queues: what is put into a queue is put, by the same transaction, into its copies too, and is stored once. The
// queue and its receivers notice nothing. What is moved here from another queue (a dead letter) is not copied: it was, if
// that queue has a copy.

import type { Broker } from './broker.ts';
import type { Queue } from './queue.ts';
import type { QueuePolicy } from './queue-policy.ts';

/** In the attributes of a copy: whose it is. */
const attribute = 'copyOf';

export interface CopyOptions {
  readonly namespace: string;
  readonly name: string;
  /** Entries beyond which the oldest are dropped. */
  readonly most: number;
}

/** The queues and their copies, each once; the same list where there are none. */
export function withCopies(queues: readonly Queue[]): readonly Queue[] {
  for (const queue of queues) if (queue.copies.length > 0) return expanded(queues);
  return queues;
}

/** From now on, what is put into the queue is put into its copy, which is made if it is not there. */
export function copyQueue(broker: Broker, queue: Queue, { namespace, name, most }: CopyOptions): Queue {
  const policy: QueuePolicy = { pendingLimit: most, ...(queue.policy.prioritized === true && { prioritized: true }) };
  const attributes = { [attribute]: { namespace: queue.namespace, name: queue.name } };
  const copy = broker.find(namespace, name) ?? broker.declare({ namespace, name, policy, attributes });
  copy.policy = policy;
  attach(queue, copy);
  return copy;
}

/** Nothing more is put into the copy. */
export function endCopy(broker: Broker, copy: Queue): void {
  const queue = copiedBy(broker, copy);
  if (queue !== undefined) queue.copies = queue.copies.filter((other) => other !== copy);
}

/** Copies that the store holds go on with their queues before anything can be put into these. */
export function restoreCopies(broker: Broker): void {
  for (const copy of broker.queues()) {
    const queue = copiedBy(broker, copy);
    if (queue !== undefined) attach(queue, copy);
  }
}

function attach(queue: Queue, copy: Queue): void {
  if (!queue.copies.includes(copy)) queue.copies = [...queue.copies, copy];
}

function copiedBy(broker: Broker, { attributes }: Queue): Queue | undefined {
  const of = attributes[attribute];
  if (typeof of !== 'object' || of === null || !('namespace' in of) || !('name' in of)) return undefined;
  return broker.find(String(of.namespace), String(of.name));
}

function expanded(queues: readonly Queue[]): readonly Queue[] {
  const all = new Set(queues);
  for (const queue of queues) for (const copy of queue.copies) if (!copy.deleted) all.add(copy);
  return [...all];
}
