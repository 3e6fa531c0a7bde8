// A subscription: what is kept of it, and what follows from that for deliveries, worked out once for each change.

import { parseArn } from '../../sqs/model/arn.ts';
import type { Arn } from '../../sqs/model/arn.ts';
import { effectiveSubscriptionPolicy } from './delivery-policy.ts';
import type { EffectivePolicy } from './delivery-policy.ts';
import { compileFilter } from './filter-policy.ts';
import type { FilterPolicy } from './filter-policy.ts';
import type { SubscriptionRecord } from './record-codec.ts';
import { deadLetterTarget, scopeOf } from './subscription-attributes.ts';
import type { Topic } from './topic.ts';

export class Subscription {
  readonly arn: string;
  /** Undefined: its topic was deleted. */
  readonly topic: Topic | undefined;
  readonly protocol: string;
  readonly endpoint: string;
  /** The queue that is subscribed. */
  readonly queueArn: Arn | undefined;
  filter: FilterPolicy | undefined;
  raw = false;
  deadLetterArn: Arn | undefined;
  /** Newly published messages come by way of the replay, until it has caught up. */
  replaying = false;
  deleted = false;
  #record: SubscriptionRecord;
  #policy: EffectivePolicy | undefined;

  constructor(arn: string, topic: Topic | undefined, record: SubscriptionRecord) {
    this.arn = arn;
    this.topic = topic;
    this.protocol = record.protocol;
    this.endpoint = record.endpoint;
    this.queueArn = record.protocol === 'sqs' ? parseArn(record.endpoint) : undefined;
    this.#record = record;
    this.#apply();
  }

  get record(): SubscriptionRecord {
    return this.#record;
  }

  set record(record: SubscriptionRecord) {
    this.#record = record;
    this.#apply();
  }

  get isHttp(): boolean {
    return this.protocol === 'http' || this.protocol === 'https';
  }

  /** How deliveries over HTTP are made; undefined once the topic is gone. */
  get policy(): EffectivePolicy | undefined {
    this.#policy ??= this.topic?.deliveryPolicy(this.#record.attributes['DeliveryPolicy']);
    return this.#policy;
  }

  topicChanged(): void {
    this.#policy = undefined;
  }

  attributes(): ReadonlyMap<string, string> {
    const { record } = this;
    const told = record.attributes;
    const result = new Map([
      ['SubscriptionPrincipal', `arn:aws:iam::${record.owner}:user/causeway`],
      ['Owner', record.owner],
      ['RawMessageDelivery', told['RawMessageDelivery'] ?? 'false'],
      ['TopicArn', record.topicArn],
      ['Endpoint', record.endpoint],
      ['Protocol', record.protocol],
      ['PendingConfirmation', String(record.pending)],
      ['ConfirmationWasAuthenticated', String(record.authenticated)],
      ['SubscriptionArn', this.arn],
    ]);
    if (told['FilterPolicy'] !== undefined) {
      result.set('FilterPolicyScope', scopeOf(told)).set('FilterPolicy', told['FilterPolicy']);
    }
    for (const name of ['RedrivePolicy', 'DeliveryPolicy', 'SubscriptionRoleArn', 'ReplayPolicy']) {
      const value = told[name];
      if (value !== undefined) result.set(name, value);
    }
    if (told['ReplayPolicy'] !== undefined) result.set('ReplayStatus', record.replay?.status ?? 'Pending');
    if (this.isHttp) {
      const topicPolicy = this.topic?.told.get('DeliveryPolicy');
      result.set('EffectiveDeliveryPolicy', effectiveSubscriptionPolicy(topicPolicy, told['DeliveryPolicy']));
    }
    return result;
  }

  #apply(): void {
    const { attributes } = this.#record;
    const { FilterPolicy: filter, RedrivePolicy: redrive, RawMessageDelivery: raw } = attributes;
    this.filter = filter === undefined ? undefined : compileFilter(filter, scopeOf(attributes));
    this.raw = raw === 'true';
    const target = redrive === undefined ? undefined : deadLetterTarget(redrive);
    this.deadLetterArn = target === undefined ? undefined : parseArn(target);
    this.#policy = undefined;
  }
}
