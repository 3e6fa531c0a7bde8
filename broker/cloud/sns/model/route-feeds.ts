// Queues that routes take a topic's messages from: each is made, subscribed to its topic with raw delivery, and removed by
// the route's rules, not by a client's. A topic that is made anew is subscribed anew.

import type { Clock, Timer } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import type { Queue } from '../../../core/queue.ts';
import { locationOf } from '../../sqs/model/arn.ts';
import type { Location } from '../../sqs/model/arn.ts';
import type { Queues } from '../../sqs/model/queues.ts';
import type { SqsQueue } from '../../sqs/model/sqs-queue.ts';
import { topicArn } from './arn.ts';
import type { Sns } from './sns.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topic.ts';

export interface RouteFeedsOptions {
  readonly sns: Sns;
  readonly queues: Queues;
  readonly location: Location;
  readonly clock: Clock;
  readonly log: Log;
}

const prefix = 'causeway-route-';
const fifoSuffix = '.fifo';
const longestName = 80;
const lookMs = 1000;

export class RouteFeeds {
  readonly #options: RouteFeedsOptions;
  /** Names of topics, by the routes that take from them. */
  readonly #wanted = new Map<string, string>();
  readonly #making = new Map<string, Promise<void>>();
  #timer: Timer | undefined;

  constructor(options: RouteFeedsOptions) {
    this.#options = options;
  }

  /** Resolves once the queue is subscribed, if the topic is there. */
  async open(route: string, topicName: string): Promise<void> {
    this.#wanted.set(route, topicName);
    await this.#ensure(route, topicName);
    this.#look();
  }

  /** The route is no more: the next sweep ends its subscription. */
  drop(route: string): void {
    this.#wanted.delete(route);
  }

  /** Undefined while the topic, or the queue, is not there. */
  find(route: string): SqsQueue | undefined {
    const topicName = this.#wanted.get(route);
    if (topicName === undefined) return undefined;
    const { queues, location } = this.#options;
    const queue = queues.find(location, queueName(route, topicName));
    const topic = this.#topic(topicName);
    return queue === undefined || topic === undefined || subscriptionOf(topic, queue) === undefined ? undefined : queue;
  }

  /** Ends the subscriptions, and removes the queues, of routes that are no more. */
  async sweep(): Promise<void> {
    const { queues, location, sns } = this.#options;
    const kept = new Set([...this.#wanted].map(([route, topicName]) => queueName(route, topicName)));
    for (const queue of queues.list(location)) {
      if (!queue.core.name.startsWith(prefix) || !isFeed(queue) || kept.has(queue.core.name)) continue;
      for (const subscription of sns.subscriptions.list(location)) {
        if (subscription.endpoint === queue.arn) await sns.subscriptions.unsubscribe(subscription, undefined);
      }
      await queues.delete(queue);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await Promise.allSettled(this.#making.values());
  }

  #topic(name: string): Topic | undefined {
    const { sns, location } = this.#options;
    return sns.topics.find(topicArn(location, name));
  }

  /** Topics come and go through their API. */
  #look(): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(lookMs, () => {
      for (const [route, topicName] of this.#wanted) {
        if (this.find(route) !== undefined || this.#making.has(route)) continue;
        this.#ensure(route, topicName).catch((error: unknown) => {
          this.#options.log.warn({ err: error, route }, 'subscribe a route to its topic');
        });
      }
      this.#look();
    });
  }

  async #ensure(route: string, topicName: string): Promise<void> {
    const topic = this.#topic(topicName);
    if (topic === undefined) return;
    const making = this.#make(route, topicName, topic).finally(() => this.#making.delete(route));
    this.#making.set(route, making);
    await making;
  }

  async #make(route: string, topicName: string, topic: Topic): Promise<void> {
    const { queues, location, sns } = this.#options;
    const name = queueName(route, topicName);
    const queue =
      queues.find(location, name) ??
      (await queues.create(location, name, new Map(topic.fifo ? [['FifoQueue', 'true']] : []), feedTags(route)));
    if (subscriptionOf(topic, queue) !== undefined) return;
    await sns.subscriptions.subscribe(topic, {
      protocol: 'sqs',
      endpoint: queue.arn,
      attributes: new Map([['RawMessageDelivery', 'true']]),
      account: location.account,
      origin: '',
    });
  }
}

const feedTag = 'causeway:route';

function feedTags(route: string): ReadonlyMap<string, string> {
  return new Map([[feedTag, route]]);
}

/** Whether the queue of the engine is one that a route takes a topic's messages from. */
export function isRouteFeed(queues: Queues, core: Queue): boolean {
  if (!core.name.startsWith(prefix)) return false;
  const location = locationOf(core);
  const queue = location && queues.find(location, core.name);
  return queue !== undefined && isFeed(queue);
}

/** A route's, not one that somebody gave such a name. */
function isFeed({ stored }: SqsQueue): boolean {
  return stored.tags.has(feedTag);
}

/** Of letters that SQS takes. */
function queueName(route: string, topicName: string): string {
  const suffix = topicName.endsWith(fifoSuffix) ? fifoSuffix : '';
  return prefix + route.replaceAll('.', '-').slice(0, longestName - prefix.length - suffix.length) + suffix;
}

function subscriptionOf({ subscriptions }: Topic, { arn }: SqsQueue): Subscription | undefined {
  for (const subscription of subscriptions.values()) if (subscription.endpoint === arn) return subscription;
  return undefined;
}
