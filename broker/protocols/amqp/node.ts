// What a receiving link draws from: a queue, or a queue of its own that a subscription to a topic feeds.

import type { Destination } from '../../core/address.ts';
import { subscriptions } from '../../core/namespaces.ts';
import type { Broker } from '../../core/broker.ts';
import type { Queue } from '../../core/queue.ts';
import type { Selector } from '../../core/selector.ts';
import type { Subscription } from '../../core/topics.ts';

export interface Node {
  readonly queue: Queue;
  /** Which messages of the queue the link takes; undefined: all. */
  readonly selector: Selector | undefined;
  /** The link is over. Idempotent. */
  leave(): void;
}

/** What a receiver takes of a node. */
export interface Filter {
  readonly selector: Selector | undefined;
  /** Whose messages a subscription does not take (no-local). */
  readonly refused: unknown;
}

export function queueNode(broker: Broker, { name }: Destination, { selector }: Filter): Node {
  return { queue: broker.queue(name), selector, leave: () => undefined };
}

/** `label` is for people. */
export function subscriptionNode(broker: Broker, { name }: Destination, label: string, filter: Filter): Node {
  const queue = broker.declare({ namespace: subscriptions, name: label, durable: false });
  const subscription: Subscription = { filter: name, queue, accepts: acceptance(filter) };
  broker.topics.subscribe(subscription);
  return {
    queue,
    selector: undefined, // its queue has no other messages
    leave: () => {
      if (broker.topics.unsubscribe(subscription)) broker.background(broker.delete(queue), `remove ${label}`);
    },
  };
}

function acceptance({ selector, refused }: Filter): Subscription['accepts'] {
  if (selector === undefined && refused === undefined) return undefined;
  return (message, publisher) =>
    !(refused !== undefined && publisher === refused) && (selector === undefined || selector(message));
}
