// The archive of FIFO topics (Developer Guide, "Amazon SNS message archiving and replay for FIFO topics"): a queue of the
// core for each topic that has one, which nobody takes from. A message is in it with the transaction that delivers it,
// and goes when its days are over.

import type { Broker } from '../../../core/broker.ts';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { toAttribute, toProperties } from '../../sqs/model/message-attributes.ts';
import { noAttributes } from './message-attributes.ts';
import type { DigestedAttribute } from '../../sqs/md5.ts';
import { property } from '../../../core/message.ts';
import { Publication } from './publication.ts';
import type { PublicationData } from './publication.ts';
import type { Topic } from './topic.ts';
import { archiveDays } from './topic-attributes.ts';

export interface Archived {
  readonly position: number;
  readonly publication: Publication;
}

const namespace = 'sns-archive';
const dayMs = 86_400_000;

export class Archive {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Gives the topic's archive the time that its policy says. What a policy kept that was taken away goes at once. */
  adjust(topic: Topic): void {
    const days = archiveDays(topic.told);
    const queue = this.#find(topic);
    if (days === undefined) {
      if (queue !== undefined) this.#broker.background(this.drop(topic), `drop the archive of "${topic.arn}"`);
      return;
    }
    const policy = { retentionMs: days * dayMs };
    if (queue === undefined) this.#broker.declare({ namespace, name: topic.arn, policy });
    else queue.policy = policy;
  }

  add(transaction: Transaction, topic: Topic, publication: Publication): void {
    const queue = this.#find(topic);
    if (queue !== undefined) transaction.put([queue], toMessage(publication.data));
  }

  /** Position of the latest message. */
  async end(topic: Topic): Promise<number> {
    return this.#find(topic) === undefined ? 0 : this.#broker.store.nextId();
  }

  /** Messages behind a position, in order. */
  async read(topic: Topic, after: number, limit: number): Promise<readonly Archived[]> {
    const found = (await this.#find(topic)?.browse(after, limit)) ?? [];
    return found
      .slice(0, limit)
      .map(({ entry, message }) => ({ position: entry.seq, publication: toPublication(message) }));
  }

  /** When the oldest message was published; undefined: there is none. */
  async beginning(topic: Topic): Promise<number | undefined> {
    const [oldest] = await this.read(topic, 0, 1);
    return oldest?.publication.data.timestamp;
  }

  async drop(topic: Topic): Promise<void> {
    const queue = this.#find(topic);
    if (queue !== undefined) await this.#broker.delete(queue);
  }

  #find(topic: Topic): Queue | undefined {
    return this.#broker.find(namespace, topic.arn);
  }
}

const marks = ['subject', 'deduplicationId', 'sequenceNumber', 'traceHeader', 'origin'] as const;
/** No attribute's name has a colon. */
const mark = 'sns:';
const byProtocol = `${mark}byProtocol`;

function toMessage(data: PublicationData): Message {
  const properties = marks.flatMap((name) => {
    const value = data[name];
    return value === undefined ? [] : [{ name: mark + name, type: 'string' as const, value }];
  });
  if (data.byProtocol !== undefined) {
    properties.push({ name: byProtocol, type: 'string', value: JSON.stringify(Object.fromEntries(data.byProtocol)) });
  }
  return {
    id: data.id,
    to: 'topic://archive',
    body: Buffer.from(data.message),
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: data.timestamp,
    groupId: data.groupId,
    properties: [...properties, ...toProperties(data.attributes, noAttributes)],
  };
}

function toPublication(message: Message): Publication {
  const text = (name: string): string | undefined => {
    const value = property(message, name)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const attributes = new Map<string, DigestedAttribute>();
  for (const item of message.properties) {
    const attribute = item.name.startsWith(mark) ? undefined : toAttribute(item);
    if (attribute !== undefined) attributes.set(item.name, attribute);
  }
  return new Publication({
    id: message.id,
    message: message.body.toString(),
    byProtocol: textsOf(text(byProtocol)),
    subject: text(`${mark}subject`),
    attributes,
    groupId: message.groupId,
    deduplicationId: text(`${mark}deduplicationId`),
    sequenceNumber: text(`${mark}sequenceNumber`),
    timestamp: message.timestamp,
    traceHeader: text(`${mark}traceHeader`),
    origin: text(`${mark}origin`) ?? '',
    replayed: true,
  });
}

function textsOf(json: string | undefined): ReadonlyMap<string, string> | undefined {
  if (json === undefined) return undefined;
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
