// UNSUBSCRIBE (STOMP 1.2, "UNSUBSCRIBE"). What the subscription was sent and did not acknowledge goes back to its queue,
// and can no longer be acknowledged.

import { BrokerError } from '../../core/errors.ts';
import { formatDestination, parseDestination } from './destination.ts';
import { requireHeader } from './headers.ts';
import type { Session } from './session.ts';
import type { Subscription } from './subscription.ts';
import type { Frame } from './wire/frame.ts';

export function handleUnsubscribe(session: Session, frame: Frame): undefined {
  for (const name of ['activemq.subscriptionName', 'durable-subscription-name', 'durable-subscriber-name']) {
    if (frame.headers.has(name)) throw new BrokerError('unsupported', 'durable subscriptions are not supported');
  }
  session.unsubscribe(find(session, frame));
}

function find(session: Session, frame: Frame): Subscription {
  const id = session.version === '1.0' ? frame.headers.get('id') : requireHeader(frame, 'id');
  if (id !== undefined) {
    // "This header MUST match the subscription identifier of an existing subscription."
    const subscription = session.subscription(id);
    if (subscription === undefined) throw new BrokerError('not-found', `there is no subscription "${id}"`);
    return subscription;
  }
  // 1.0: "It requires either a destination header or an id header".
  const destination = formatDestination(parseDestination(requireHeader(frame, 'destination')));
  for (const subscription of session.subscriptions()) {
    if (formatDestination(subscription.destination) === destination) return subscription;
  }
  throw new BrokerError('not-found', `there is no subscription to "${destination}"`);
}
