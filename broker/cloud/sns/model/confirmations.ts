// The messages by which a subscription is confirmed, and those that tell an endpoint that it was unsubscribed.

import { hash, randomUUID } from 'node:crypto';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock } from '../../../util/clock.ts';
import { parseArn } from '../../sqs/model/arn.ts';
import { confirmationBody, confirmationText } from './envelope.ts';
import type { Confirmation } from './envelope.ts';
import type { Mailbox } from './mailbox.ts';
import { noAttributes } from './message-attributes.ts';
import type { Outbox } from './outbox.ts';
import type { Relay } from './relay.ts';
import type { Signer } from './signer.ts';
import type { SqsDelivery } from './sqs-delivery.ts';

export interface Addressed {
  readonly protocol: string;
  readonly endpoint: string;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly token: string;
  readonly signatureVersion: string;
  readonly origin: string;
  /** What mails say they come from. */
  readonly senderName: string;
}

export interface ConfirmationContext {
  readonly clock: Clock;
  readonly signer: Signer;
  readonly mailbox: Mailbox;
  readonly outbox: Outbox;
  readonly sqs: SqsDelivery;
  /** Undefined: mail goes into the mailbox, and nowhere else. */
  readonly relay: () => Relay | undefined;
}

/** What sends the confirmation, as part of a transaction; it is signed by the time this resolves. */
export async function confirm(
  type: Confirmation['type'],
  to: Addressed,
  { clock, signer, mailbox, outbox, sqs, relay }: ConfirmationContext,
): Promise<(transaction: Transaction) => void> {
  const { protocol, endpoint, topicArn, subscriptionArn, token, origin } = to;
  const now = clock.now();
  const { account = '', region = '' } = parseArn(topicArn) ?? {};
  const confirmation = { type, id: randomUUID(), token, topicArn, subscriptionArn, timestamp: now, origin };
  const signature = await signer.sign(confirmationText(confirmation), to.signatureVersion);
  const body = confirmationBody(confirmation, signature);
  if (protocol === 'http' || protocol === 'https') {
    const md5 = hash('md5', body, 'hex');
    const post = { id: confirmation.id, endpoint, topicArn, subscriptionArn, body, raw: false, md5, attributes: [] };
    return (transaction) => outbox.send(transaction, { ...post, kind: type, publishedAt: now });
  }
  if (protocol === 'sqs') {
    const bytes = Buffer.from(body);
    const message = {
      body: bytes,
      sizeBytes: bytes.length,
      attributes: noAttributes,
      groupId: type,
      ordered: true,
      deduplicationId: confirmation.id,
      traceHeader: undefined,
    };
    const arn = parseArn(endpoint);
    const queue = arn === undefined ? '' : sqs.target(arn, message);
    const isPermitted =
      typeof queue !== 'string' && sqs.permits(queue, { arn: topicArn, location: { account, region } });
    return (transaction) => {
      if (isPermitted) sqs.put(transaction, [queue], message, now);
    };
  }
  const subject = `AWS Notification - ${type === 'SubscriptionConfirmation' ? 'Subscription' : 'Unsubscribe'} Confirmation`;
  const text = protocol === 'email-json' ? body : letter(confirmation);
  const mail = { id: confirmation.id, to: endpoint, subject, topicArn, at: now };
  return (transaction) => {
    mailbox.deliver(transaction, {
      ...mail,
      account,
      region,
      kind: protocol === 'email-json' ? 'email-json' : 'email',
      body: text,
      confirmationUrl: urlOf(confirmation),
      relayKey: relay()?.send(transaction, {
        ...mail,
        text,
        senderName: to.senderName,
        footer: '',
        subscriptionArn: '',
        md5: '',
      }),
    });
  };
}

function urlOf({ topicArn, token, origin }: Confirmation): string {
  return `${origin}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
}

function letter(confirmation: Confirmation): string {
  const { type, topicArn } = confirmation;
  const url = urlOf(confirmation);
  return type === 'SubscriptionConfirmation'
    ? `A subscription to the topic\n${topicArn}\nwas asked for this address. To confirm it, visit\n${url}\n`
    : `The subscription of this address to the topic\n${topicArn}\nhas ended. To restore it, visit\n${url}\n`;
}
