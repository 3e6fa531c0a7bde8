// What the console is told of the AWS world. With engine.ts and routes.ts what knows clouds and, here, the console's side of
// them: control/ knows no cloud, and clouds know no console.

import { putHere } from './cloud/kinesis/model/put-here.ts';
import type { Kinesis } from './cloud/kinesis/model/kinesis.ts';
import type { KinesisStream } from './cloud/kinesis/model/kinesis-stream.ts';
import { parseArn } from './cloud/kinesis/model/arn.ts';
import { endingSequence, sequenceOf, startingSequence } from './cloud/kinesis/model/sequence-number.ts';
import { shardIdOf } from './cloud/kinesis/model/shard-id.ts';
import { readExcesses } from './cloud/quotas.ts';
import { publishText } from './cloud/sns/model/publish-text.ts';
import { isRouteFeed } from './cloud/sns/model/route-feeds.ts';
import type { Sns } from './cloud/sns/model/sns.ts';
import type { Subscription } from './cloud/sns/model/subscription.ts';
import type { Topic } from './cloud/sns/model/topic.ts';
import { sendHere } from './cloud/sqs/model/send-here.ts';
import type { Sqs } from './cloud/sqs/model/sqs.ts';
import type { CloudMetricsRow, CloudService, TopicSubscription } from './control/api-cloud.ts';
import type { CloudMessage, CloudRecord, ConsoleCloud, ConsoleStream, ConsoleTopic } from './control/console-engine.ts';
import type { Shard } from './core/stream-shard.ts';

export interface ConsoleCloudOptions {
  readonly sqs: Sqs;
  readonly sns: Sns;
  readonly kinesis: Kinesis;
  /** What links in notifications begin with. */
  readonly origin: () => string;
}

export function consoleCloud({ sqs, sns, kinesis, origin }: ConsoleCloudOptions): ConsoleCloud {
  return {
    isInternal: (queue) => isRouteFeed(sqs.queues, queue),
    send: (queue, message) => sendHere(sqs, queue, message),
    *topics() {
      for (const topic of sns.topics) yield new ShownTopic(sns, topic, origin);
    },
    topic: (arn) => {
      const topic = sns.topics.find(arn);
      return topic && new ShownTopic(sns, topic, origin);
    },
    *streams() {
      for (const stream of kinesis.streams.all()) yield new ShownStream(kinesis, stream);
    },
    stream: (arn) => {
      const name = parseArn(arn);
      const stream = name && kinesis.streams.find(name, name.stream);
      return stream && new ShownStream(kinesis, stream);
    },
    metrics: (service) => measure(service, { sqs, sns, kinesis }),
    excesses: () => readExcesses(sqs.broker.store),
    mailbox: (page) => sns.mailbox.page(page),
    clearMailbox: () => sns.mailbox.clear(),
  };
}

function* measure(
  service: CloudService,
  { sqs, sns, kinesis }: Omit<ConsoleCloudOptions, 'origin'>,
): Generator<CloudMetricsRow> {
  switch (service) {
    case 'sqs':
      for (const queue of sqs.queues.all()) {
        const { SentMessageSize: size, ...metrics } = queue.measure(sqs.clock.now());
        const sizes = {
          'SentMessageSize.Sum': size.sum,
          'SentMessageSize.Minimum': size.minimum,
          'SentMessageSize.Maximum': size.maximum,
        };
        yield { arn: queue.arn, metrics: { ...metrics, ...sizes } };
      }
      break;
    case 'sns':
      for (const { arn, metrics } of sns.topics) yield { arn, metrics: { ...metrics } };
      break;
    case 'kinesis':
      for (const { arn, metrics } of kinesis.streams.all()) yield { arn, metrics: { ...metrics } };
  }
}

class ShownTopic implements ConsoleTopic {
  readonly #sns: Sns;
  readonly #topic: Topic;
  readonly #origin: () => string;

  constructor(sns: Sns, topic: Topic, origin: () => string) {
    this.#sns = sns;
    this.#topic = topic;
    this.#origin = origin;
  }

  get arn(): string {
    return this.#topic.arn;
  }

  get name(): string {
    return this.#topic.name;
  }

  get scope(): string {
    return scopeOf(this.#topic.location);
  }

  get isFifo(): boolean {
    return this.#topic.fifo;
  }

  get displayName(): string | undefined {
    return this.#topic.told.get('DisplayName') || undefined;
  }

  get published(): number {
    return this.#topic.metrics.NumberOfMessagesPublished;
  }

  get subscriptionCount(): number {
    return this.#topic.subscriptions.size;
  }

  subscriptions(): readonly TopicSubscription[] {
    return Array.from(this.#topic.subscriptions.values(), describe);
  }

  publish(message: CloudMessage): Promise<string> {
    return publishText(this.#sns, this.#topic, message, this.#origin());
  }
}

class ShownStream implements ConsoleStream {
  readonly #kinesis: Kinesis;
  readonly #stream: KinesisStream;

  constructor(kinesis: Kinesis, stream: KinesisStream) {
    this.#kinesis = kinesis;
    this.#stream = stream;
  }

  get arn(): string {
    return this.#stream.arn;
  }

  get name(): string {
    return this.#stream.name;
  }

  get scope(): string {
    return scopeOf(this.#stream.location);
  }

  get core() {
    return this.#stream.core;
  }

  get status(): string {
    return this.#stream.status;
  }

  get mode(): string {
    return this.#stream.settings.mode;
  }

  get isEncrypted(): boolean {
    return this.#stream.encryptionType !== undefined;
  }

  get consumers(): readonly string[] {
    return this.#stream.consumers(this.#kinesis.clock.now()).map(({ name }) => name);
  }

  get shards(): readonly Shard[] {
    return this.#stream.shards;
  }

  shardId(number: number): string {
    return shardIdOf(number);
  }

  sequenceNumber(shard: Shard, position: number, at: number): string {
    return sequenceOf(shard, position, at);
  }

  sequenceRange(shard: Shard): readonly [first: string, last: string | undefined] {
    return [startingSequence(shard), endingSequence(shard)];
  }

  put({ data, partitionKey, hashKey }: CloudRecord): ReturnType<ConsoleStream['put']> {
    return putHere(this.#kinesis, this.#stream, {
      Data: data,
      PartitionKey: partitionKey,
      ExplicitHashKey: hashKey,
    });
  }
}

function scopeOf({ account, region }: { readonly account: string; readonly region: string }): string {
  return `${account}/${region}`;
}

function describe({ arn, protocol, endpoint, raw, record }: Subscription): TopicSubscription {
  const { FilterPolicy: policy, FilterPolicyScope: scope = 'MessageAttributes' } = record.attributes;
  const confirmed = !record.pending;
  return { arn, protocol, endpoint, confirmed, raw, ...(policy === undefined ? {} : { filter: { policy, scope } }) };
}
