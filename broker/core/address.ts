// Names of broker destinations. The engine's form is ActiveMQ's: levels separated by dots, `*` for one level and `>`
// for the rest in filters; with the kind in front where it stands alone (`queue://orders`).

import { BrokerError } from './errors.ts';

export type DestinationKind = 'queue' | 'topic' | 'temp-queue' | 'temp-topic';

export interface Destination {
  readonly kind: DestinationKind;
  readonly name: string;
}

/** What an address with several destinations, or with options, says. */
export interface Address {
  readonly destinations: readonly Destination[];
  /** What stands behind `?`: `consumer.exclusive=true`. */
  readonly options: ReadonlyMap<string, string>;
}

/** Longest name, in UTF-8 bytes: MQTT's bound for a topic (MQTT 3.1.1, 1.5.3). */
export const longestNameBytes = 65_535;

/** Destinations of one composite: each is a queue that a message goes to. */
const mostDestinations = 100;

const schemes: readonly (readonly [string, DestinationKind])[] = [
  ['queue://', 'queue'],
  ['topic://', 'topic'],
  ['temp-queue://', 'temp-queue'],
  ['temp-topic://', 'temp-topic'],
];

export function formatAddress({ kind, name }: Destination): string {
  return `${kind}://${name}`;
}

/** Subscriptions feed on it; otherwise it is a queue. */
export function isTopic({ kind }: Destination): boolean {
  return kind === 'topic' || kind === 'temp-topic';
}

/**
 * Reads `queue://NAME`, `topic://NAME`, `temp-queue://NAME` or `temp-topic://NAME`; a name without a scheme is of `kind`.
 * @throws BrokerError `invalid` for a name that no destination may have, `unsupported` for another scheme.
 */
export function parseAddress(address: string, kind: DestinationKind = 'queue'): Destination {
  for (const [scheme, schemeKind] of schemes) {
    if (address.startsWith(scheme)) return { kind: schemeKind, name: checkName(address.slice(scheme.length)) };
  }
  if (address.includes('://')) throw new BrokerError('unsupported', `no such kind of destination: "${address}"`);
  return { kind, name: checkName(address) };
}

/**
 * As parseAddress, for ActiveMQ's composites (`queue://A,B,topic://C`: a name without a scheme is of the first one's
 * kind) and options (`?consumer.priority=5`, percent-encoded).
 */
export function parseAddresses(address: string, kind: DestinationKind = 'queue'): Address {
  const at = address.indexOf('?');
  const options = at === -1 ? noOptions : new Map(new URLSearchParams(address.slice(at + 1)));
  const names = (at === -1 ? address : address.slice(0, at)).split(',');
  if (names.length > mostDestinations) {
    throw new BrokerError('invalid', `an address of more than ${mostDestinations} destinations`);
  }
  const destinations: Destination[] = [];
  for (const name of names) {
    const destination = parseAddress(name.trim(), destinations[0]?.kind ?? kind);
    if (!destinations.some((known) => known.kind === destination.kind && known.name === destination.name)) {
      destinations.push(destination);
    }
  }
  return { destinations, options };
}

const noOptions: ReadonlyMap<string, string> = new Map<string, string>();

/** @throws BrokerError `invalid`. */
export function checkName(name: string): string {
  if (name === '') throw new BrokerError('invalid', 'a destination needs a name');
  if (name.includes('\0')) throw new BrokerError('invalid', 'a destination name must not contain NUL');
  if (name.length > longestNameBytes / 3 && Buffer.byteLength(name) > longestNameBytes) {
    throw new BrokerError('invalid', `a destination name must not exceed ${longestNameBytes} bytes`);
  }
  return name;
}

/** Whether a level of the name is `*` or `>`: it is a filter, and nothing can be sent to it. */
export function isFilter(name: string): boolean {
  return name === '>' || name.endsWith('.>') || name.split('.').includes('*');
}
