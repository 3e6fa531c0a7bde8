// Node addresses (part 3, section 3.5.3 and 3.5.4), with ActiveMQ's rules: `queue://x` and `topic://x` say their kind, of
// a plain name the terminus' capability does, and without one it is a queue. Several stand in a row, and options after `?`.

import {
  formatAddress,
  isFilter,
  parseAddresses,
  type Address,
  type Destination,
  type DestinationKind,
} from '../../core/address.ts';
import { mq } from '../../core/namespaces.ts';
import { BrokerError } from '../../core/errors.ts';
import { refusal } from './conditions.ts';
import type { Connection } from './connection.ts';
import { string, type Value } from './codec/value.ts';

/** As capabilities of a terminus, by which JMS clients say what they mean. */
const kindOfCapability: ReadonlyMap<string, DestinationKind> = new Map([
  ['queue', 'queue'],
  ['topic', 'topic'],
  ['temporary-queue', 'temp-queue'],
  ['temporary-topic', 'temp-topic'],
]);

/** The text of an address field, which by its type could be anything. */
export function addressText(address: Value | undefined): string | undefined {
  if (address === undefined) return undefined;
  if (address.type === 'string') return address.value;
  throw refusal('amqp:invalid-field', `address is a ${address.type}, not a string`, 'address');
}

export function addressOf(destinations: readonly Destination[]): Value {
  return string(destinations.map((destination) => formatAddress(destination)).join(','));
}

/** Kind of node that the capabilities ask for; undefined: they do not say. */
export function kindAsked(capabilities: readonly string[] | undefined): DestinationKind | undefined {
  const capability = capabilities?.find((candidate) => kindOfCapability.has(candidate));
  return capability === undefined ? undefined : kindOfCapability.get(capability);
}

/** The capabilities among those asked for that the terminus has: the kind of its node, and others that it `has`. */
export function grantedCapabilities(
  destinations: readonly Destination[],
  asked: readonly string[] | undefined,
  has: readonly string[] = [],
): readonly string[] | undefined {
  const granted = asked?.filter((capability) => {
    const kind = kindOfCapability.get(capability);
    return kind === undefined ? has.includes(capability) : destinations.every((one) => one.kind === kind);
  });
  return granted?.length === 0 ? undefined : granted;
}

/** Where messages are sent. Options are for receivers, and as with ActiveMQ not looked at. */
export function targetDestinations(
  address: string,
  capabilities: readonly string[] | undefined,
): readonly Destination[] {
  const { destinations } = sourceAddress(address, capabilities);
  if (destinations.some(({ name }) => isFilter(name))) {
    throw refusal('amqp:invalid-field', `nothing can be sent to filter "${address}"`, 'address');
  }
  return destinations;
}

/** What messages are received from: queues and topics, and filters of both. */
export function sourceAddress(address: string, capabilities: readonly string[] | undefined): Address {
  try {
    return parseAddresses(address, kindAsked(capabilities) ?? 'queue');
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    const condition = error.code === 'unsupported' ? 'amqp:not-implemented' : 'amqp:invalid-field';
    throw refusal(condition, error.message, 'address', error);
  }
}

/** @throws BrokerError `unauthorized`, or `not-found` for a temporary destination that is gone. */
export function authorizeSending(connection: Connection, destinations: readonly Destination[]): void {
  for (const destination of destinations) {
    connection.authorize('write', destination);
    authorizeUse(connection, destination);
  }
}

/** @throws as `authorizeSending`. */
export function authorizeReceiving(connection: Connection, destinations: readonly Destination[]): void {
  for (const destination of destinations) {
    connection.authorize('read', destination);
    authorizeUse(connection, destination);
  }
}

/** A queue that is not there is made by its first use: to attach to it. */
function authorizeUse(connection: Connection, destination: Destination): void {
  const { broker } = connection.context;
  broker.temporary.requireExistence(destination);
  const { kind, name } = destination;
  if (kind !== 'queue' || isFilter(name) || broker.find(mq, name) !== undefined) return;
  connection.authorize('create', destination);
  broker.queue(name);
}
