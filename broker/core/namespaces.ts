// Where queues are, by who names them, and what applications call them. AWS resources are in `aws/ACCOUNT/REGION`.

import type { Destination } from './address.ts';
import type { QueueDefinition } from './store.ts';

/** The queues that applications name over AMQP, MQTT and STOMP. */
export const mq = 'mq';
/** The queues behind subscriptions and sessions. */
export const subscriptions = 'subscription';
/** Parts of queues that keep priorities (priority-bands.ts). */
export const bands = 'priority';
/** What the scheduler sends later. */
export const scheduled = 'scheduled';
/** Queues that end with their connection. */
export const temporary = 'temporary';

/** What applications see the queue as: itself, or the topic that it is a subscription to. Undefined: they do not. */
export function destinationOf(
  queue: Pick<QueueDefinition, 'namespace' | 'name' | 'attributes'>,
): Destination | undefined {
  const { namespace, name, attributes } = queue;
  const { topic } = attributes;
  switch (namespace) {
    case mq:
      return { kind: 'queue', name };
    case temporary:
      return { kind: 'temp-queue', name };
    case subscriptions:
      return { kind: 'topic', name: typeof topic === 'string' ? topic : name };
    default:
      return undefined;
  }
}
