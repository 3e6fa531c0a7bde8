// A second engine as the AWS that routes reach, with a proxy in between, and what tests look into it with.

import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';

export interface FarAws extends AsyncDisposable {
  readonly proxy: FaultProxy;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly kinesis: KinesisClient;
  /** The configuration of a remote that leads there through the proxy. */
  readonly remote: string;
  queue(name: string): Promise<string>;
  /** Its ARN; with a queue that it feeds, if one is named. */
  topic(name: string, queue?: string): Promise<string>;
  stream(name: string, shards: number): Promise<void>;
  send(queue: string, messages: readonly { readonly text: string; readonly group?: string }[]): Promise<void>;
  /** How many messages it has, those under way included. */
  depth(queue: string): Promise<number>;
  /** Takes all messages that it has; of another engine, if one is given. */
  drain(queue: string, client?: SQSClient, origin?: string): Promise<Message[]>;
  /** All records, by shard. */
  records(stream: string): Promise<{ readonly key: string; readonly text: string }[][]>;
}

export async function farAws(): Promise<FarAws> {
  const directory = await temporaryDirectory();
  const engine = new EngineProcess({ dataDirectory: directory.path, set: ['listeners.amqp=false', 'log.level=error'] });
  const { listeners } = await engine.seen('ready');
  const endpoint = `http://127.0.0.1:${listeners['cloud']!.port}`;
  const proxy = await new FaultProxy(endpoint).listen();
  const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const sqs = new SQSClient(settings);
  const sns = new SNSClient(settings);
  const kinesis = new KinesisClient(settings);
  const urlOf = (name: string): string => `${endpoint}/000000000000/${name}`;
  const attributesOf = async (name: string): Promise<Record<string, string>> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] });
    return (await sqs.send(command)).Attributes ?? {};
  };
  const far: FarAws = {
    proxy,
    sqs,
    sns,
    kinesis,
    remote: `{type: aws, endpoint: "${proxy.endpoint}", credentials: {accessKeyId: a, secretAccessKey: b}}`,
    queue: async (name) => {
      const isFifo = name.endsWith('.fifo');
      await sqs.send(new CreateQueueCommand({ QueueName: name, ...(isFifo && { Attributes: { FifoQueue: 'true' } }) }));
      return urlOf(name);
    },
    topic: async (name, queue) => {
      const isFifo = name.endsWith('.fifo');
      const { TopicArn = '' } = await sns.send(
        new CreateTopicCommand({ Name: name, ...(isFifo && { Attributes: { FifoTopic: 'true' } }) }),
      );
      if (queue === undefined) return TopicArn;
      const { QueueArn } = await attributesOf(queue);
      const Attributes = { RawMessageDelivery: 'true' };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QueueArn, Attributes }));
      return TopicArn;
    },
    stream: async (name, shards) => {
      await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
    },
    send: async (queue, messages) => {
      for (let i = 0; i < messages.length; i += 10) {
        const Entries = messages.slice(i, i + 10).map(({ text, group }, index) => ({
          Id: String(index),
          MessageBody: text,
          ...(group !== undefined && { MessageGroupId: group, MessageDeduplicationId: `${group}-${i + index}` }),
        }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf(queue), Entries }));
      }
    },
    depth: async (queue) => {
      const attributes = await attributesOf(queue);
      return (
        Number(attributes['ApproximateNumberOfMessages']) + Number(attributes['ApproximateNumberOfMessagesNotVisible'])
      );
    },
    drain: async (queue, client = sqs, origin = endpoint) => {
      const QueueUrl = `${origin}/000000000000/${queue}`;
      const all: Message[] = [];
      for (;;) {
        const command = new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        });
        const { Messages = [] } = await client.send(command);
        if (Messages.length === 0) return all;
        all.push(...Messages);
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    records: async (StreamName) => {
      const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
      return Promise.all(
        Shards.map(async ({ ShardId }) => {
          const start = new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
          let { ShardIterator } = await kinesis.send(start);
          const all: { readonly key: string; readonly text: string }[] = [];
          for (;;) {
            const page = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
            for (const { PartitionKey = '', Data = [] } of page.Records ?? []) {
              all.push({ key: PartitionKey, text: Buffer.from(Data).toString() });
            }
            if (page.NextShardIterator === undefined || page.MillisBehindLatest === 0) return all;
            ShardIterator = page.NextShardIterator;
          }
        }),
      );
    },
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      for (const client of [sqs, sns, kinesis]) client.destroy();
      await engine.kill();
      await directory[Symbol.asyncDispose]();
    },
  };
  return far;
}

/** Numbers that look random, the same ones for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How often each text stands there more than once, in all. */
export function duplicates(texts: readonly string[]): number {
  return texts.length - new Set(texts).size;
}
