// What goes to HTTP endpoints: a queue of the core for each subscription, from which notifications are posted, a bounded
// number at once. A failed one is leased until its next attempt is due, so that its turn survives a restart.

import type { Broker } from '../../../core/broker.ts';
import type { Entry } from '../../../core/entry.ts';
import { BrokerError } from '../../../core/errors.ts';
import type { Message, Property } from '../../../core/message.ts';
import { property } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import { effectivePolicy, jittered, retryDelayMs } from './delivery-policy.ts';
import { Poster } from './http-post.ts';
import { limits } from './limits.ts';
import type { Subscription } from './subscription.ts';

export type OutgoingKind = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

export interface Outgoing {
  readonly kind: OutgoingKind;
  /** MessageId. */
  readonly id: string;
  readonly endpoint: string;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly body: string;
  readonly raw: boolean;
  /** Of the message, for the log of deliveries. */
  readonly md5: string;
  /** Attributes of a raw message, should it go to a dead-letter queue. */
  readonly attributes: readonly Property[];
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
}

export interface Ended {
  readonly message: Message;
  readonly subscription: Subscription;
  readonly md5: string;
  readonly statusCode: number;
  readonly response: string;
  readonly attempts: number;
}

export interface OutboxOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly find: (subscriptionArn: string) => Subscription | undefined;
  /** Called within the transaction that takes the notification out of the queue. */
  readonly onDelivered: (transaction: Transaction, ended: Ended) => void;
  readonly onFailed: (transaction: Transaction, ended: Ended) => void;
}

const namespace = 'sns-http';
/** Confirmations outlive their subscriptions. */
const confirmations = 'confirmations';
const marks = {
  kind: 'sns:kind',
  endpoint: 'sns:endpoint',
  topic: 'sns:topic',
  subscription: 'sns:subscription',
  raw: 'sns:raw',
  md5: 'sns:md5',
};
const perQueue = 8;
const mostPosts = 64;
/** How long an entry may wait for its turn, and then for its answer; after a crash nobody has it before that is over. */
const turnLeaseMs = 600_000;
const postLeaseMs = limits.httpTimeoutMs + 3000;
const idleWaitMs = 3_600_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #poster: Poster;
  readonly #couriers = new Map<Queue, Promise<void>>();
  readonly #stopped = new AbortController();
  #posts = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#poster = new Poster(options.clock, limits.httpTimeoutMs);
  }

  /** Goes on with what was not delivered when the engine stopped. */
  start(): void {
    for (const queue of this.#options.broker.queues(namespace)) this.#employ(queue);
  }

  /** Adds it to the transaction; it is posted once that is committed. */
  send(transaction: Transaction, outgoing: Outgoing): void {
    const { broker } = this.#options;
    const name = outgoing.kind === 'Notification' ? outgoing.subscriptionArn : confirmations;
    const queue = broker.find(namespace, name) ?? broker.declare({ namespace, name });
    transaction.put([queue], toMessage(outgoing));
    transaction.afterCommit(() => this.#employ(queue));
  }

  /** What was not delivered to a subscription that has ended goes with it. */
  async forget(subscriptionArn: string): Promise<void> {
    const { broker } = this.#options;
    const queue = broker.find(namespace, subscriptionArn);
    if (queue !== undefined) await broker.delete(queue);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    for (const wake of this.#waiting.splice(0)) wake();
    this.#poster.close();
    await Promise.allSettled(this.#couriers.values());
  }

  #employ(queue: Queue): void {
    if (this.#couriers.has(queue) || queue.deleted || this.#stopped.signal.aborted) return;
    const work = this.#serve(queue).finally(() => this.#couriers.delete(queue));
    this.#couriers.set(queue, work);
    this.#options.broker.background(work, `deliver from "${queue.name}"`);
  }

  /** Takes from the queue, as many at once as may be under way, until it is deleted or the engine closes. */
  async #serve(queue: Queue): Promise<void> {
    const { signal } = this.#stopped;
    const underWay = new Set<Promise<void>>();
    let nextAt = 0;
    while (!signal.aborted && !queue.deleted) {
      if (underWay.size >= perQueue) await Promise.race(underWay);
      const pulled = await this.#pull(queue, perQueue - underWay.size);
      for (const { entry, message } of pulled) {
        nextAt = await this.#pace(message, nextAt);
        const delivery = this.#deliver(queue, entry, message).finally(() => underWay.delete(delivery));
        underWay.add(delivery);
        this.#options.broker.background(delivery, `deliver to an endpoint of "${queue.name}"`);
      }
    }
    await Promise.allSettled(underWay);
  }

  async #pull(queue: Queue, max: number): ReturnType<Queue['pull']> {
    try {
      return await queue.pull({ max, leaseMs: turnLeaseMs, waitMs: idleWaitMs, signal: this.#stopped.signal });
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'not-found') return [];
      throw error;
    }
  }

  /** Waits so that no more than the policy's number goes out within a second. */
  async #pace(message: Message, nextAt: number): Promise<number> {
    const { clock, find } = this.#options;
    const perSecond = find(markOf(message, marks.subscription))?.policy?.maxReceivesPerSecond;
    if (perSecond === undefined) return 0;
    const now = clock.monotonic();
    if (nextAt > now) await this.#sleep(nextAt - now);
    return Math.max(now, nextAt) + 1000 / perSecond;
  }

  #sleep(ms: number): Promise<void> {
    const { signal } = this.#stopped;
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = this.#options.clock.after(ms, wake);
      signal.addEventListener('abort', wake);
    });
  }

  async #deliver(queue: Queue, entry: Entry, message: Message): Promise<void> {
    const { attempts } = entry;
    await this.#enter();
    try {
      // It waited longer than its lease: someone else has it.
      if (this.#stopped.signal.aborted || entry.state !== 'leased' || entry.attempts !== attempts) return;
      queue.extend(entry, postLeaseMs);
      await this.#attempt(queue, entry, message);
    } finally {
      this.#leave();
    }
  }

  async #attempt(queue: Queue, entry: Entry, message: Message): Promise<void> {
    const subscription = this.#options.find(markOf(message, marks.subscription));
    const { statusCode, response } = await this.#post(message, subscription);
    if (this.#stopped.signal.aborted && statusCode === 0) return;
    const { attempts } = entry;
    const delivered = statusCode >= 200 && statusCode < 300;
    const policy = subscription?.policy ?? effectivePolicy(undefined, undefined);
    const delayMs = delivered || !isTransient(statusCode) ? undefined : retryDelayMs(policy.retry, attempts);
    if (delayMs !== undefined) {
      if (entry.state === 'leased') queue.extend(entry, jittered(delayMs, Math.random()));
      return;
    }
    const transaction = this.#options.broker.transaction();
    if (!transaction.settle(entry)) return;
    if (subscription !== undefined && !subscription.deleted && markOf(message, marks.kind) === 'Notification') {
      const ended = { message, subscription, md5: markOf(message, marks.md5), statusCode, response, attempts };
      if (delivered) this.#options.onDelivered(transaction, ended);
      else this.#options.onFailed(transaction, ended);
    }
    await transaction.commit();
  }

  async #post(
    message: Message,
    subscription: Subscription | undefined,
  ): Promise<{ readonly statusCode: number; readonly response: string }> {
    const headers = headersFor(message, subscription?.policy?.contentType);
    try {
      const answer = await this.#poster.post(
        markOf(message, marks.endpoint),
        headers,
        message.body,
        this.#stopped.signal,
      );
      return { statusCode: answer.statusCode, response: answer.body };
    } catch (error) {
      // No answer: as good as one that says the server is not there.
      return { statusCode: 0, response: error instanceof Error ? error.message : String(error) };
    }
  }

  async #enter(): Promise<void> {
    if (this.#posts >= mostPosts) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#posts++;
  }

  #leave(): void {
    this.#posts--;
    this.#waiting.shift()?.();
  }
}

/** The attributes of a raw message, as they were published. */
export function attributesOf({ properties }: Message): readonly Property[] {
  return properties.filter(({ name }) => !name.startsWith('sns:'));
}

/** Who is not there, or has too much to do, may be asked again; whoever refuses the request will refuse it again. */
function isTransient(statusCode: number): boolean {
  return statusCode === 0 || statusCode === 429 || statusCode >= 500;
}

function headersFor(message: Message, contentType: string | undefined): Record<string, string> {
  const kind = markOf(message, marks.kind);
  const isNotification = kind === 'Notification';
  return {
    'x-amz-sns-message-type': kind,
    'x-amz-sns-message-id': message.id,
    'x-amz-sns-topic-arn': markOf(message, marks.topic),
    ...(kind === 'SubscriptionConfirmation'
      ? {}
      : { 'x-amz-sns-subscription-arn': markOf(message, marks.subscription) }),
    ...(markOf(message, marks.raw) === 'true' ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
    'Content-Type': isNotification && contentType !== undefined ? contentType : 'text/plain; charset=UTF-8',
    'User-Agent': 'Amazon Simple Notification Service Agent',
    'Accept-Encoding': 'gzip,deflate',
  };
}

function markOf(message: Message, name: string): string {
  const value = property(message, name)?.value;
  return typeof value === 'string' ? value : '';
}

function toMessage(outgoing: Outgoing): Message {
  const told = {
    [marks.kind]: outgoing.kind,
    [marks.endpoint]: outgoing.endpoint,
    [marks.topic]: outgoing.topicArn,
    [marks.subscription]: outgoing.subscriptionArn,
    [marks.raw]: String(outgoing.raw),
    [marks.md5]: outgoing.md5,
  };
  const properties = Object.entries(told).map(([name, value]) => ({ name, type: 'string' as const, value }));
  return {
    id: outgoing.id,
    to: `topic://${outgoing.topicArn}`,
    body: Buffer.from(outgoing.body),
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: outgoing.publishedAt,
    properties: [...properties, ...outgoing.attributes],
  };
}
