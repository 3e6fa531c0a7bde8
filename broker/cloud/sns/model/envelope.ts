// The JSON that subscribers get (Developer Guide, "Parsing Amazon SNS message formats"), member by member in AWS's order,
// and the texts that are signed for it.

import type { Attributes } from './message-attributes.ts';
import type { PublicationData } from './publication.ts';
import type { Signature } from './signer.ts';

/** A notification: the body that subscriptions get, each its own. Most of it is the same for all, and made once. */
export class Notification {
  readonly #head: string;
  readonly #tail: string;
  readonly #origin: string;
  #bytes: { readonly head: Buffer; readonly tail: Buffer } | undefined;

  /** What comes before and after the URL that differs. */
  constructor(head: string, tail: string, origin: string) {
    this.#head = head;
    this.#tail = tail;
    this.#origin = origin;
  }

  textFor(subscriptionArn: string): string {
    return this.#head + this.#urlFor(subscriptionArn) + this.#tail;
  }

  /** The UTF-8 of the text. */
  bytesFor(subscriptionArn: string): Buffer {
    this.#bytes ??= { head: Buffer.from(this.#head), tail: Buffer.from(this.#tail) };
    const { head, tail } = this.#bytes;
    return Buffer.concat([head, Buffer.from(this.#urlFor(subscriptionArn)), tail]);
  }

  #urlFor(subscriptionArn: string): string {
    return JSON.stringify(unsubscribeUrl(this.#origin, subscriptionArn));
  }
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** What is signed of a notification. */
export function notificationText(topicArn: string, data: PublicationData, message: string): string {
  return signed([
    ['Message', message],
    ['MessageId', data.id],
    ['Subject', data.subject],
    ['Timestamp', isoTime(data.timestamp)],
    ['TopicArn', topicArn],
    ['Type', 'Notification'],
  ]);
}

/** `signature`: undefined for FIFO topics, whose notifications have none. */
export function notification(
  topicArn: string,
  data: PublicationData,
  message: string,
  signature: Signature | undefined,
): Notification {
  const head = lines([
    ['Type', 'Notification'],
    ['MessageId', data.id],
    ['SequenceNumber', data.sequenceNumber],
    ['TopicArn', topicArn],
    ['Subject', data.subject],
    ['Message', message],
    ['Timestamp', isoTime(data.timestamp)],
    ...signatureLines(signature, data.origin),
  ]);
  const replayed = data.replayed ? ',\n  "Replayed" : true' : '';
  const tail = `${attributeLines(data.attributes)}${replayed}\n}`;
  return new Notification(`{\n${head},\n  "UnsubscribeURL" : `, tail, data.origin);
}

export function unsubscribeUrl(origin: string, subscriptionArn: string): string {
  return `${origin}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}

/** A SubscriptionConfirmation or UnsubscribeConfirmation. */
export interface Confirmation {
  readonly type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  readonly id: string;
  readonly token: string;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly timestamp: number;
  readonly origin: string;
}

export function confirmationText(confirmation: Confirmation): string {
  const { id, token, topicArn, timestamp, type } = confirmation;
  return signed([
    ['Message', messageOf(confirmation)],
    ['MessageId', id],
    ['SubscribeURL', subscribeUrl(confirmation)],
    ['Timestamp', isoTime(timestamp)],
    ['Token', token],
    ['TopicArn', topicArn],
    ['Type', type],
  ]);
}

export function confirmationBody(confirmation: Confirmation, signature: Signature): string {
  const { id, token, topicArn, timestamp, type, origin } = confirmation;
  const members = lines([
    ['Type', type],
    ['MessageId', id],
    ['Token', token],
    ['TopicArn', topicArn],
    ['Message', messageOf(confirmation)],
    ['SubscribeURL', subscribeUrl(confirmation)],
    ['Timestamp', isoTime(timestamp)],
    ...signatureLines(signature, origin),
  ]);
  return `{\n${members}\n}`;
}

function messageOf({ type, topicArn, subscriptionArn }: Confirmation): string {
  return type === 'SubscriptionConfirmation'
    ? `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL ` +
        'included in this message.'
    : `You have chosen to deactivate subscription ${subscriptionArn}.\nTo cancel this operation and restore the ` +
        'subscription, visit the SubscribeURL included in this message.';
}

function subscribeUrl({ origin, topicArn, token }: Confirmation): string {
  return `${origin}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
}

type Member = readonly [name: string, value: string | undefined];

function signatureLines(signature: Signature | undefined, origin: string): readonly Member[] {
  if (signature === undefined) return [];
  return [
    ['SignatureVersion', signature.version],
    ['Signature', signature.value],
    ['SigningCertURL', origin + signature.certificatePath],
  ];
}

function attributeLines(attributes: Attributes): string {
  if (attributes.size === 0) return '';
  const members: string[] = [];
  for (const [name, { DataType, StringValue, BinaryValue }] of attributes) {
    const value = BinaryValue === undefined ? (StringValue ?? '') : Buffer.from(BinaryValue).toString('base64');
    members.push(`    ${JSON.stringify(name)} : ${JSON.stringify({ Type: DataType, Value: value })}`);
  }
  return `,\n  "MessageAttributes" : {\n${members.join(',\n')}\n  }`;
}

function lines(members: readonly Member[]): string {
  return members
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  "${name}" : ${JSON.stringify(value)}`)
    .join(',\n');
}

function signed(members: readonly Member[]): string {
  return members.map(([name, value]) => (value === undefined ? '' : `${name}\n${value}\n`)).join('');
}
