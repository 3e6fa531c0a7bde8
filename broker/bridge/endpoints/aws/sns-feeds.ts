// Queues that routes take a far topic's messages from: each is made there, subscribed with raw delivery, and known by the store,
// so that it can be removed when its route is out of the configuration.

import { randomBytes } from 'node:crypto';
import type { Store } from '../../../core/store.ts';
import type { Log } from '../../../util/log.ts';
import { RemoteTrouble } from '../../remote.ts';
import { fifoSuffix } from '../sqs.ts';
import type { AwsRemote } from './remote.ts';
import { topicArn } from './topic-arn.ts';

interface Feed {
  readonly route: string;
  readonly remote: string;
  readonly topic: string;
  /** Of the queue: other engines may have routes of the same name there. */
  readonly queue: string;
  /** Undefined: it is not subscribed yet. */
  readonly subscription?: string | undefined;
}

const recordType = 'route-far-feed';
const prefix = 'causeway-route-';
const longestName = 80;
/** The longest that SQS has: an engine may be down for that long. */
const retentionSeconds = 14 * 24 * 3600;

export class SnsFeeds {
  readonly #store: Store;
  readonly #log: Log;
  /** By route. */
  readonly #wanted = new Map<string, string>();

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** The route's queue is not to be swept. */
  want(route: string, remote: string, topic: string): void {
    this.#wanted.set(route, keyOf({ route, remote, topic }));
  }

  /** The route is no more: the next sweep removes its queue. */
  drop(route: string): void {
    this.#wanted.delete(route);
  }

  /** Makes and subscribes what is not there; resolves with the queue's URL. @throws RemoteTrouble. */
  async open(remote: AwsRemote, route: string, topic: string, address: string, signal: AbortSignal): Promise<string> {
    const feed = await this.#feed(remote.name, route, topic);
    const TopicArn = await topicArn(remote, address, topic, signal);
    const sqs = await import('@aws-sdk/client-sqs');
    const { SubscribeCommand } = await import('@aws-sdk/client-sns');
    const [sqsClient, snsClient] = await Promise.all([remote.sqs(), remote.sns()]);
    const created = await remote.call(address, signal, (abortSignal) =>
      sqsClient.send(
        new sqs.CreateQueueCommand({
          QueueName: feed.queue,
          Attributes: {
            MessageRetentionPeriod: String(retentionSeconds),
            ...(topic.endsWith(fifoSuffix) && { FifoQueue: 'true' }),
          },
        }),
        { abortSignal },
      ),
    );
    const { QueueUrl = '' } = created;
    const { Attributes } = await remote.call(address, signal, (abortSignal) =>
      sqsClient.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }), { abortSignal }),
    );
    const queueArn = Attributes?.['QueueArn'] ?? '';
    const Policy = policyOf(TopicArn, queueArn);
    await remote.call(address, signal, (abortSignal) =>
      sqsClient.send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }), { abortSignal }),
    );
    const { SubscriptionArn } = await remote.call(address, signal, (abortSignal) =>
      snsClient.send(
        new SubscribeCommand({
          TopicArn,
          Protocol: 'sqs',
          Endpoint: queueArn,
          Attributes: { RawMessageDelivery: 'true' },
          ReturnSubscriptionArn: true,
        }),
        { abortSignal },
      ),
    );
    if (SubscriptionArn !== feed.subscription) await this.#keep({ ...feed, subscription: SubscriptionArn });
    return QueueUrl;
  }

  /** Removes the queues of routes that are no more, where that can be done. */
  async sweep(remotes: ReadonlyMap<string, AwsRemote>): Promise<void> {
    const kept = new Set(this.#wanted.values());
    for (const { key, value } of await this.#store.readRecords(recordType)) {
      if (kept.has(key)) continue;
      const feed = decode(value);
      const remote = remotes.get(feed.remote);
      try {
        if (remote === undefined) throw new Error(`there is no remote "${feed.remote}" any more`);
        await this.#remove(remote, feed);
        await this.#store.write([{ kind: 'record', type: recordType, key, value: undefined }]);
      } catch (error) {
        // It is tried again when the engine starts the next time.
        const reason = error instanceof Error ? error.message : String(error);
        this.#log.warn({ queue: feed.queue, topic: feed.topic, reason }, 'the queue of a route that is no more stays');
      }
    }
  }

  async #remove(remote: AwsRemote, { topic, queue, subscription }: Feed): Promise<void> {
    const address = `sns://${topic}@${remote.name}`;
    const { signal } = new AbortController();
    const { DeleteQueueCommand, GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
    const { UnsubscribeCommand } = await import('@aws-sdk/client-sns');
    const [sqs, sns] = await Promise.all([remote.sqs(), remote.sns()]);
    const gone = (error: unknown): undefined => {
      if (error instanceof RemoteTrouble && error.kind === 'not-found') return undefined;
      throw error;
    };
    if (subscription !== undefined) {
      const command = new UnsubscribeCommand({ SubscriptionArn: subscription });
      await remote.call(address, signal, (abortSignal) => sns.send(command, { abortSignal })).catch(gone);
    }
    const find = new GetQueueUrlCommand({ QueueName: queue });
    const found = await remote.call(address, signal, (abortSignal) => sqs.send(find, { abortSignal })).catch(gone);
    if (found?.QueueUrl === undefined) return;
    const command = new DeleteQueueCommand({ QueueUrl: found.QueueUrl });
    await remote.call(address, signal, (abortSignal) => sqs.send(command, { abortSignal })).catch(gone);
  }

  /** In the store before anything is made: what is made can be found again. */
  async #feed(remote: string, route: string, topic: string): Promise<Feed> {
    const known = await this.#store.readRecord(recordType, keyOf({ route, remote, topic }));
    if (known !== undefined) return decode(known);
    const feed = { route, remote, topic, queue: queueName(route, topic) };
    await this.#keep(feed);
    return feed;
  }

  #keep(feed: Feed): Promise<void> {
    return this.#store.write([
      { kind: 'record', type: recordType, key: keyOf(feed), value: Buffer.from(JSON.stringify(feed)) },
    ]);
  }
}

function keyOf({ route, remote, topic }: Pick<Feed, 'route' | 'remote' | 'topic'>): string {
  return JSON.stringify([route, remote, topic]);
}

function queueName(route: string, topic: string): string {
  const suffix = `-${randomBytes(4).toString('hex')}${topic.endsWith(fifoSuffix) ? fifoSuffix : ''}`;
  return prefix + route.replaceAll('.', '-').slice(0, longestName - prefix.length - suffix.length) + suffix;
}

/** Nobody but the topic may send to it. */
function policyOf(topic: string, queue: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queue,
        Condition: { ArnEquals: { 'aws:SourceArn': topic } },
      },
    ],
  });
}

function decode(value: Buffer): Feed {
  const read: unknown = JSON.parse(value.toString());
  const text = (key: string): string => {
    const found: unknown = typeof read === 'object' && read !== null ? Reflect.get(read, key) : undefined;
    return typeof found === 'string' ? found : '';
  };
  const subscription = text('subscription');
  return {
    route: text('route'),
    remote: text('remote'),
    topic: text('topic'),
    queue: text('queue'),
    subscription: subscription === '' ? undefined : subscription,
  };
}
