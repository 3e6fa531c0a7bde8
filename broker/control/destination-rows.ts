// The rows of the table of destinations, made afresh at each tick of the live feed: what people named, of both worlds.
// Queues that the engine made for itself (schedules, retries, archives, routes) are none of them.

import { mq, subscriptions, temporary } from '../core/namespaces.ts';
import type { Broker } from '../core/broker.ts';
import type { Queue } from '../core/queue.ts';
import type { DestinationRow } from './api.ts';
import type { ConsoleEngine, ConsoleStream, ConsoleTopic } from './console-engine.ts';
import { awsPrefix, snsPrefix, streamPrefix, topicPrefix, topicsOf } from './destinations.ts';

type Names = Pick<DestinationRow, 'world' | 'kind' | 'variant' | 'name' | 'scope' | 'clientId' | 'topics'>;

const fifoSuffix = '.fifo';
const mqttSession = 'mqtt:';

const noFigures = {
  ready: 0,
  inFlight: 0,
  delayed: 0,
  dead: 0,
  expired: 0,
  dequeued: 0,
} as const;

export function* destinationRows({
  broker,
  cloud,
}: Pick<ConsoleEngine, 'broker' | 'cloud'>): Generator<DestinationRow> {
  for (const queue of broker.queues()) {
    const names = cloud.isInternal(queue) ? undefined : namesOf(broker, queue);
    if (names !== undefined) yield queueRow(queue, names);
  }
  for (const [name, { published }] of broker.router.totals) yield brokerTopicRow(broker, name, published);
  for (const topic of cloud.topics()) yield topicRow(topic);
  for (const stream of cloud.streams()) yield streamRow(stream);
}

function queueRow(queue: Queue, names: Names): DestinationRow {
  return {
    id: `${queue.namespace}:${queue.name}`,
    ...names,
    ready: queue.readyCount,
    inFlight: queue.inFlightCount,
    delayed: queue.delayedCount,
    dead: queue.deadLettered,
    expired: queue.expired,
    consumers: queue.consumerCount,
    enqueued: queue.enqueued,
    dequeued: queue.dequeued,
  };
}

/** Undefined: nobody named it. */
function namesOf(broker: Broker, queue: Queue): Names | undefined {
  const { namespace, name } = queue;
  switch (namespace) {
    case mq:
      return { world: 'mq', kind: 'queue', name };
    case temporary:
      return { world: 'mq', kind: 'queue', variant: 'temporary', name };
    case subscriptions:
      return { world: 'mq', kind: 'subscription', ...subscriptionNames(broker, queue) };
    default: {
      if (!namespace.startsWith(awsPrefix)) return undefined;
      const scope = namespace.slice(awsPrefix.length);
      return { world: 'aws', kind: 'queue', name, scope, ...(name.endsWith(fifoSuffix) ? { variant: 'fifo' } : {}) };
    }
  }
}

function subscriptionNames(broker: Broker, queue: Queue): Pick<Names, 'variant' | 'name' | 'clientId' | 'topics'> {
  const named = broker.subscriptions.of(queue);
  if (named !== undefined) {
    const { name, clientId, filters, durable, shared } = named;
    const variant = durable ? (shared ? 'durable shared' : 'durable') : 'shared';
    return { variant, name, topics: filters.join(', '), ...(clientId === undefined ? {} : { clientId }) };
  }
  const topics = topicsOf(queue).join(', ');
  const { share } = queue.attributes;
  if (typeof share === 'string') return { variant: 'shared', name: share.slice(0, share.indexOf('/')), topics };
  if (queue.name.startsWith(mqttSession)) {
    const clientId = queue.name.slice(mqttSession.length);
    return { variant: 'session', name: clientId, clientId };
  }
  return { name: topics === '' ? queue.name : topics };
}

function brokerTopicRow(broker: Broker, name: string, published: number): DestinationRow {
  return {
    id: `${topicPrefix}${name}`,
    world: 'mq',
    kind: 'topic',
    name,
    ...noFigures,
    consumers: broker.topics.match(name).length,
    enqueued: published,
  };
}

function topicRow({ arn, name, scope, isFifo, subscriptionCount, published }: ConsoleTopic): DestinationRow {
  return {
    id: `${snsPrefix}${arn}`,
    world: 'aws',
    kind: 'topic',
    ...(isFifo ? { variant: 'fifo' } : {}),
    name,
    scope,
    ...noFigures,
    consumers: subscriptionCount,
    enqueued: published,
  };
}

function streamRow({ arn, name, scope, core, consumers }: ConsoleStream): DestinationRow {
  return {
    id: `${streamPrefix}${arn}`,
    world: 'aws',
    kind: 'stream',
    name,
    scope,
    ...noFigures,
    shards: core.openShards.length,
    retentionMs: core.definition.retentionMs,
    bytesIn: core.appendedBytes,
    bytesOut: core.deliveredBytes,
    consumers: consumers.length,
    enqueued: core.appended,
    dequeued: core.delivered,
  };
}
