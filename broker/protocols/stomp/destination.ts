// STOMP's names of destinations, which the specification leaves to the server: ActiveMQ's, `/queue/NAME` and
// `/topic/NAME`. Temporary and composite destinations and destination options are not there.

import { checkName, formatAddress, isFilter } from '../../core/address.ts';
import type { Destination, DestinationKind } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';

const prefixes: readonly (readonly [prefix: string, kind: DestinationKind])[] = [
  ['/queue/', 'queue'],
  ['/topic/', 'topic'],
];

const temporaryPrefixes = ['/temp-queue/', '/temp-topic/', '/remote-temp-queue/', '/remote-temp-topic/'];

/** @throws BrokerError `invalid`, or `unsupported` for what ActiveMQ would understand and we do not. */
export function parseDestination(header: string): Destination {
  for (const [prefix, kind] of prefixes) {
    if (header.startsWith(prefix)) return { kind, name: checkPlain(checkName(header.slice(prefix.length))) };
  }
  if (temporaryPrefixes.some((prefix) => header.startsWith(prefix))) {
    throw new BrokerError('unsupported', `temporary destinations are not supported: "${header}"`);
  }
  throw new BrokerError('invalid', `destination "${header}" does not begin with /queue/ or /topic/`);
}

/** As parseDestination, for what a message is sent to. */
export function parseTarget(header: string): Destination {
  const destination = parseDestination(header);
  if (isFilter(destination.name)) {
    throw new BrokerError('invalid', `destination "${header}" has wildcards: nothing can be sent to it`);
  }
  return destination;
}

/** A name that ActiveMQ would not take as it stands must not become a queue of that name. */
function checkPlain(name: string): string {
  if (name.includes(',')) throw new BrokerError('unsupported', `composite destinations are not supported: "${name}"`);
  if (name.includes('?')) throw new BrokerError('unsupported', `destination options are not supported: "${name}"`);
  return name;
}

export function formatDestination({ kind, name }: Destination): string {
  return kind === 'queue' ? `/queue/${name}` : `/topic/${name}`;
}

/** `queue://NAME` as `/queue/NAME`; an address of another form, such as a foreign reply-to, as it is. */
export function destinationOfAddress(address: string): string {
  if (address.startsWith('queue://')) return `/queue/${address.slice('queue://'.length)}`;
  if (address.startsWith('topic://')) return `/topic/${address.slice('topic://'.length)}`;
  return address;
}

/**
 * The other way, for headers that only refer to a destination: what is none of ours stays as its sender wrote it.
 * @throws BrokerError `unsupported` for a temporary destination: its sender would wait for a reply that cannot come.
 */
export function addressOfDestination(header: string): string {
  if (temporaryPrefixes.some((prefix) => header.startsWith(prefix))) return formatAddress(parseDestination(header));
  for (const [prefix, kind] of prefixes) {
    if (header.length > prefix.length && header.startsWith(prefix)) {
      return formatAddress({ kind, name: header.slice(prefix.length) });
    }
  }
  return header;
}
