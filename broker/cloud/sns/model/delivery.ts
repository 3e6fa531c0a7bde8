// Delivers a publication to subscriptions, all in one transaction: into queues, into the outbox for HTTP, into the
// mailbox; and into a subscription's dead-letter queue what its endpoint cannot be given.

import { hash } from 'node:crypto';
import type { Message } from '../../../core/message.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock } from '../../../util/clock.ts';
import { attributesSize, toAttribute, toProperties } from '../../sqs/model/message-attributes.ts';
import type { DigestedAttribute } from '../../sqs/md5.ts';
import type { SqsQueue } from '../../sqs/model/sqs-queue.ts';
import type { DeliveryLog, Result } from './delivery-log.ts';
import { notification, notificationText, unsubscribeUrl } from './envelope.ts';
import type { Notification } from './envelope.ts';
import { accepts } from './filter-policy.ts';
import { limits } from './limits.ts';
import type { Mailbox, MailKind } from './mailbox.ts';
import { noAttributes } from './message-attributes.ts';
import { attributesOf } from './outbox.ts';
import type { Ended, Outbox } from './outbox.ts';
import type { Platforms } from './platforms.ts';
import type { Publication } from './publication.ts';
import type { Relay } from './relay.ts';
import type { SendingRates } from './sending-rates.ts';
import type { Signer } from './signer.ts';
import type { QueueMessage, SqsDelivery } from './sqs-delivery.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topic.ts';

export interface DeliveryContext {
  readonly clock: Clock;
  readonly signer: Signer;
  readonly sqs: SqsDelivery;
  readonly outbox: () => Outbox;
  /** Undefined: mail goes into the mailbox, and nowhere else. */
  readonly relay: () => Relay | undefined;
  readonly mailbox: Mailbox;
  readonly platforms: Platforms;
  readonly deliveries: DeliveryLog;
  readonly rates: SendingRates;
}

/** A publication with what is said of it to those who get it; by message, as that differs between protocols. */
export type Prepared = ReadonlyMap<string, Notification>;

const accepted: Result = { statusCode: 200, response: 'accepted' };

export class Delivery {
  readonly #context: DeliveryContext;

  constructor(context: DeliveryContext) {
    this.#context = context;
  }

  /** Who of the topic gets the publication. */
  recipients(topic: Topic, publication: Publication): readonly Subscription[] {
    const found: Subscription[] = [];
    for (const subscription of topic.subscriptions.values()) {
      if (subscription.record.pending || subscription.replaying) continue;
      if (wants(subscription, publication)) found.push(subscription);
      else topic.metrics.NumberOfNotificationsFilteredOut++;
    }
    return found;
  }

  /** Signs what must be signed, which takes time; there may be nothing. FIFO topics do not sign. */
  prepare(topic: Topic, publication: Publication, to: readonly Subscription[]): Prepared | Promise<Prepared> {
    const messages = messagesFor(publication, to);
    return messages.size === 0 ? noneInEnvelopes : this.#sign(topic, publication, messages);
  }

  prepareUnsigned(topic: Topic, publication: Publication, to: readonly Subscription[]): Prepared {
    const prepared = new Map<string, Notification>();
    for (const message of messagesFor(publication, to)) {
      prepared.set(message, notification(topic.arn, publication.data, message, undefined));
    }
    return prepared;
  }

  add(
    transaction: Transaction,
    topic: Topic,
    publication: Publication,
    to: readonly Subscription[],
    prepared: Prepared,
  ): void {
    const shared: SqsQueue[] = [];
    let raw: QueueMessage | undefined;
    for (const subscription of to) {
      switch (subscription.protocol) {
        case 'sqs': {
          const given = queueMessage(topic, publication, prepared, subscription);
          const target = this.#queueFor(subscription, given);
          if (typeof target === 'string') {
            this.#fail(transaction, topic, publication, subscription, given, { statusCode: 400, response: target });
          } else if (!this.#context.sqs.permits(target, topic)) {
            this.#fail(transaction, topic, publication, subscription, given, accessDenied(target));
          } else {
            // A raw message is the same for all queues: it is put into them together, and stored once.
            if (subscription.raw) {
              raw = given;
              shared.push(target);
            } else {
              this.#context.sqs.put(transaction, [target], given, this.#context.clock.now());
            }
            this.#succeeded(transaction, topic, publication, subscription);
          }
          break;
        }
        case 'http':
        case 'https':
          this.#post(transaction, topic, publication, subscription, textFor(publication, prepared, subscription));
          break;
        case 'email':
        case 'email-json':
        case 'sms':
          this.#mail(transaction, topic, publication, subscription.protocol, subscription, prepared);
          break;
        case 'application':
          this.#push(transaction, topic, publication, subscription);
          break;
        default: {
          // Neither functions nor delivery streams are here.
          const given = queueMessage(topic, publication, prepared, subscription);
          const response = `the endpoint ${subscription.endpoint} cannot be reached`;
          this.#fail(transaction, topic, publication, subscription, given, { statusCode: 404, response });
        }
      }
    }
    if (raw !== undefined) this.#context.sqs.put(transaction, shared, raw, this.#context.clock.now());
  }

  /** The outbox has delivered. */
  posted(transaction: Transaction, ended: Ended): void {
    const { topic } = ended.subscription;
    if (topic === undefined) return;
    topic.metrics.NumberOfNotificationsDelivered++;
    this.#context.deliveries.succeeded(transaction, attemptedOf(topic, ended), resultOf(ended));
  }

  /** The outbox has given up. */
  undeliverable(transaction: Transaction, ended: Ended): void {
    const { subscription, message } = ended;
    const { topic } = subscription;
    if (topic === undefined) return;
    const attributes = attributesFrom(message);
    const given = {
      body: message.body,
      sizeBytes: message.body.length + attributesSize(attributes),
      attributes,
      groupId: message.groupId,
      ordered: false,
      deduplicationId: undefined,
      traceHeader: undefined,
    };
    this.#bury(transaction, subscription, given);
    topic.metrics.NumberOfNotificationsFailed++;
    this.#context.deliveries.failed(transaction, attemptedOf(topic, ended), resultOf(ended));
  }

  // ---- private

  async #sign(topic: Topic, publication: Publication, messages: ReadonlySet<string>): Promise<Prepared> {
    const prepared = new Map<string, Notification>();
    for (const message of messages) {
      const text = notificationText(topic.arn, publication.data, message);
      const signature = await this.#context.signer.sign(text, topic.signatureVersion);
      prepared.set(message, notification(topic.arn, publication.data, message, signature));
    }
    return prepared;
  }

  #queueFor(subscription: Subscription, given: QueueMessage): SqsQueue | string {
    if (given.attributes.size > limits.rawAttributes) {
      return `Number of message attributes [${given.attributes.size}] exceeds the allowed maximum [${limits.rawAttributes}].`;
    }
    const { queueArn } = subscription;
    return queueArn === undefined ? 'The specified queue does not exist.' : this.#context.sqs.target(queueArn, given);
  }

  #post(transaction: Transaction, topic: Topic, { data }: Publication, subscription: Subscription, body: string): void {
    this.#context.outbox().send(transaction, {
      kind: 'Notification',
      id: data.id,
      endpoint: subscription.endpoint,
      topicArn: topic.arn,
      subscriptionArn: subscription.arn,
      body,
      raw: subscription.raw,
      md5: hash('md5', data.message, 'hex'),
      attributes: subscription.raw ? toProperties(data.attributes, noAttributes) : [],
      publishedAt: data.timestamp,
    });
  }

  #mail(
    transaction: Transaction,
    topic: Topic,
    publication: Publication,
    kind: MailKind,
    subscription: Subscription,
    prepared: Prepared,
  ): void {
    const { data } = publication;
    if (kind === 'sms') this.#context.rates.text(topic.location, data.attributes);
    else this.#context.rates.mail(topic.arn);
    const subject = data.subject ?? 'AWS Notification Message';
    const body = kind === 'email-json' ? textFor(publication, prepared, subscription) : publication.messageFor(kind);
    const mail = { id: data.id, to: subscription.endpoint, topicArn: topic.arn, at: data.timestamp };
    const relayKey =
      kind === 'sms'
        ? undefined
        : this.#context.relay()?.send(transaction, {
            ...mail,
            subject,
            text: body,
            footer: kind === 'email' ? footer(unsubscribeUrl(data.origin, subscription.arn)) : '',
            senderName: topic.senderName,
            subscriptionArn: subscription.arn,
            md5: hash('md5', data.message, 'hex'),
          });
    // By the relay it is delivered once that has taken it.
    if (relayKey === undefined) topic.metrics.NumberOfNotificationsDelivered++;
    this.#context.mailbox.deliver(transaction, {
      ...topic.location,
      ...mail,
      kind,
      subject: kind === 'sms' ? undefined : subject,
      body,
      relayKey,
    });
  }

  #push(transaction: Transaction, topic: Topic, publication: Publication, subscription: Subscription): void {
    const refusal = this.#context.platforms.refusalOf(subscription.endpoint);
    if (refusal === undefined) {
      this.#context.platforms.push(transaction, subscription.endpoint, publication, topic.arn);
      this.#succeeded(transaction, topic, publication, subscription);
      return;
    }
    const given = queueMessage(topic, publication, noneInEnvelopes, subscription);
    this.#fail(transaction, topic, publication, subscription, given, { statusCode: 400, response: refusal.message });
  }

  #succeeded(transaction: Transaction, topic: Topic, publication: Publication, subscription: Subscription): void {
    topic.metrics.NumberOfNotificationsDelivered++;
    this.#context.deliveries.succeeded(transaction, attempted(topic, publication, subscription), accepted);
  }

  #fail(
    transaction: Transaction,
    topic: Topic,
    publication: Publication,
    subscription: Subscription,
    given: QueueMessage,
    result: Result,
  ): void {
    this.#bury(transaction, subscription, given);
    topic.metrics.NumberOfNotificationsFailed++;
    this.#context.deliveries.failed(transaction, attempted(topic, publication, subscription), result);
  }

  #bury(transaction: Transaction, { deadLetterArn, topic }: Subscription, given: QueueMessage): void {
    if (deadLetterArn === undefined) return;
    const { sqs, clock } = this.#context;
    const queue = sqs.target(deadLetterArn, given);
    if (typeof queue === 'string' || (topic !== undefined && !sqs.permits(queue, topic))) {
      if (topic !== undefined) topic.metrics.NumberOfNotificationsFailedToRedriveToDlq++;
      return;
    }
    if (topic !== undefined) topic.metrics.NumberOfNotificationsRedrivenToDlq++;
    sqs.put(transaction, [queue], given, clock.now());
  }
}

/** Whether the subscription's filter, if it has one, lets the publication through. */
export function wants({ filter }: Subscription, publication: Publication): boolean {
  if (filter === undefined) return true;
  const fields = filter.scope === 'MessageBody' ? publication.bodyFields : publication.attributeFields;
  return fields !== undefined && accepts(filter, fields);
}

function accessDenied({ arn }: SqsQueue): Result {
  return { statusCode: 403, response: `Access to the resource ${arn} is denied.` };
}

/** The different messages that go out in envelopes. */
function messagesFor(publication: Publication, to: readonly Subscription[]): ReadonlySet<string> {
  const messages = new Set<string>();
  for (const { raw, protocol } of to) {
    if (!raw && protocol !== 'email' && protocol !== 'sms' && protocol !== 'application') {
      messages.add(publication.messageFor(protocol));
    }
  }
  return messages;
}

/** As AWS has it, below the message: how to end the subscription. */
function footer(url: string): string {
  return `\n\n--\nThis address is subscribed to the topic. To end that, visit\n${url}\n`;
}

const noneInEnvelopes: Prepared = new Map();

/** What one subscription gets, in an envelope if there is one for it. */
function textFor(publication: Publication, prepared: Prepared, { raw, protocol, arn }: Subscription): string {
  const message = publication.messageFor(protocol);
  return raw ? message : (prepared.get(message)?.textFor(arn) ?? message);
}

/** The UTF-8 of it. */
function bytesFor(publication: Publication, prepared: Prepared, { raw, protocol, arn }: Subscription): Buffer {
  const envelope = raw ? undefined : prepared.get(publication.messageFor(protocol));
  return envelope === undefined ? publication.bytesFor(protocol) : envelope.bytesFor(arn);
}

/** Raw messages have their attributes. */
function queueMessage(
  topic: Topic,
  publication: Publication,
  prepared: Prepared,
  subscription: Subscription,
): QueueMessage {
  const { data } = publication;
  const replayed = data.replayed ? new Map([...data.attributes, ...replayedAttribute]) : data.attributes;
  const body = bytesFor(publication, prepared, subscription);
  const attributes = subscription.raw ? replayed : noAttributes;
  return {
    body,
    sizeBytes: body.length + attributesSize(attributes),
    attributes,
    groupId: data.groupId,
    ordered: topic.fifo,
    deduplicationId: data.deduplicationId,
    traceHeader: data.traceHeader,
    path: data.path,
  };
}

const replayedAttribute: ReadonlyMap<string, DigestedAttribute> = new Map([
  ['Replayed', { DataType: 'String', StringValue: 'true' }],
]);

function attempted(
  topic: Topic,
  { data }: Publication,
  subscription: Subscription,
): Parameters<DeliveryLog['failed']>[1] {
  const md5 = (): string => hash('md5', data.message, 'hex');
  return { topic, subscription, messageId: data.id, md5, publishedAt: data.timestamp };
}

function attemptedOf(topic: Topic, { message, subscription, md5 }: Ended): Parameters<DeliveryLog['failed']>[1] {
  return { topic, subscription, messageId: message.id, md5: () => md5, publishedAt: message.timestamp };
}

function resultOf({ statusCode, response, attempts }: Ended): Result {
  return { statusCode, response, attempts };
}

function attributesFrom(message: Message): ReadonlyMap<string, DigestedAttribute> {
  const attributes = new Map<string, DigestedAttribute>();
  for (const property of attributesOf(message)) {
    const attribute = toAttribute(property);
    if (attribute !== undefined) attributes.set(property.name, attribute);
  }
  return attributes;
}
