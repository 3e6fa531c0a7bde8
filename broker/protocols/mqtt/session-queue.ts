// Queues that feed clients of MQTT: of sessions, and of shared subscriptions. Policies for topics hold for them, but for dead
// letters: what expires in them is gone [MQTT-3.3.2-5 of 5], as no client could reject it, and nobody would look for it.

import type { Broker } from '../../core/broker.ts';
import { subscriptions as namespace } from '../../core/namespaces.ts';
import type { Queue } from '../../core/queue.ts';

/** The queue of that name, if there is one. */
export function findQueue(broker: Broker, name: string): Queue | undefined {
  const queue = broker.find(namespace, name);
  if (queue !== undefined) forgetDeadLetters(queue);
  return queue;
}

export function declareQueue(
  broker: Broker,
  name: string,
  durable: boolean,
  attributes: Readonly<Record<string, unknown>> = {},
): Queue {
  const queue = broker.declare({ namespace, name, durable, attributes });
  forgetDeadLetters(queue);
  return queue;
}

export function forgetDeadLetters(queue: Queue): void {
  const { deadLetter: _, ...policy } = queue.policy;
  queue.policy = policy;
}
