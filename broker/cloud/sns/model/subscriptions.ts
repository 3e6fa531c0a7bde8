// The directory of subscriptions: makes, confirms, changes and ends them. What anyone sees is what the store holds.

import { randomBytes, randomUUID } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Location } from '../../sqs/model/arn.ts';
import { checkElements, readArn } from './arn.ts';
import { confirm } from './confirmations.ts';
import type { Addressed, ConfirmationContext } from './confirmations.ts';
import { mustConfirm, takesLargeMessages } from './endpoints.ts';
import {
  invalidParameter,
  refusal,
  subscriptionDoesNotExist,
  topicDoesNotExist,
  translateAttribute,
} from './errors.ts';
import { limits } from './limits.ts';
import { decode, encode, recordTypes } from './record-codec.ts';
import type { SubscriptionRecord } from './record-codec.ts';
import { Subscription } from './subscription.ts';
import { agrees, apply, isKnown } from './subscription-attributes.ts';
import type { Topic } from './topic.ts';
import type { Topics } from './topics.ts';
import type { Turns } from './turns.ts';

export interface Request {
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of who asks. */
  readonly account: string;
  readonly origin: string;
}

export class Subscriptions {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #topics: Topics;
  readonly #confirmations: ConfirmationContext;
  readonly #onReplay: (subscription: Subscription) => void;
  readonly #byArn = new Map<string, Subscription>();
  /** Those that were unsubscribed by their endpoint, and may be restored by it, as well. */
  readonly #byToken = new Map<string, Subscription>();

  /** `onReplay` is called for a subscription whose replay is to begin, or to end. */
  constructor(
    broker: Broker,
    clock: Clock,
    turns: Turns,
    topics: Topics,
    confirmations: ConfirmationContext,
    onReplay: (subscription: Subscription) => void,
  ) {
    this.#broker = broker;
    this.#clock = clock;
    this.#turns = turns;
    this.#topics = topics;
    this.#confirmations = confirmations;
    this.#onReplay = onReplay;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#broker.store.readRecords(recordTypes.subscription)) {
      const record = decode<SubscriptionRecord>(value);
      this.#place(new Subscription(key, this.#topicOf(record), record));
    }
  }

  find(arn: string): Subscription | undefined {
    return this.#byArn.get(arn);
  }

  /** @throws AwsError NotFound; InvalidParameter for what is no ARN. */
  at(arn: string): Subscription {
    checkElements('SubscriptionArn', arn);
    const subscription = this.#byArn.get(arn);
    if (subscription === undefined) throw subscriptionDoesNotExist();
    return subscription;
  }

  /** The caller's in a region, by ARN; those whose topic was deleted are not listed. */
  list({ account, region }: Location): Subscription[] {
    const prefix = `arn:aws:sns:${region}:`;
    return [...this.#byArn.values()]
      .filter(({ arn, record, topic }) => topic !== undefined && record.owner === account && arn.startsWith(prefix))
      .sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  /**
   * Subscribes, or finds the subscription that is there and does not differ from what is asked.
   * @throws AwsError as Subscribe does; BrokerError as Store.write does.
   */
  subscribe(topic: Topic, request: Request): Promise<Subscription> {
    const { protocol, endpoint, attributes: given } = request;
    checkTopicTakes(topic, protocol, endpoint);
    const attributes = this.#told(topic, {}, given, request, 'created');
    return this.#turns.take(topic.arn, async () => {
      if (topic.deleted) throw topicDoesNotExist();
      const existing = [...topic.subscriptions.values()].find(
        (other) => other.protocol === protocol && other.endpoint === endpoint,
      );
      if (existing !== undefined) {
        if (!agrees(existing.record.attributes, given, attributes)) {
          throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
        }
        if (existing.record.pending) await this.#remind(topic, existing, request.origin);
        return existing;
      }
      const pending = mustConfirm(protocol, endpoint, request.account);
      const record: SubscriptionRecord = {
        topicArn: topic.arn,
        protocol,
        endpoint,
        owner: request.account,
        attributes,
        createdAt: this.#clock.now(),
        pending,
        token: makeToken(),
        authenticated: !pending,
        authenticateOnUnsubscribe: !pending,
      };
      return this.#add(topic, record, request.origin);
    });
  }

  /** @throws AwsError InvalidParameter for a token that none of ours is. */
  async confirm(token: string, region: string, signed: boolean, authenticate: boolean): Promise<Subscription> {
    const subscription = this.#byToken.get(token);
    const topic = subscription?.topic;
    if (subscription === undefined || topic === undefined || this.#isTooLate(subscription.record)) {
      throw invalidParameter('Token');
    }
    if (topic.location.region !== region) throw invalidParameter('Topic');
    await this.#turns.take(topic.arn, async () => {
      const { record } = subscription;
      const { unsubscribedAt, ...rest } = record;
      if (!record.pending && unsubscribedAt === undefined) return;
      const confirmed = {
        ...rest,
        pending: false,
        authenticated: signed,
        authenticateOnUnsubscribe: signed && authenticate,
      };
      await this.#save(subscription, confirmed, () => {
        subscription.deleted = false;
        this.#place(subscription);
      });
    });
    return subscription;
  }

  /** @throws AwsError as SetSubscriptionAttributes does. */
  async setAttribute(subscription: Subscription, name: string, value: string): Promise<void> {
    if (!isKnown(name)) throw invalidParameter('AttributeName');
    await this.change(subscription, (record) => {
      const given = new Map([[name, value]]);
      const attributes = this.#told(subscription.topic, record.attributes, given, subscription, 'set');
      return { ...record, attributes };
    });
    if (name === 'ReplayPolicy') this.#onReplay(subscription);
  }

  /** `next` is asked when the changes before are in the store. */
  change(subscription: Subscription, next: (record: SubscriptionRecord) => SubscriptionRecord): Promise<void> {
    return this.#turns.take(subscription.record.topicArn, async () => {
      if (subscription.deleted) throw subscriptionDoesNotExist();
      await this.#save(subscription, next(subscription.record));
    });
  }

  /** `by`: undefined for its owner; otherwise its endpoint, which is told how to restore it. */
  async unsubscribe(subscription: Subscription, by: { readonly origin: string } | undefined): Promise<void> {
    const { topic } = subscription;
    await this.#turns.take(subscription.record.topicArn, async () => {
      if (subscription.deleted) return;
      const farewell =
        by === undefined || topic === undefined ? undefined : await this.#farewell(topic, subscription, by.origin);
      const transaction = this.#broker.transaction();
      if (topic !== undefined && !topic.deleted) {
        const counted = { ...topic.record, deleted: topic.record.deleted + 1 };
        transaction.record(recordTypes.topic, topic.arn, encode(counted));
        transaction.afterCommit(() => (topic.record = counted));
      }
      const kept = farewell?.record;
      transaction.record(recordTypes.subscription, subscription.arn, kept === undefined ? undefined : encode(kept));
      farewell?.send(transaction);
      transaction.afterCommit(() => {
        this.#displace(subscription);
        if (kept !== undefined) {
          subscription.record = kept;
          this.#byToken.set(kept.token, subscription);
        }
      });
      await transaction.commit();
      await this.#confirmations.outbox.forget(subscription.arn);
    });
  }

  /** Its topic was deleted: the subscriptions can be looked at for some time, but nothing comes any more. */
  async orphan(topic: Topic): Promise<void> {
    const transaction = this.#broker.transaction();
    const subscriptions = [...topic.subscriptions.values()];
    for (const subscription of subscriptions) {
      const record = { ...subscription.record, orphanedAt: this.#clock.now() };
      transaction.record(recordTypes.subscription, subscription.arn, encode(record));
      transaction.afterCommit(() => {
        this.#displace(subscription);
        this.#place(new Subscription(subscription.arn, undefined, record));
      });
    }
    await transaction.commit();
    for (const { arn } of subscriptions) await this.#confirmations.outbox.forget(arn);
  }

  /** Forgets what has not been confirmed in time, and what was kept only to be looked at. */
  async sweep(): Promise<void> {
    const transaction = this.#broker.transaction();
    for (const subscription of new Set([...this.#byArn.values(), ...this.#byToken.values()])) {
      const { record, arn } = subscription;
      const isKept = record.pending || record.orphanedAt !== undefined || record.unsubscribedAt !== undefined;
      if (!isKept || !this.#isTooLate(record)) continue;
      transaction.record(recordTypes.subscription, arn, undefined);
      transaction.afterCommit(() => this.#displace(subscription));
    }
    await transaction.commit();
  }

  // ---- private

  #topicOf(record: SubscriptionRecord): Topic | undefined {
    return record.orphanedAt === undefined ? this.#topics.find(record.topicArn) : undefined;
  }

  #place(subscription: Subscription): void {
    const { record, arn, topic } = subscription;
    this.#byToken.set(record.token, subscription);
    if (record.unsubscribedAt !== undefined) {
      subscription.deleted = true;
      return;
    }
    this.#byArn.set(arn, subscription);
    topic?.subscriptions.set(arn, subscription);
    if (record.attributes['ReplayPolicy'] !== undefined) this.#onReplay(subscription);
  }

  #displace(subscription: Subscription): void {
    const { arn, record, topic } = subscription;
    subscription.deleted = true;
    if (this.#byArn.get(arn) === subscription) this.#byArn.delete(arn);
    if (this.#byToken.get(record.token) === subscription) this.#byToken.delete(record.token);
    if (topic?.subscriptions.get(arn) === subscription) topic.subscriptions.delete(arn);
  }

  #told(
    topic: Topic | undefined,
    told: Readonly<Record<string, string>>,
    given: ReadonlyMap<string, string>,
    { protocol, endpoint }: { readonly protocol: string; readonly endpoint: string },
    when: 'created' | 'set',
  ): Readonly<Record<string, string>> {
    const subscribed = { protocol, endpoint, fifoTopic: topic?.fifo === true, archived: topic?.isArchived === true };
    try {
      return apply(told, given, subscribed);
    } catch (error) {
      throw translateAttribute(error, when);
    }
  }

  async #add(topic: Topic, record: SubscriptionRecord, origin: string): Promise<Subscription> {
    const subscription = new Subscription(`${topic.arn}:${randomUUID()}`, topic, record);
    const send = record.pending ? await this.#confirmation(topic, subscription, record.token, origin) : undefined;
    const transaction = this.#broker.transaction();
    transaction.record(recordTypes.subscription, subscription.arn, encode(record));
    send?.(transaction);
    transaction.afterCommit(() => this.#place(subscription));
    await transaction.commit();
    return subscription;
  }

  async #save(subscription: Subscription, record: SubscriptionRecord, effect?: () => void): Promise<void> {
    const transaction = this.#broker.transaction();
    transaction.record(recordTypes.subscription, subscription.arn, encode(record));
    transaction.afterCommit(() => {
      subscription.record = record;
      effect?.();
    });
    await transaction.commit();
  }

  async #remind(topic: Topic, subscription: Subscription, origin: string): Promise<void> {
    const send = await this.#confirmation(topic, subscription, subscription.record.token, origin);
    const transaction = this.#broker.transaction();
    send(transaction);
    await transaction.commit();
  }

  /** Only endpoints that were asked are told. */
  async #farewell(
    topic: Topic,
    subscription: Subscription,
    origin: string,
  ): Promise<{ readonly record: SubscriptionRecord; readonly send: Awaited<ReturnType<typeof confirm>> } | undefined> {
    const { record } = subscription;
    if (record.pending || !mustConfirm(record.protocol, record.endpoint, record.owner)) return undefined;
    const kept = { ...record, token: makeToken(), unsubscribedAt: this.#clock.now() };
    const to = addressed(topic, subscription, kept.token, origin);
    return { record: kept, send: await confirm('UnsubscribeConfirmation', to, this.#confirmations) };
  }

  #confirmation(topic: Topic, subscription: Subscription, token: string, origin: string): ReturnType<typeof confirm> {
    return confirm('SubscriptionConfirmation', addressed(topic, subscription, token, origin), this.#confirmations);
  }

  #isTooLate({ pending, createdAt, orphanedAt, unsubscribedAt }: SubscriptionRecord): boolean {
    const since = orphanedAt ?? unsubscribedAt ?? (pending ? createdAt : Infinity);
    return this.#clock.now() - since > limits.confirmationMs;
  }
}

function addressed(topic: Topic, subscription: Subscription, token: string, origin: string): Addressed {
  const { arn: subscriptionArn, protocol, endpoint } = subscription;
  return {
    protocol,
    endpoint,
    topicArn: topic.arn,
    subscriptionArn,
    token,
    signatureVersion: topic.signatureVersion,
    origin,
    senderName: topic.senderName,
  };
}

/** @throws AwsError InvalidParameter. */
function checkTopicTakes(topic: Topic, protocol: string, endpoint: string): void {
  const isFifoQueue = protocol === 'sqs' && endpoint.endsWith('.fifo');
  if (isFifoQueue && !topic.fifo) {
    throw invalidParameter(
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  }
  if (topic.fifo && protocol !== 'sqs') {
    throw invalidParameter('Invalid parameter: Endpoint Reason: Please use FIFO SQS queue');
  }
  if (topic.maximumMessageBytes <= limits.messageBytes) return;
  if (!takesLargeMessages(protocol)) {
    throw invalidParameter(`Protocol Reason: ${protocol} is not supported for topics with large messages`);
  }
  if (topic.subscriptions.size >= limits.largeMessageSubscriptions) {
    throw refusal('InvalidParameter', 'Invalid parameter: TopicArn Reason: too many subscriptions for large messages');
  }
}

/** `TOPIC:ID`. @throws AwsError InvalidParameter. */
export function checkArn(arn: string): void {
  readArn('SubscriptionArn', arn);
  if (arn.split(':').length < 7) throw invalidParameter('SubscriptionId');
}

function makeToken(): string {
  return randomBytes(144).toString('hex');
}
