// SUBSCRIBE and UNSUBSCRIBE (MQTT 3.1.1, 3.8.4 and 3.10.4). A subscription takes effect at once, for what the client itself
// publishes next; it is acknowledged when the store has it, and its retained messages follow.

import type { Message } from '../../core/message.ts';
import type { Found } from '../../core/retained.ts';
import type { Transaction } from '../../core/transaction.ts';
import { subscriptionFailed } from './codec/subscribe.ts';
import type { Subscribe, Unsubscribe } from './codec/subscribe.ts';
import { retainedMark } from './delivery-qos.ts';
import type { Hub } from './hub.ts';
import type { Qos } from './codec/qos.ts';
import type { Session } from './session.ts';
import { checkFilter, isFilterRefused, swapNames } from './topic-names.ts';

/** Retained messages that one SUBSCRIBE can bring, each counted for each of its filters. */
const maxFound = 1_000_000;

/**
 * Makes the subscriptions. Resolves with the codes for SUBACK, in the order of the requests [MQTT-3.9.3-1], once they are
 * stored; rejects as Store.write does, and then none is made.
 * @throws BrokerError `invalid`, at once, for an ill-formed filter.
 */
export function handleSubscribe(hub: Hub, session: Session, { requests }: Subscribe): Promise<readonly number[]> {
  for (const { filter } of requests) checkFilter(filter);
  const transaction = hub.context.broker.transaction();
  const undo: (() => void)[] = [];
  const codes = requests.map(({ filter, qos }) => {
    const undoOne = isFilterRefused(filter) ? undefined : session.subscribe(filter, qos);
    if (undoOne === undefined) return subscriptionFailed;
    undo.push(undoOne);
    session.recordSubscription(transaction, filter, qos);
    return qos; // [MQTT-3.8.4-5]
  });
  return commitOrUndo(transaction, undo).then(() => codes);
}

/** Resolves once the store has forgotten them. @throws BrokerError `invalid`, at once. */
export function handleUnsubscribe(hub: Hub, session: Session, { filters }: Unsubscribe): Promise<void> {
  for (const filter of filters) checkFilter(filter);
  const transaction = hub.context.broker.transaction();
  const undo: (() => void)[] = [];
  for (const filter of filters) {
    const undoOne = session.unsubscribe(filter);
    if (undoOne === undefined) continue; // [MQTT-3.10.4-5]
    undo.push(undoOne);
    session.recordSubscription(transaction, filter, undefined);
  }
  return commitOrUndo(transaction, undo);
}

async function commitOrUndo(transaction: Transaction, undo: readonly (() => void)[]): Promise<void> {
  try {
    await transaction.commit();
  } catch (error) {
    for (const undoOne of undo.toReversed()) undoOne();
    throw error;
  }
}

export interface Wanted extends Found {
  /** Of the subscription. */
  readonly qos: Qos;
}

/** What is retained for each filter now, also where the subscription was there before [MQTT-3.3.1-6], [MQTT-3.8.4-3]. */
export function findRetained(hub: Hub, session: Session, { requests }: Subscribe): readonly Wanted[] {
  const all: Wanted[] = [];
  for (const { filter, qos } of requests) {
    if (isFilterRefused(filter)) continue;
    for (const found of hub.context.broker.retained.find(swapNames(filter))) {
      if (all.push({ ...found, qos }) < maxFound) continue;
      hub.context.log.warn({ clientId: session.clientId, limit: maxFound }, 'not all retained messages were sent');
      return all;
    }
  }
  return all;
}

/** Puts what was found into the session's queue, as long as `isWanted`. @throws BrokerError as Store.write does. */
export async function sendRetained(
  hub: Hub,
  session: Session,
  found: readonly Wanted[],
  isWanted: () => boolean,
): Promise<void> {
  for await (const read of hub.context.broker.retained.read(found)) {
    const { queue } = session;
    if (!isWanted() || queue === undefined) return;
    const transaction = hub.context.broker.transaction();
    for (const { message, found: one } of read) transaction.put([queue], asRetained(message, one.qos > 0));
    await transaction.commit();
  }
}

/** At QoS 0 there is nothing to store. */
function asRetained(message: Message, isAcknowledged: boolean): Message {
  return { ...message, durable: message.durable && isAcknowledged, properties: [...message.properties, retainedMark] };
}
