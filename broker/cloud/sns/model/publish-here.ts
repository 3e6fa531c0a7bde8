// Publish without the wire: for parts of the engine that publish within a transaction of their own.

import type { Message } from '../../../core/message.ts';
import { BrokerError } from '../../../core/errors.ts';
import type { DigestedAttribute } from '../../sqs/md5.ts';
import type { Location } from '../../sqs/model/arn.ts';
import { toAttribute } from '../../sqs/model/message-attributes.ts';
import { topicArn } from './arn.ts';
import type { Addition } from './publisher.ts';
import type { Sns } from './sns.ts';
import type { Topic } from './topic.ts';

/** A topic, as who publishes to it here sees it. */
export interface TopicHere {
  readonly maxBytes: number;
  /** Publishes wait for it, where there is one. */
  readonly gate: Promise<void> | undefined;
  /**
   * The message has the attributes of SQS, and its group. `deduplicationId`: of FIFO topics.
   * @returns what adds it to a transaction; a promise where it takes time.
   */
  prepare(message: Message, deduplicationId: string): Addition | Promise<Addition>;
}

/** `origin`: what links in the notifications begin with. */
export function topicHere(sns: Sns, location: Location, name: string, origin: string): TopicHere | undefined {
  const topic = sns.topics.find(topicArn(location, name));
  if (topic === undefined) return undefined;
  return {
    maxBytes: topic.maximumMessageBytes,
    gate: topic.gate,
    prepare: (message, deduplicationId) => prepare(sns, topic, message, deduplicationId, origin),
  };
}

function prepare(
  { publisher, broker }: Sns,
  topic: Topic,
  message: Message,
  deduplicationId: string,
  origin: string,
): Addition | Promise<Addition> {
  if (topic.deleted) throw new BrokerError('closed', 'the topic was deleted');
  const attributes = new Map<string, DigestedAttribute>();
  for (const property of message.properties) {
    const attribute = toAttribute(property);
    if (attribute !== undefined) attributes.set(property.name, attribute);
  }
  broker.received++;
  return publisher.prepare(topic, {
    message: message.body.toString(),
    byProtocol: undefined,
    subject: undefined,
    attributes,
    groupId: message.groupId,
    deduplicationId: topic.fifo ? deduplicationId : undefined,
    timestamp: message.timestamp,
    traceHeader: undefined,
    origin,
    path: message.path,
  });
}
