// ACK and NACK (STOMP 1.2, "ACK" and "NACK"; 1.1 and 1.0 name the message in other ways). A refused message goes to the
// dead-letter queue, as ActiveMQ does it.

import { BrokerError } from '../../core/errors.ts';
import { Browser } from './browser.ts';
import type { Delivery } from './deliveries.ts';
import { requireHeader } from './headers.ts';
import type { Session } from './session.ts';
import type { OpenTransaction } from './transaction.ts';
import type { Frame } from './wire/frame.ts';

export function handleAck(session: Session, frame: Frame): undefined {
  acknowledge(session, frame, settle);
}

export function handleNack(session: Session, frame: Frame): undefined {
  if (session.version === '1.0') throw new BrokerError('unsupported', 'STOMP 1.0 has no NACK');
  acknowledge(session, frame, refuse);
}

type Outcome = (session: Session, delivery: Delivery, own: OpenTransaction | undefined) => void;

/** About what an acknowledgement costs until it is committed. */
const overheadBytes = 64;

function settle({ broker, commits }: Session, { entry }: Delivery, own: OpenTransaction | undefined): void {
  if ((own?.core ?? commits.transaction).settle(entry)) broker.delivered += 1;
}

function refuse({ broker, commits }: Session, { entry }: Delivery, own: OpenTransaction | undefined): void {
  broker.addDeadLetter(own?.core ?? commits.transaction, entry, 'refused by its consumer (NACK)');
}

function acknowledge(session: Session, frame: Frame, outcome: Outcome): void {
  const own = session.transactionOf(frame);
  const found = session.version === '1.2' ? findByAckId(session, frame) : findByMessageId(session, frame);
  if (found === undefined) return;
  // Once more within the same transaction: nothing to add. In another, or in none, it could come to mean two things.
  if (found.transaction !== undefined && found.transaction !== own) {
    throw new BrokerError('not-allowed', 'the message is acknowledged in a transaction that is open');
  }
  const { subscription } = found;
  let count = 0;
  for (const delivery of subscription.coveredBy(found)) {
    if (delivery.transaction !== undefined) continue;
    own?.count(overheadBytes);
    outcome(session, delivery, own);
    if (own === undefined) {
      session.commits.count(overheadBytes);
      subscription.forget(delivery);
    } else {
      own.hold(delivery);
    }
    count += 1;
  }
  subscription.acknowledged(count);
  session.refreshLater(subscription);
}

/** "The ACK frame MUST include an id header matching the ack header of the MESSAGE being acknowledged." */
function findByAckId(session: Session, frame: Frame): Delivery | undefined {
  const id = requireHeader(frame, 'id');
  const [subscriptionNumber, number] = /^([0-9]{1,15})-([0-9]{1,15})$/.exec(id)?.slice(1).map(Number) ?? [];
  if (subscriptionNumber === undefined || number === undefined) throw unexpected(frame, id);
  const subscription = session.subscriptions.get(subscriptionNumber);
  if (subscription instanceof Browser) return ofBrowser(frame);
  const delivery = subscription?.byNumber(number);
  if (delivery === undefined && subscription?.wasAcknowledged(number) !== true) throw unexpected(frame, id);
  return delivery;
}

/** 1.1: by `message-id` and `subscription`. 1.0: by `message-id` alone, though `subscription` may help. */
function findByMessageId(session: Session, frame: Frame): Delivery | undefined {
  const id = requireHeader(frame, 'message-id');
  const subscriptionId =
    session.version === '1.0' ? frame.headers.get('subscription') : requireHeader(frame, 'subscription');
  const named = subscriptionId === undefined ? undefined : session.subscriptions.get(subscriptionId);
  if (subscriptionId !== undefined && named === undefined) {
    throw new BrokerError('not-found', `there is no subscription "${subscriptionId}"`);
  }
  let wasAcknowledged = false;
  for (const subscription of named === undefined ? session.subscriptions : [named]) {
    if (subscription instanceof Browser) {
      if (subscription === named) return ofBrowser(frame);
      continue;
    }
    const delivery = subscription.byMessageId(id);
    if (delivery !== undefined) return delivery;
    wasAcknowledged ||= subscription.wasAcknowledged(id);
  }
  if (!wasAcknowledged) throw unexpected(frame, id);
  return undefined;
}

/** There is nothing to acknowledge of what it shows, and nothing to refuse. @throws BrokerError `not-allowed`. */
function ofBrowser({ command }: Frame): undefined {
  if (command === 'NACK') throw new BrokerError('not-allowed', 'NACK of what a browser shows, which it does not take');
}

function unexpected({ command }: Frame, id: string): BrokerError {
  return new BrokerError('not-found', `${command} of "${id}", which is not the id of a message to acknowledge`);
}
