// A link on which the peer receives (part 3, section 3.5.3): from queues and topics, from a node that it is given, or from a
// subscription that has a name. What JMS makes of topics is in subscription-link.ts.

import { randomUUID } from 'node:crypto';
import { isFilter, isTopic, type Destination } from '../../core/address.ts';
import type { SelectorSource } from '../../core/subscriber.ts';
import {
  addressOf,
  addressText,
  authorizeReceiving,
  grantedCapabilities,
  kindAsked,
  sourceAddress,
} from './address.ts';
import { consumerOptions, type ConsumerOptions } from './consumer-options.ts';
import type { Composite, Draft, Outcome, Source } from './codec/composite.ts';
import { refusal } from './conditions.ts';
import { createNode, nodeProperties } from './dynamic-node.ts';
import { grantedFilters } from './filters.ts';
import { OutgoingLink, type OutgoingOptions } from './outgoing-link.ts';
import type { Session } from './session.ts';
import { durableTerms, openNamed, subscriptionOf, lookUp, sharedCapabilities } from './subscription-link.ts';
import { browse, subscribe } from './supply.ts';

const outcomes = ['amqp:accepted:list', 'amqp:rejected:list', 'amqp:released:list', 'amqp:modified:list'];

/** Where the receiver names no default: what it settles in a transaction that is rolled back must not come back for ever. */
const failed: Outcome = {
  kind: 'modified',
  deliveryFailed: true,
  undeliverableHere: undefined,
  messageAnnotations: undefined,
};

/** Of a terminus that ends with its link. */
const notDurable = { durable: 0, expiryPolicy: 'link-detach', timeout: 0 } as const;

/** What of a link depends on its source. */
export interface OpenedSource extends Omit<OutgoingOptions, 'reply' | 'defaultOutcome'> {
  /** As it is, for our attach. */
  readonly source: Source;
}

/** @throws as `openLink`. */
export function openSource(session: Session, attach: Composite<'attach'>): OutgoingLink {
  const { source, ...opened } = open(session, attach);
  const { defaultOutcome = failed } = source;
  const offered = attach.desiredCapabilities?.filter((capability) => capability === 'SHARED-SUBS');
  const reply: Draft<'attach'> = {
    name: attach.name,
    handle: attach.handle,
    role: false,
    sndSettleMode: attach.sndSettleMode,
    rcvSettleMode: attach.rcvSettleMode,
    source: { ...source, defaultOutcome, outcomes },
    target: attach.target,
    initialDeliveryCount: 0,
    offeredCapabilities: offered?.length === 0 ? undefined : offered,
  };
  return new OutgoingLink(session, attach, { ...opened, reply, defaultOutcome });
}

function open(session: Session, attach: Composite<'attach'>): OpenedSource {
  const { source } = attach;
  if (source === undefined) return lookUp(session, attach);
  if (source.dynamic) return openDynamic(session, attach, source);
  const address = addressText(source.address);
  if (address === undefined) throw refusal('amqp:invalid-field', 'source without an address', 'address');
  const { destinations, options } = sourceAddress(address, source.capabilities);
  authorizeReceiving(session.connection, destinations);
  const terms = consumerOptions(options);
  if (destinations.every((destination) => isTopic(destination))) {
    return openTopics(session, attach, source, destinations, terms);
  }
  if (source.distributionMode === 'copy') return openBrowser(session, source, destinations);
  return openAny(session, attach, source, destinations, terms);
}

function openTopics(
  session: Session,
  attach: Composite<'attach'>,
  source: Source,
  destinations: readonly Destination[],
  terms: ConsumerOptions,
): OpenedSource {
  const subscription = subscriptionOf(attach, source);
  if (subscription === undefined) return openAny(session, attach, source, destinations, terms);
  const filters = grantedFilters(source.filter, destinations, subscription.global);
  return openNamed(session, attach, subscription, {
    destinations,
    selector: filters.selector ?? terms.selector,
    noLocal: filters.noLocal || terms.noLocal,
    retroactive: terms.retroactive,
    pendingLimit: terms.pendingLimit,
    source: {
      ...source,
      ...(subscription.durable ? durableTerms : notDurable),
      distributionMode: 'copy',
      filter: filters.entries,
      capabilities: grantedCapabilities(destinations, source.capabilities, sharedCapabilities(subscription)),
    },
  });
}

function openAny(
  { connection }: Session,
  attach: Composite<'attach'>,
  source: Source,
  from: readonly Destination[],
  terms: ConsumerOptions,
): OpenedSource {
  const filters = grantedFilters(source.filter, from);
  const selector = filters.selector ?? terms.selector;
  const options = {
    from,
    selector: selectorSource(selector),
    noLocal: filters.noLocal || terms.noLocal,
    retroactive: terms.retroactive,
    exclusive: terms.exclusive,
    priority: terms.priority,
    pendingLimit: terms.pendingLimit,
    publisher: connection,
    label: `${connection.containerId}:${attach.name}:${randomUUID()}`,
  };
  const copies = from.every((destination) => isTopic(destination));
  return {
    from,
    acquires: true,
    open: (taker) => subscribe(connection.context.broker, options, taker),
    source: {
      ...source,
      ...notDurable,
      distributionMode: copies ? 'copy' : 'move',
      filter: filters.entries,
      // A queue is always shared.
      capabilities: grantedCapabilities(from, source.capabilities, copies ? [] : ['shared', 'global']),
    },
  };
}

/** Distribution mode copy: the messages of a queue are looked at, and stay. */
function openBrowser({ connection }: Session, source: Source, from: readonly Destination[]): OpenedSource {
  const { broker } = connection.context;
  connection.batch.commit();
  const [destination, ...others] = from;
  if (destination === undefined || others.length > 0 || isTopic(destination) || isFilter(destination.name)) {
    throw refusal('amqp:not-implemented', 'only one queue can be browsed at a time', 'address');
  }
  const { entries, selector } = grantedFilters(source.filter, from);
  const queue =
    destination.kind === 'temp-queue' ? broker.temporary.queue(destination) : broker.queue(destination.name);
  return {
    from,
    acquires: false,
    open: (taker) => browse(broker, queue, selectorSource(selector), taker),
    source: {
      ...source,
      ...notDurable,
      distributionMode: 'copy',
      filter: entries,
      capabilities: grantedCapabilities(from, source.capabilities, ['shared', 'global']),
    },
  };
}

function openDynamic(session: Session, attach: Composite<'attach'>, source: Source): OpenedSource {
  if (source.address !== undefined) throw refusal('amqp:invalid-field', 'a dynamic source with an address', 'address');
  const node = createNode(session.connection, source.dynamicNodeProperties, kindAsked(source.capabilities));
  const from = [node.destination];
  const opened = openAny(session, attach, source, from, consumerOptions(new Map()));
  return {
    ...opened,
    onEnd: () => node.delete(),
    source: { ...opened.source, address: addressOf(from), dynamicNodeProperties: nodeProperties },
  };
}

/** Compiled, and refused if it is bad, by whoever is subscribed. */
function selectorSource(text: string | undefined): SelectorSource | undefined {
  return text === undefined ? undefined : { text };
}
