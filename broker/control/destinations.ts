// Destinations as the console names them. An id is a namespace of the core and a name (`mq:orders`,
// `aws/000000000000/us-east-1:orders`), or `topic:` and a name, or `sns:` or `kinesis:` and an ARN; scripts may write
// `queue://NAME` and `topic://NAME`.

import { parseAddress } from '../core/address.ts';
import { mq, subscriptions } from '../core/namespaces.ts';
import type { Broker } from '../core/broker.ts';
import { BrokerError } from '../core/errors.ts';
import type { Queue } from '../core/queue.ts';
import type { ConsoleEngine, ConsoleStream, ConsoleTopic } from './console-engine.ts';

export const topicPrefix = 'topic:';
export const awsPrefix = 'aws/';
export const snsPrefix = 'sns:';
export const streamPrefix = 'kinesis:';

export type Found =
  | { readonly kind: 'queue' | 'subscription' | 'aws'; readonly queue: Queue }
  | { readonly kind: 'sns'; readonly topic: ConsoleTopic }
  | { readonly kind: 'stream'; readonly stream: ConsoleStream }
  /** A queue of the broker's that nobody has used yet has no more than a name. */
  | { readonly kind: 'topic' | 'new-queue'; readonly name: string };

/** @throws BrokerError `not-found`, or `invalid` as an address. */
export function findDestination({ broker, cloud }: ConsoleEngine, id: string): Found {
  if (/^(queue|topic):\/\//.test(id)) {
    const { kind, name } = parseAddress(id);
    const queue = kind === 'queue' ? broker.find(mq, name) : undefined;
    if (queue !== undefined) return { kind: 'queue', queue };
    return { kind: kind === 'topic' ? 'topic' : 'new-queue', name };
  }
  if (id.startsWith(topicPrefix)) return { kind: 'topic', name: id.slice(topicPrefix.length) };
  const topic = id.startsWith(snsPrefix) ? cloud.topic(id.slice(snsPrefix.length)) : undefined;
  if (topic !== undefined) return { kind: 'sns', topic };
  const stream = id.startsWith(streamPrefix) ? cloud.stream(id.slice(streamPrefix.length)) : undefined;
  if (stream !== undefined) return { kind: 'stream', stream };
  const queue = findById(broker, id);
  if (queue === undefined) throw new BrokerError('not-found', `no destination "${id}"`);
  return { kind: kindOf(queue), queue };
}

/** The queue to look into or to purge. @throws BrokerError `not-found`, or `not-allowed` for what is no queue. */
export function findQueue(engine: ConsoleEngine, id: string): Queue {
  const found = findDestination(engine, id);
  if ('queue' in found) return found.queue;
  if (found.kind === 'stream') throw new BrokerError('not-allowed', 'the records of a stream are in its shards');
  if (found.kind !== 'new-queue') {
    throw new BrokerError('not-allowed', 'a topic holds no messages; its subscriptions do');
  }
  throw new BrokerError('not-found', `no destination "${id}"`);
}

/** @throws BrokerError `not-found`. */
export function findTopic(engine: ConsoleEngine, id: string): ConsoleTopic {
  const found = findDestination(engine, id);
  if (found.kind === 'sns') return found.topic;
  throw new BrokerError('not-found', `no topic of SNS "${id}"`);
}

/** @throws BrokerError `not-found`. */
export function findStream(engine: ConsoleEngine, id: string): ConsoleStream {
  const found = findDestination(engine, id);
  if (found.kind === 'stream') return found.stream;
  throw new BrokerError('not-found', `no stream "${id}"`);
}

/** The queue behind a subscription. @throws BrokerError `not-found`. */
export function findSubscription({ broker }: ConsoleEngine, id: string): Queue {
  const queue = findById(broker, id);
  if (queue?.namespace === subscriptions) return queue;
  throw new BrokerError('not-found', `no subscription "${id}"`);
}

/** What a subscription without a name is to, as its dialect left it with the queue; empty: it did not. */
export function topicsOf({ attributes: { topic, topics } }: Queue): readonly string[] {
  if (Array.isArray(topics)) return topics.map((address) => String(address).replace(/^topic:\/\//, ''));
  return typeof topic === 'string' ? [topic] : [];
}

function findById(broker: Broker, id: string): Queue | undefined {
  const end = id.indexOf(':');
  return broker.find(id.slice(0, end), id.slice(end + 1));
}

function kindOf({ namespace }: Queue): 'queue' | 'subscription' | 'aws' {
  if (namespace.startsWith(awsPrefix)) return 'aws';
  return namespace === subscriptions ? 'subscription' : 'queue';
}
