// SUBSCRIBE and UNSUBSCRIBE (MQTT 3.1.1 and 5, 3.8.4 and 3.10.4). A subscription takes effect at once, for what the client
// itself publishes next; it is acknowledged when the store has it, and its retained messages follow.

import type { Principal } from '../../core/access.ts';
import { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Found } from '../../core/retained.ts';
import type { Transaction } from '../../core/transaction.ts';
import { protocolError, reason } from './codec/reason.ts';
import type { Subscribe, SubscriptionRequest, Unsubscribe } from './codec/subscribe.ts';
import type { Hub } from './hub.ts';
import { grantMark, retainedMark } from './marks.ts';
import type { Grant } from './marks.ts';
import type { Session } from './session.ts';
import { checkFilter, isFilterRefused, isShared, sharedFilter, swapNames } from './topic-names.ts';

/** Retained messages that one SUBSCRIBE can bring, each counted for each of its filters. */
const maxFound = 1_000_000;

/** SUBACK's only code of failure in MQTT 3.1.1 [MQTT-3.9.3-2]. */
export const subscriptionFailed = 0x80;

export interface Subscribing {
  /** For SUBACK, in the order of the requests [MQTT-3.9.3-1]; rejects as Store.write does, and then none is made. */
  readonly codes: Promise<readonly number[]>;
  /** Those that bring what is retained. */
  readonly wanted: readonly SubscriptionRequest[];
  /** Why some were refused. */
  readonly sentence: string | undefined;
}

/** Makes the subscriptions. @throws WireError, at once, for an ill-formed filter. */
export function handleSubscribe(
  hub: Hub,
  session: Session,
  principal: Principal,
  { requests }: Subscribe,
): Subscribing {
  for (const { filter, options } of requests) {
    checkFilter(filter);
    // [MQTT-3.8.3-4 of 5]
    if (options.noLocal && isShared(filter)) throw protocolError('SUBSCRIBE: a shared subscription that is not local');
  }
  const transaction = hub.context.broker.transaction();
  const undo: (() => void)[] = [];
  const wanted: SubscriptionRequest[] = [];
  let sentence: string | undefined;
  const codes = requests.map((request) => {
    const { filter, options, retainHandling } = request;
    const refusal = refusalOf(principal, filter);
    const isNew = !session.has(filter);
    const undoOne = refusal === undefined ? session.subscribe(filter, options) : undefined;
    if (undoOne === undefined) {
      sentence ??= refusal?.sentence ?? 'too many subscriptions';
      return refusal?.code ?? reason.quotaExceeded;
    }
    undo.push(undoOne);
    session.recordSubscription(transaction, filter, options);
    // [MQTT-3.3.1-9 of 5], [MQTT-3.3.1-10 of 5], [MQTT-3.3.1-11 of 5]; shared subscriptions get none (MQTT 5, 4.8.2).
    const brings = retainHandling === 0 || (retainHandling === 1 && isNew);
    if (brings && !isShared(filter)) wanted.push(request);
    return options.qos; // [MQTT-3.8.4-5], [MQTT-3.8.4-7 of 5]
  });
  return { codes: commitOrUndo(transaction, undo).then(() => codes), wanted, sentence };
}

/** Resolves with the codes for UNSUBACK once the store has forgotten them. @throws WireError, at once. */
export function handleUnsubscribe(hub: Hub, session: Session, { filters }: Unsubscribe): Promise<readonly number[]> {
  for (const filter of filters) checkFilter(filter);
  const transaction = hub.context.broker.transaction();
  const undo: (() => void)[] = [];
  const codes = filters.map((filter) => {
    const undoOne = session.unsubscribe(filter);
    if (undoOne === undefined) return reason.noSubscriptionExisted; // [MQTT-3.10.4-5]
    undo.push(undoOne);
    session.recordSubscription(transaction, filter, undefined);
    return reason.success;
  });
  return commitOrUndo(transaction, undo).then(() => codes);
}

/** Ends the subscriptions of a session of before that who has it now may not make. Rejects as Store.write does. */
export async function dropRefused(hub: Hub, session: Session, principal: Principal): Promise<void> {
  const filters = [...session.filters()].filter((filter) => refusalOf(principal, filter) !== undefined);
  if (filters.length === 0) return;
  hub.context.log.info({ clientId: session.clientId, filters }, 'subscriptions of a session are refused by now');
  await handleUnsubscribe(hub, session, { id: 0, filters });
}

function refusalOf(
  principal: Principal,
  filter: string,
): { readonly code: number; readonly sentence: string } | undefined {
  if (isFilterRefused(filter)) return { code: reason.topicFilterInvalid, sentence: 'no such topic filter here' };
  try {
    principal.authorize('read', { kind: 'topic', name: swapNames(sharedFilter(filter)?.filter ?? filter) });
    return undefined;
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    return { code: reason.notAuthorized, sentence: error.message };
  }
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
  /** The subscription that it is for. */
  readonly grant: Grant;
}

/** What is retained for each filter now, also where the subscription was there before [MQTT-3.3.1-6], [MQTT-3.8.4-3]. */
export function findRetained(hub: Hub, session: Session, requests: readonly SubscriptionRequest[]): readonly Wanted[] {
  const all: Wanted[] = [];
  for (const { filter, options } of requests) {
    for (const found of hub.context.broker.retained.find(swapNames(filter))) {
      if (all.push({ ...found, grant: options }) < maxFound) continue;
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
    for (const { message, found: one } of read) transaction.put([queue], asRetained(message, one.grant));
    await transaction.commit();
  }
}

/** The server's own numbers, which are made when they are asked for. */
export async function sendStatistics(
  hub: Hub,
  { queue }: Session,
  requests: readonly SubscriptionRequest[],
): Promise<void> {
  if (queue === undefined) return;
  const transaction = hub.context.broker.transaction();
  for (const { filter, options } of requests) {
    for (const message of hub.statistics.find(swapNames(filter))) {
      transaction.put([queue], asRetained(message, options));
    }
  }
  await transaction.commit();
}

/** At QoS 0 there is nothing to store. */
function asRetained(message: Message, grant: Grant): Message {
  const properties = [...message.properties, retainedMark, grantMark(grant)];
  return { ...message, durable: message.durable && grant.qos > 0, properties };
}
