// The directory of topics: makes, finds, changes and deletes them. What anyone sees is what the store holds: a change
// shows once it is committed.

import type { Broker } from '../../../core/broker.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Location } from '../../sqs/model/arn.ts';
import type { Archive } from './archive.ts';
import { readTopicArn, topicArn } from './arn.ts';
import { invalidParameter, topicDoesNotExist, translateAttribute } from './errors.ts';
import { limits } from './limits.ts';
import { decode, encode, recordTypes } from './record-codec.ts';
import type { TopicRecord } from './record-codec.ts';
import { withTags } from './tags.ts';
import { Topic } from './topic.ts';
import { checkAttribute, isSettable, valueOf } from './topic-attributes.ts';
import type { Turns } from './turns.ts';

const namePattern = new RegExp(`^[a-zA-Z0-9_-]{1,${limits.topicNameLength}}$`);
const fifoSuffix = '.fifo';

export class Topics {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #archive: Archive;
  readonly #byArn = new Map<string, Topic>();

  constructor(broker: Broker, clock: Clock, turns: Turns, archive: Archive) {
    this.#broker = broker;
    this.#clock = clock;
    this.#turns = turns;
    this.#archive = archive;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#broker.store.readRecords(recordTypes.topic)) {
      const topic = topicOf(key, decode<TopicRecord>(value));
      this.#byArn.set(key, topic);
      this.#archive.adjust(topic);
    }
  }

  [Symbol.iterator](): IterableIterator<Topic> {
    return this.#byArn.values();
  }

  find(arn: string): Topic | undefined {
    return this.#byArn.get(arn);
  }

  /** @throws AwsError NotFound; InvalidParameter for what is no ARN of a topic in the region. */
  at(arn: string, region: string, parameter = 'TopicArn'): Topic {
    readTopicArn(arn, region, parameter);
    const topic = this.#byArn.get(arn);
    if (topic === undefined) throw topicDoesNotExist();
    return topic;
  }

  /** By ARN. */
  list({ account, region }: Location): Topic[] {
    const prefix = topicArn({ account, region }, '');
    const found = [...this.#byArn.values()].filter(({ arn }) => arn.startsWith(prefix));
    return found.sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  /**
   * Makes the topic, or finds the one that is there and does not differ from what is asked.
   * @throws AwsError as CreateTopic does; BrokerError as Store.write does.
   */
  create(
    location: Location,
    name: string,
    given: ReadonlyMap<string, string>,
    tags: ReadonlyMap<string, string>,
  ): Promise<Topic> {
    const fifo = checkName(name, given.get('FifoTopic'));
    const attributes = checkNew(given, fifo);
    const arn = topicArn(location, name);
    return this.#turns.take(arn, async () => {
      const existing = this.#byArn.get(arn);
      if (existing !== undefined) {
        checkSame(existing, attributes, tags);
        return existing;
      }
      const record: TopicRecord = {
        attributes: Object.fromEntries(attributes),
        tags: withTags({}, tags),
        fifo,
        createdAt: this.#clock.now(),
        deleted: 0,
      };
      const topic = topicOf(arn, record);
      const transaction = this.#broker.transaction();
      transaction.record(recordTypes.topic, arn, encode(record));
      transaction.afterCommit(() => this.#byArn.set(arn, topic));
      await transaction.commit();
      this.#archive.adjust(topic);
      return topic;
    });
  }

  /** @throws AwsError as SetTopicAttributes does; BrokerError as Store.write does. */
  async setAttribute(topic: Topic, name: string, value: string): Promise<void> {
    if (!isSettable(name)) throw invalidParameter('AttributeName');
    let kept: string | undefined;
    try {
      kept = checkAttribute(name, value, topic.fifo);
    } catch (error) {
      throw translateAttribute(error, 'set');
    }
    await this.change(topic, (record) => {
      const attributes = new Map(Object.entries(record.attributes));
      if (kept === undefined) attributes.delete(name);
      else attributes.set(name, kept);
      return { ...record, attributes: Object.fromEntries(attributes) };
    });
    this.#archive.adjust(topic);
  }

  /** `next` is asked when the changes before are in the store. @throws AwsError NotFound; what `next` throws. */
  change(topic: Topic, next: (record: TopicRecord) => TopicRecord): Promise<void> {
    return this.#turns.take(topic.arn, async () => {
      if (topic.deleted) throw topicDoesNotExist();
      const record = next(topic.record);
      const transaction = this.#broker.transaction();
      transaction.record(recordTypes.topic, topic.arn, encode(record));
      transaction.afterCommit(() => (topic.record = record));
      await transaction.commit();
    });
  }

  /** Takes the topic out of the directory; its subscriptions are the caller's part. */
  async remove(topic: Topic, orphan: (topic: Topic) => Promise<void>): Promise<void> {
    await this.#turns.take(topic.arn, async () => {
      if (topic.deleted) return;
      const transaction = this.#broker.transaction();
      transaction.record(recordTypes.topic, topic.arn, undefined);
      transaction.afterCommit(() => {
        topic.deleted = true;
        this.#byArn.delete(topic.arn);
      });
      await transaction.commit();
      await orphan(topic);
      await this.#archive.drop(topic);
    });
  }
}

function topicOf(arn: string, record: TopicRecord): Topic {
  const [, , , region = '', account = '', name = ''] = arn.split(':');
  return new Topic(arn, { account, region }, name, record);
}

/** Whether it is a FIFO topic. @throws AwsError InvalidParameter. */
function checkName(name: string, fifoTopic: string | undefined): boolean {
  const told = fifoTopic?.toLowerCase();
  if (told !== undefined && told !== 'true' && told !== 'false') {
    throw invalidParameter(`Attributes Reason: FifoTopic: Invalid value [${fifoTopic ?? ''}]. Must be true or false.`);
  }
  const fifo = told === 'true';
  const isNamedSo = name.endsWith(fifoSuffix);
  const base = isNamedSo ? name.slice(0, -fifoSuffix.length) : name;
  if (name.length > limits.topicNameLength || !namePattern.test(base) || fifo !== isNamedSo) {
    throw invalidParameter('Topic Name');
  }
  return fifo;
}

function checkNew(given: ReadonlyMap<string, string>, fifo: boolean): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [name, value] of given) {
    if (name === 'FifoTopic') continue;
    try {
      const kept = checkAttribute(name, value, fifo);
      if (kept !== undefined) attributes.set(name, kept);
    } catch (error) {
      throw translateAttribute(error, 'created');
    }
  }
  return attributes;
}

/** What is not asked may be as it is. */
function checkSame(topic: Topic, attributes: ReadonlyMap<string, string>, tags: ReadonlyMap<string, string>): void {
  for (const [name, value] of attributes) {
    if (valueOf(topic.told, name) !== value) {
      throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
    }
  }
  for (const [key, value] of tags) {
    if (topic.record.tags[key] !== value) {
      throw invalidParameter('Tags Reason: Topic already exists with different tags');
    }
  }
}
