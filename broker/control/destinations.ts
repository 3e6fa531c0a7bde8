// Destinations as the console names them. An id is a namespace of the core and a name (`mq:orders`,
// `aws/000000000000/us-east-1:orders`), or `topic:` and a name; scripts may write `queue://NAME` and `topic://NAME`.

import { parseAddress } from '../core/address.ts';
import { mq, subscriptions } from '../core/namespaces.ts';
import type { Broker } from '../core/broker.ts';
import { BrokerError } from '../core/errors.ts';
import type { Queue } from '../core/queue.ts';
import type { DestinationRow } from './api.ts';

const topicPrefix = 'topic:';
const awsPrefix = 'aws/';
/** Logs, archives and retries of SNS: queues that nobody names. */
const snsPrefix = 'sns-';

export type Found =
  | { readonly kind: 'queue' | 'subscription' | 'aws'; readonly queue: Queue }
  /** A queue of the broker's that nobody has used yet has no more than a name. */
  | { readonly kind: 'topic' | 'new-queue'; readonly name: string };

/** @throws BrokerError `not-found`, or `invalid` as an address. */
export function findDestination(broker: Broker, id: string): Found {
  if (/^(queue|topic):\/\//.test(id)) {
    const { kind, name } = parseAddress(id);
    const queue = kind === 'queue' ? broker.find(mq, name) : undefined;
    if (queue !== undefined) return { kind: 'queue', queue };
    return { kind: kind === 'topic' ? 'topic' : 'new-queue', name };
  }
  if (id.startsWith(topicPrefix)) return { kind: 'topic', name: id.slice(topicPrefix.length) };
  const end = id.indexOf(':');
  const queue = broker.find(id.slice(0, end), id.slice(end + 1));
  if (queue === undefined) throw new BrokerError('not-found', `no destination "${id}"`);
  return { kind: kindOf(queue), queue };
}

/** The queue to look into or to purge. @throws BrokerError `not-found`, or `not-allowed` for a topic. */
export function findQueue(broker: Broker, id: string): Queue {
  const found = findDestination(broker, id);
  if ('queue' in found) return found.queue;
  if (found.kind === 'topic') throw new BrokerError('not-allowed', 'a topic holds no messages; its subscriptions do');
  throw new BrokerError('not-found', `no destination "${id}"`);
}

export function* destinationRows(broker: Broker): Generator<DestinationRow> {
  for (const queue of broker.queues()) if (!queue.namespace.startsWith(snsPrefix)) yield queueRow(queue);
  for (const [name, { published }] of broker.router.totals) yield topicRow(broker, name, published);
}

function queueRow(queue: Queue): DestinationRow {
  const kind = kindOf(queue);
  const row = {
    id: `${queue.namespace}:${queue.name}`,
    name: queue.name,
    ready: queue.readyCount,
    inFlight: queue.inFlightCount,
    delayed: queue.delayedCount,
    dead: queue.deadLettered,
    expired: queue.expired,
    consumers: queue.consumerCount,
    enqueued: queue.enqueued,
    dequeued: queue.dequeued,
  };
  if (kind !== 'aws') return { ...row, world: 'mq', kind };
  return { ...row, world: 'aws', kind: 'queue', scope: queue.namespace.slice(awsPrefix.length) };
}

function topicRow(broker: Broker, name: string, published: number): DestinationRow {
  return {
    id: `${topicPrefix}${name}`,
    world: 'mq',
    kind: 'topic',
    name,
    ready: 0,
    inFlight: 0,
    delayed: 0,
    dead: 0,
    expired: 0,
    consumers: broker.topics.match(name).length,
    enqueued: published,
    dequeued: 0,
  };
}

function kindOf({ namespace }: Queue): 'queue' | 'subscription' | 'aws' {
  if (namespace.startsWith(awsPrefix)) return 'aws';
  return namespace === subscriptions ? 'subscription' : 'queue';
}
