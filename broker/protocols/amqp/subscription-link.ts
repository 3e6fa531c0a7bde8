// Links that stand for a named subscription to topics (Apache's AMQP JMS Mapping, "Consumers"): the link's name is the
// subscription's, of the container if it is not global. Detaching the link keeps a durable subscription, closing it ends it.

import { isTopic, parseAddress, type Destination } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';
import type { NamedSubscription, SubscriptionName } from '../../core/named-subscriptions.ts';
import { addressOf, authorizeReceiving } from './address.ts';
import type { Composite, Source } from './codec/composite.ts';
import { refusal } from './conditions.ts';
import { filtersOf } from './filters.ts';
import type { Session } from './session.ts';
import type { OpenedSource } from './source.ts';
import { subscribe, type Supply } from './supply.ts';

/** Of a terminus that outlives its link, and the broker's process. */
export const durableTerms = { durable: 2, expiryPolicy: 'never', timeout: 0 } as const;

interface Terms {
  readonly destinations: readonly Destination[];
  readonly selector: string | undefined;
  readonly noLocal: boolean;
  readonly retroactive: boolean;
  readonly pendingLimit?: number | undefined;
  readonly source: Source;
}

/** The subscription that the link is to stand for; undefined: one without a name, which ends with the link. */
export function subscriptionOf({ name }: Composite<'attach'>, source: Source): SubscriptionName | undefined {
  const durable = source.durable !== 0 || source.expiryPolicy === 'never';
  const shared = source.capabilities?.includes('shared') === true;
  const global = source.capabilities?.includes('global') === true;
  if (!durable && !shared) return undefined;
  return { name: shared ? sharedName(name) : name, durable, shared, global: shared && global };
}

export function sharedCapabilities({ shared, global = false }: SubscriptionName): readonly string[] {
  return [...(shared ? ['shared'] : []), ...(global ? ['global'] : [])];
}

/**
 * A link without a source looks for the durable subscription of its name, to come back to it or to end it.
 * @throws WireError `amqp:not-found`.
 */
export function lookUp(session: Session, attach: Composite<'attach'>): OpenedSource {
  const asked = attach.desiredCapabilities;
  const isGlobal = asked?.includes('shared') === true && asked.includes('global');
  const clientId = isGlobal ? undefined : session.connection.clientId;
  const { subscriptions } = session.connection.context.broker;
  const known = subscriptions.find(clientId, attach.name) ?? subscriptions.find(clientId, sharedName(attach.name));
  if (known === undefined) throw refusal('amqp:not-found', `no subscription of the name "${attach.name}"`, 'source');
  const destinations = known.filters.map((filter) => parseAddress(filter, 'topic'));
  authorizeReceiving(session.connection, destinations);
  const name = { name: known.name, durable: true, shared: known.shared, global: isGlobal };
  return openNamed(session, attach, name, {
    destinations,
    selector: known.selector?.text,
    noLocal: known.noLocal,
    retroactive: false,
    source: sourceOf(known, destinations, sharedCapabilities(name)),
  });
}

/** @throws BrokerError `not-allowed` if the subscription is in use, and cannot be shared or taken over. */
export function openNamed(
  session: Session,
  attach: Composite<'attach'>,
  subscription: SubscriptionName,
  { destinations, selector, noLocal, retroactive, pendingLimit, source }: Terms,
): OpenedSource {
  const { connection } = session;
  const { broker } = connection.context;
  if (destinations.some(({ kind }) => kind !== 'topic')) {
    throw refusal('amqp:not-implemented', 'a named subscription to a temporary topic', 'address');
  }
  const { name, durable, shared, global = false } = subscription;
  const options = {
    from: destinations,
    selector: selector === undefined ? undefined : { text: selector },
    noLocal,
    retroactive,
    pendingLimit,
    publisher: connection,
    subscription,
    label: `${connection.containerId}:${name}`,
  };
  // Others may go on with a shared subscription; to end it without being a part of it is to fail then.
  const isUsed = attach.source !== undefined && shared;
  return {
    from: destinations,
    acquires: true,
    source,
    open: (taker) => openTakingOver(session, attach, durable && !shared, () => subscribe(broker, options, taker)),
    discard: durable ? () => unsubscribe(session, global, name, isUsed) : undefined,
  };
}

/**
 * A link's name belongs to one link of its container (part 2, section 2.6.1): a client that comes back before its broken
 * connection was found dead takes its subscription over.
 */
function openTakingOver(
  { connection }: Session,
  attach: Composite<'attach'>,
  isExclusive: boolean,
  open: () => Supply,
): Supply {
  try {
    return open();
  } catch (error) {
    const isInUse = error instanceof BrokerError && error.code === 'not-allowed';
    if (!isInUse || !isExclusive || !connection.stealElsewhere(attach.name)) throw error;
    return open();
  }
}

async function unsubscribe(session: Session, global: boolean, name: string, isUsed: boolean): Promise<void> {
  const { clientId, context } = session.connection;
  try {
    await context.broker.subscriptions.unsubscribe(global ? undefined : clientId, name);
  } catch (error) {
    const isGone = error instanceof BrokerError && error.code === 'not-found';
    const isInUse = error instanceof BrokerError && error.code === 'not-allowed';
    if (!isGone && !(isInUse && isUsed)) throw error;
  }
}

/** Links that share a subscription tell themselves apart by what follows `|`. */
function sharedName(name: string): string {
  const end = name.indexOf('|');
  return end <= 0 ? name : name.slice(0, end);
}

function sourceOf(
  known: NamedSubscription,
  destinations: readonly Destination[],
  capabilities: readonly string[],
): Source {
  return {
    kind: 'source',
    address: addressOf(destinations),
    ...durableTerms,
    dynamic: false,
    dynamicNodeProperties: undefined,
    distributionMode: 'copy',
    filter: filtersOf(known),
    defaultOutcome: undefined,
    outcomes: undefined,
    capabilities: destinations.every((one) => isTopic(one)) ? ['topic', ...capabilities] : capabilities,
  };
}
