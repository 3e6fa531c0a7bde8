// UNSUBSCRIBE (STOMP 1.2, "UNSUBSCRIBE"). What the subscription was sent and did not acknowledge goes back to its queue,
// and can no longer be acknowledged. With the name of a durable subscription it ends that, with what waits for it.

import { BrokerError } from '../../core/errors.ts';
import type { Browser } from './browser.ts';
import { durableNameOf, requireHeader } from './headers.ts';
import type { Session } from './session.ts';
import type { Subscription } from './subscription.ts';
import type { Frame } from './wire/frame.ts';

export function handleUnsubscribe(session: Session, frame: Frame): undefined {
  const durableName = durableNameOf(frame);
  if (durableName === undefined) session.subscriptions.end(find(session, frame));
  else endDurable(session, frame, durableName);
}

/** ActiveMQ wants an UNSUBSCRIBE without the name before, if the subscription is active; Artemis does not. */
function endDurable(session: Session, frame: Frame, name: string): void {
  const { broker, clientId, commits } = session;
  if (session.version !== '1.0') requireHeader(frame, 'id');
  const known = broker.subscriptions.find(clientId, name);
  if (known === undefined) throw new BrokerError('not-found', `there is no durable subscription "${name}"`);
  for (const subscription of session.subscriptions) {
    if (subscription.durableName === name) session.subscriptions.end(subscription);
  }
  if (broker.subscriptions.find(clientId, name)?.active === true) {
    throw new BrokerError('not-allowed', `another connection receives from durable subscription "${name}"`);
  }
  commits.await(broker.subscriptions.unsubscribe(clientId, name));
}

function find(session: Session, frame: Frame): Subscription | Browser {
  const id = session.version === '1.0' ? frame.headers.get('id') : requireHeader(frame, 'id');
  if (id !== undefined) {
    // "This header MUST match the subscription identifier of an existing subscription."
    const subscription = session.subscriptions.get(id);
    if (subscription === undefined) throw new BrokerError('not-found', `there is no subscription "${id}"`);
    return subscription;
  }
  // 1.0: "It requires either a destination header or an id header".
  const wanted = session.names.textOf(session.names.source(requireHeader(frame, 'destination')).destinations);
  for (const subscription of session.subscriptions) if (subscription.destination === wanted) return subscription;
  throw new BrokerError('not-found', `there is no subscription to "${wanted}"`);
}
