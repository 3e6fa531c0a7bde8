// What a receiving link draws from: a queue, or a queue of its own that a subscription to a topic feeds.

import type { Destination } from '../../core/address.ts';
import { subscriptions } from '../../core/broker.ts';
import type { Broker } from '../../core/broker.ts';
import type { Queue } from '../../core/queue.ts';
import type { Subscription } from '../../core/topics.ts';

export interface Node {
  readonly queue: Queue;
  /** The link is over. Idempotent. */
  leave(): void;
}

export function queueNode(broker: Broker, { name }: Destination): Node {
  return { queue: broker.queue(name), leave: () => undefined };
}

/** `label` is for people; `refused`: whose messages the subscription does not take (no-local). */
export function subscriptionNode(broker: Broker, { name }: Destination, label: string, refused: unknown): Node {
  const queue = broker.declare({ namespace: subscriptions, name: label, durable: false });
  const accepts = refused === undefined ? undefined : (_: unknown, publisher: unknown) => publisher !== refused;
  const subscription: Subscription = { filter: name, queue, accepts };
  broker.topics.subscribe(subscription);
  return {
    queue,
    leave: () => {
      if (broker.topics.unsubscribe(subscription)) broker.background(broker.delete(queue), `remove ${label}`);
    },
  };
}
