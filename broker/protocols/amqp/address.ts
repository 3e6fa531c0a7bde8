// Node addresses (part 3, section 3.5.3 and 3.5.4), with ActiveMQ's rules: `queue://x` and `topic://x` say their kind, of
// a plain name the terminus' capability does, and without one it is a queue.

import { checkName, isFilter, parseAddress, type Destination, type DestinationKind } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';
import { WireError } from './conditions.ts';
import type { Value } from './codec/value.ts';

const kindOfCapability: ReadonlyMap<string, DestinationKind> = new Map([
  ['queue', 'queue'],
  ['topic', 'topic'],
]);

/** Capabilities of a terminus that ask for what is not there. */
const unsupportedCapabilities: ReadonlySet<string> = new Set([
  'temporary-queue',
  'temporary-topic',
  'shared',
  'global',
]);

/** The text of an address field, which by its type could be anything. */
export function addressText(address: Value | undefined): string | undefined {
  if (address === undefined) return undefined;
  if (address.type !== 'string') throw refusal('amqp:invalid-field', `address is a ${address.type}, not a string`);
  return address.value;
}

export function requireCapabilities(capabilities: readonly string[] | undefined): void {
  const unsupported = capabilities?.find((capability) => unsupportedCapabilities.has(capability));
  if (unsupported !== undefined) throw refusal('amqp:not-implemented', `capability ${unsupported} is not supported`);
}

/** The capabilities among those asked for that the terminus has: the kind of its node. */
export function grantedCapabilities(
  { kind }: Destination,
  asked: readonly string[] | undefined,
): readonly string[] | undefined {
  return asked?.includes(kind) === true ? [kind] : undefined;
}

/** Where messages are sent. */
export function targetDestination(address: string, capabilities: readonly string[] | undefined): Destination {
  const destination = sourceDestination(address, capabilities);
  if (isFilter(destination.name)) throw refusal('amqp:invalid-field', `nothing can be sent to filter "${address}"`);
  return destination;
}

/** What messages are received from: for topics, this may be a filter. */
export function sourceDestination(address: string, capabilities: readonly string[] | undefined): Destination {
  const capability = capabilities?.find((candidate) => kindOfCapability.has(candidate)) ?? '';
  const destination = parse(address, kindOfCapability.get(capability) ?? 'queue');
  if (address.includes(',')) throw refusal('amqp:not-implemented', 'composite destinations are not supported');
  if (address.includes('?')) throw refusal('amqp:not-implemented', 'destination options are not supported');
  return destination;
}

function parse(address: string, kind: DestinationKind): Destination {
  try {
    const destination = parseAddress(address, kind);
    checkName(destination.name);
    return destination;
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    const condition = error.code === 'unsupported' ? 'amqp:not-implemented' : 'amqp:invalid-field';
    throw new WireError('link', condition, error.message, { cause: error });
  }
}

function refusal(condition: 'amqp:invalid-field' | 'amqp:not-implemented', message: string): WireError {
  return new WireError('link', condition, message);
}
