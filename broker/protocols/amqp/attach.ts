// What an attach of the peer becomes (part 2, section 2.6.3; part 3, section 3.5): a link with the terminus as it really
// is, or a refusal. What is asked for and not there is refused, never left out in silence.

import { randomUUID } from 'node:crypto';
import type { Destination } from '../../core/address.ts';
import {
  addressText,
  grantedCapabilities,
  requireCapabilities,
  sourceDestination,
  targetDestination,
} from './address.ts';
import type { Composite, Outcome, Source, Target } from './codec/composite.ts';
import type { MapEntries, Value } from './codec/value.ts';
import { WireError, type Condition } from './conditions.ts';
import { IncomingLink } from './incoming-link.ts';
import type { Link } from './link.ts';
import { BrokerError } from '../../core/errors.ts';
import { compileSelector } from '../../core/selector.ts';
import type { Selector } from '../../core/selector.ts';
import { queueNode, subscriptionNode } from './node.ts';
import { OutgoingLink } from './outgoing-link.ts';
import type { Session } from './session.ts';

const outcomes = ['amqp:accepted:list', 'amqp:rejected:list', 'amqp:released:list', 'amqp:modified:list'];

/** Descriptors of the filters that JMS clients use, numeric and symbolic (Apache's registry of AMQP 1.0 filters). */
const filters = {
  noLocal: { code: 0x0000468c_00000003n, symbol: 'apache.org:no-local-filter:list' },
  selector: { code: 0x0000468c_00000004n, symbol: 'apache.org:selector-filter:string' },
} as const;

/** Properties of a terminus that outlives its link; ours do not. */
const notDurable = { durable: 0, expiryPolicy: 'link-detach', timeout: 0 } as const;

/** @throws WireError of scope link for what cannot be attached. */
export function openLink(session: Session, attach: Composite<'attach'>): Link {
  requireModes(attach);
  return attach.role ? openOutgoing(session, attach) : openIncoming(session, attach);
}

function requireModes({ sndSettleMode, rcvSettleMode }: Composite<'attach'>): void {
  if (sndSettleMode > 2) throw refusal('amqp:invalid-field', `snd-settle-mode ${sndSettleMode}`);
  if (rcvSettleMode > 1) throw refusal('amqp:invalid-field', `rcv-settle-mode ${rcvSettleMode}`);
}

// ---- the peer sends

function openIncoming(session: Session, attach: Composite<'attach'>): Link {
  const { target, initialDeliveryCount } = attach;
  if (initialDeliveryCount === undefined) {
    throw refusal('amqp:invalid-field', 'initial-delivery-count is mandatory for a sender');
  }
  if (target === undefined) throw refusal('amqp:invalid-field', 'attach without a target');
  if (target.kind === 'coordinator') throw refusal('amqp:not-implemented', 'transactions are not supported');
  requireStatic(target);
  requireCapabilities(target.capabilities);
  const address = addressText(target.address);
  const destination = address === undefined ? undefined : targetDestination(address, target.capabilities);
  const capabilities = destination && grantedCapabilities(destination, target.capabilities);
  return new IncomingLink(session, attach, {
    destination,
    reply: {
      name: attach.name,
      handle: attach.handle,
      role: true,
      sndSettleMode: attach.sndSettleMode,
      rcvSettleMode: attach.rcvSettleMode,
      source: attach.source,
      target: { ...target, ...notDurable, capabilities },
      maxMessageSize: BigInt(session.connection.context.limits.maxMessageBytes),
    },
  });
}

// ---- the peer receives

function openOutgoing(session: Session, attach: Composite<'attach'>): Link {
  const { source } = attach;
  // A source that is left out means one that the link's name stands for: a durable subscription. There is none.
  if (source === undefined) throw refusal('amqp:not-found', `no subscription of the name "${attach.name}"`);
  requireStatic(source);
  requireCapabilities(source.capabilities);
  const address = addressText(source.address);
  if (address === undefined) throw refusal('amqp:invalid-field', 'source without an address');
  const destination = sourceDestination(address, source.capabilities);
  const filter = grantedFilters(source.filter, destination);
  const node =
    destination.kind === 'topic'
      ? openSubscription(session, attach, source, destination, filter)
      : openQueue(session, source, destination, filter);
  const { defaultOutcome = { kind: 'released' } satisfies Outcome } = source;
  return new OutgoingLink(session, attach, {
    node,
    defaultOutcome,
    reply: {
      name: attach.name,
      handle: attach.handle,
      role: false,
      sndSettleMode: attach.sndSettleMode,
      rcvSettleMode: attach.rcvSettleMode,
      source: {
        ...source,
        ...notDurable,
        distributionMode: destination.kind === 'topic' ? 'copy' : 'move',
        filter: filter.entries,
        defaultOutcome,
        outcomes,
        capabilities: grantedCapabilities(destination, source.capabilities),
      },
      target: attach.target,
      initialDeliveryCount: 0,
    },
  });
}

function openQueue(session: Session, source: Source, destination: Destination, { selector }: Granted) {
  if (source.distributionMode === 'copy') throw refusal('amqp:not-implemented', 'browsing is not supported');
  if (destination.name.split('.').some((level) => level === '*' || level === '>')) {
    throw refusal('amqp:not-implemented', 'receiving from several queues at once is not supported');
  }
  return queueNode(session.connection.context.broker, destination, { selector, refused: undefined });
}

function openSubscription(
  session: Session,
  attach: Composite<'attach'>,
  source: Source,
  destination: Destination,
  { noLocal, selector }: Granted,
) {
  if (source.durable !== 0 || source.expiryPolicy === 'never') {
    throw refusal('amqp:not-implemented', 'durable subscriptions are not supported');
  }
  const { connection } = session;
  const label = `${connection.containerId}:${attach.name}:${randomUUID()}`;
  const filter = { selector, refused: noLocal ? connection : undefined };
  return subscriptionNode(connection.context.broker, destination, label, filter);
}

function requireStatic(terminus: Source | Target): void {
  if (terminus.dynamic) throw refusal('amqp:not-implemented', 'dynamic nodes are not supported');
}

interface Granted {
  /** As they go into our attach. */
  readonly entries: MapEntries | undefined;
  readonly noLocal: boolean;
  readonly selector: Selector | undefined;
}

/**
 * The filters that are in place; the peer sees in our attach which those are (3.5.3), and is to detach if it misses
 * one. A filter that JMS knows would be missed, so it is refused where it cannot work.
 */
function grantedFilters(asked: MapEntries | undefined, { kind }: Destination): Granted {
  const granted: [Value, Value][] = [];
  let noLocal = false;
  let selector: Selector | undefined;
  for (const [name, filter] of asked ?? []) {
    if (isFilter(filter, filters.selector)) selector = parseSelector(filter);
    else if (isFilter(filter, filters.noLocal)) {
      if (kind === 'queue') throw refusal('amqp:not-implemented', 'no-local is not supported on queues');
      noLocal = true;
    } else continue;
    granted.push([name, filter]);
  }
  return { entries: granted.length === 0 ? undefined : granted, noLocal, selector };
}

function parseSelector(filter: Value): Selector {
  const text = filter.type === 'described' ? filter.value.value : filter;
  if (text.type !== 'string') throw refusal('amqp:invalid-field', 'the selector is not a string');
  try {
    return compileSelector(text.value);
  } catch (error) {
    if (error instanceof BrokerError) throw refusal('amqp:invalid-field', error.message);
    throw error;
  }
}

function isFilter(value: Value, { code, symbol }: { readonly code: bigint; readonly symbol: string }): boolean {
  if (value.type !== 'described') return false;
  const { descriptor } = value.value;
  return descriptor.value === code || descriptor.value === symbol;
}

function refusal(condition: Condition, message: string): WireError {
  return new WireError('link', condition, message);
}
