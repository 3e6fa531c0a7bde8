// Queues and topics of the broker as ends of a route.

import { formatAddress, isFilter, parseAddress } from '../../core/address.ts';
import type { Broker } from '../../core/broker.ts';
import type { Message } from '../../core/message.ts';
import type { Subscriber } from '../../core/subscriber.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Clock } from '../../util/clock.ts';
import { isTold, leftOut } from '../mapping.ts';
import type { Header, MappingRules, Notes } from '../mapping.ts';
import type { Source } from '../source.ts';
import type { Crossing, Target } from '../target.ts';
import { Consumers } from './consumers.ts';
import { QueueSource } from './queue-source.ts';

export interface BrokerSourceOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  /** `queue://NAME`, with wildcards too. */
  readonly address: string;
  /** Messages that it leaves to others. */
  readonly accepts?: ((message: Message) => boolean) | undefined;
}

export function brokerQueueSource({ broker, clock, address, accepts }: BrokerSourceOptions): Source {
  const { name } = parseAddress(address);
  return new QueueSource({
    address,
    clock,
    open: (deliver, onGone) => {
      const isPattern = isFilter(name);
      const consumers = new Consumers({ deliver, accepts, onGone: isPattern ? undefined : onGone });
      if (isPattern) consumers.leave = broker.watchQueues(name, (queue) => consumers.add(queue));
      else consumers.add(broker.queue(name));
      return consumers;
    },
  });
}

export interface TopicSourceOptions extends Omit<BrokerSourceOptions, 'accepts'> {
  /** Whose subscription it is. */
  readonly route: string;
  readonly selector?: string | undefined;
}

/**
 * A durable subscription of the route's own: it gets what is published while the route is paused, and, once it is there,
 * whatever happens to the engine.
 */
export function topicSource({ broker, clock, address, route, selector }: TopicSourceOptions): Source {
  let subscriber: Subscriber | undefined;
  return new QueueSource({
    address,
    clock,
    open: (deliver, onGone) => {
      subscriber = broker.subscribe({
        from: [parseAddress(address)],
        deliver,
        selector: selector === undefined ? undefined : { text: selector },
        publisher: { clientId: routeClient },
        subscription: { name: route, durable: true, shared: false },
        label: `route ${route}`,
        onDeleted: onGone,
      });
      return subscriber;
    },
    // From here on, nothing that is published may miss it, a crash included.
    saved: async () => subscriber?.saved,
  });
}

/** The client that the subscriptions of routes belong to. */
export const routeClient = 'causeway.routes';

export interface BrokerTargetOptions {
  readonly broker: Broker;
  readonly address: string;
  readonly rules: MappingRules;
}

/** A message comes as it is, and says where it was sent to by the route. */
export function brokerTarget({ broker, address, rules }: BrokerTargetOptions): Target {
  const destination = parseAddress(address);
  const to = formatAddress(destination);
  return {
    address,
    isKeyed: false,
    keepsOriginal: rules.rename.size === 0,
    obstacle: () => undefined,
    map: (message, crossing, notes) => mapToBroker(message, to, rules, crossing, notes),
    put: (transaction: Transaction, mapped: Message) => broker.send(transaction, destination, mapped),
  };
}

const renamable = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'type',
  'groupId',
  'userId',
] as const satisfies readonly Header[];
const otherHeaders: readonly Header[] = ['id', 'to', 'durable', 'priority', 'timestamp', 'expiresAt', 'groupSequence'];

export function mapToBroker(
  message: Message,
  to: string,
  { rename }: MappingRules,
  { path }: Pick<Crossing, 'path'>,
  notes: Notes,
): Message {
  notes.note('body', 'kept', '');
  for (const header of otherHeaders) if (isTold(message, header)) notes.note(header, 'kept', '');
  if (rename.size === 0) {
    for (const header of renamable) if (isTold(message, header)) notes.note(header, 'kept', '');
    for (const { name } of message.properties) notes.note(name, 'kept', '');
    return { ...message, to, path };
  }
  return { ...renamed(message, rename, notes), to, path };
}

/** Without the encoding that has the old names. */
function renamed(message: Message, rename: MappingRules['rename'], notes: Notes): Message {
  const headers: { [H in (typeof renamable)[number]]?: undefined } = {};
  const properties: Message['properties'][number][] = [];
  for (const header of renamable) {
    const value = message[header];
    if (value === undefined) continue;
    const name = rename.get(header);
    if (name === undefined) notes.note(header, 'kept', '');
    else headers[header] = undefined;
    if (name === null) notes.note(header, 'dropped', leftOut, value);
    else if (name !== undefined) {
      notes.note(header, 'renamed', `to ${name}`);
      properties.push({ name, type: 'string', value });
    }
  }
  for (const property of message.properties) {
    const name = rename.get(property.name);
    if (name === null) notes.note(property.name, 'dropped', leftOut, property.value);
    else if (name === undefined) {
      notes.note(property.name, 'kept', '');
      properties.push(property);
    } else {
      notes.note(property.name, 'renamed', `to ${name}`);
      properties.push({ ...property, name });
    }
  }
  return { ...message, ...headers, properties, original: undefined };
}
