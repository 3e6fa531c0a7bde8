// The log of deliveries, with the members that SNS writes to CloudWatch Logs (Developer Guide, "Amazon SNS message delivery
// status"). Failures are always in it; successes as far as the topic asks for them and its sample takes them.

import { randomUUID } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock } from '../../../util/clock.ts';
import { BoundedLog } from './bounded-log.ts';
import { isoTime } from './envelope.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topic.ts';
import type { FeedbackKind } from './topic-attributes.ts';

export interface Attempted {
  readonly topic: Topic;
  readonly subscription: Subscription;
  readonly messageId: string;
  /** Of the message, in hexadecimal; worked out only for what is logged. */
  readonly md5: () => string;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
}

/** What the endpoint said, or what is said for it. */
export interface Result {
  readonly statusCode: number;
  readonly response: string;
  readonly attempts?: number;
}

const mostEntries = 1000;

const feedback: ReadonlyMap<string, FeedbackKind> = new Map<string, FeedbackKind>([
  ['sqs', 'SQS'],
  ['http', 'HTTP'],
  ['https', 'HTTP'],
  ['lambda', 'Lambda'],
  ['firehose', 'Firehose'],
  ['application', 'Application'],
]);

export class DeliveryLog {
  readonly #log: BoundedLog;
  readonly #clock: Clock;
  /** From 0 to 1: less than the sample rate is logged. */
  readonly #random: () => number;

  constructor(broker: Broker, clock: Clock, random: () => number = Math.random) {
    this.#log = new BoundedLog(broker, 'deliveries', mostEntries);
    this.#clock = clock;
    this.#random = random;
  }

  succeeded(transaction: Transaction, attempted: Attempted, result: Result): void {
    const { told } = attempted.topic;
    const kind = feedback.get(attempted.subscription.protocol);
    if (kind === undefined || !told.has(`${kind}SuccessFeedbackRoleArn`)) return;
    const rate = Number(told.get(`${kind}SuccessFeedbackSampleRate`) ?? 0);
    if (this.#random() * 100 < rate) this.#add(transaction, attempted, 'SUCCESS', result);
  }

  failed(transaction: Transaction, attempted: Attempted, result: Result): void {
    this.#add(transaction, attempted, 'FAILURE', result);
  }

  /** Entries from behind a position, in order, as JSON. */
  async read(
    after = 0,
    limit = mostEntries,
  ): Promise<readonly { readonly position: number; readonly entry: unknown }[]> {
    const found = await this.#log.read(after, limit);
    return found.map(({ position, message }) => {
      const entry: unknown = JSON.parse(message.body.toString());
      return { position, entry };
    });
  }

  #add(transaction: Transaction, attempted: Attempted, status: 'SUCCESS' | 'FAILURE', result: Result): void {
    const { topic, subscription, messageId, md5, publishedAt } = attempted;
    const now = this.#clock.now();
    const entry = {
      notification: {
        messageMD5Sum: md5(),
        messageId,
        topicArn: topic.arn,
        timestamp: isoTime(publishedAt).replace('T', ' ').replace('Z', ''),
      },
      delivery: {
        deliveryId: randomUUID(),
        destination: subscription.endpoint,
        providerResponse: result.response,
        dwellTimeMs: now - publishedAt,
        ...(result.attempts === undefined ? {} : { attempts: result.attempts }),
        statusCode: result.statusCode,
      },
      status,
    };
    this.#log.add(transaction, {
      id: randomUUID(),
      to: 'queue://deliveries',
      body: Buffer.from(JSON.stringify(entry)),
      bodyType: 'text',
      durable: true,
      priority: 4,
      timestamp: now,
      properties: [],
    });
  }
}
