// A topic: what is kept of it, and its subscriptions.

import type { Location } from '../../sqs/model/arn.ts';
import { effectivePolicy, effectiveTopicPolicy } from './delivery-policy.ts';
import { limits } from './limits.ts';
import { nothingCounted } from './metrics.ts';
import type { TopicRecord } from './record-codec.ts';
import type { Subscription } from './subscription.ts';
import { archiveDays, valueOf } from './topic-attributes.ts';
import type { Told } from './topic-attributes.ts';
import { defaultPolicy } from './topic-policy.ts';

export class Topic {
  readonly arn: string;
  readonly location: Location;
  readonly name: string;
  /** By ARN, those that await confirmation included. */
  readonly subscriptions = new Map<string, Subscription>();
  /** Publishes whose commit is under way, for who must wait for them. */
  readonly publishing = new Set<Promise<unknown>>();
  /** Publishes wait for it, where there is one. */
  gate: Promise<void> | undefined;
  deleted = false;
  readonly metrics = nothingCounted();
  #record: TopicRecord;
  #told: Told;

  constructor(arn: string, location: Location, name: string, record: TopicRecord) {
    this.arn = arn;
    this.location = location;
    this.name = name;
    this.#record = record;
    this.#told = new Map(Object.entries(record.attributes));
  }

  get record(): TopicRecord {
    return this.#record;
  }

  set record(record: TopicRecord) {
    this.#record = record;
    this.#told = new Map(Object.entries(record.attributes));
    for (const subscription of this.subscriptions.values()) subscription.topicChanged();
  }

  get told(): Told {
    return this.#told;
  }

  get fifo(): boolean {
    return this.#record.fifo;
  }

  get policy(): string {
    return this.#told.get('Policy') ?? defaultPolicy(this.arn, this.location.account);
  }

  get signatureVersion(): string {
    return valueOf(this.#told, 'SignatureVersion') ?? '1';
  }

  get maximumMessageBytes(): number {
    return Number(valueOf(this.#told, 'MaximumMessageSize') ?? limits.messageBytes);
  }

  /** What mails of the topic say they come from. */
  get senderName(): string {
    return this.#told.get('DisplayName') || 'AWS Notifications';
  }

  get isArchived(): boolean {
    return archiveDays(this.#told) !== undefined;
  }

  /** Pairs in the order in which AWS mostly lists them. */
  attributes(beginningArchiveTime: string | undefined): ReadonlyMap<string, string> {
    let pending = 0;
    for (const { record } of this.subscriptions.values()) if (record.pending) pending++;
    const result = new Map([
      ['Policy', this.policy],
      ['Owner', this.location.account],
      ['SubscriptionsPending', String(pending)],
      ['TopicArn', this.arn],
      ['EffectiveDeliveryPolicy', effectiveTopicPolicy(this.#told.get('DeliveryPolicy'))],
      ['SubscriptionsConfirmed', String(this.subscriptions.size - pending)],
      ['DisplayName', ''],
      ['SubscriptionsDeleted', String(this.#record.deleted)],
    ]);
    if (this.fifo) result.set('FifoTopic', 'true').set('ContentBasedDeduplication', 'false');
    for (const [name, value] of this.#told) result.set(name, value);
    if (beginningArchiveTime !== undefined) result.set('BeginningArchiveTime', beginningArchiveTime);
    return result;
  }

  /** How deliveries over HTTP are made to a subscription that was told `policy`. */
  deliveryPolicy(policy: string | undefined): ReturnType<typeof effectivePolicy> {
    return effectivePolicy(this.#told.get('DeliveryPolicy'), policy);
  }
}
