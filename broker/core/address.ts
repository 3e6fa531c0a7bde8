// Names of broker destinations. The engine's form is ActiveMQ's: levels separated by dots, `*` for one level and `>`
// for the rest in filters; with the kind in front where it stands alone (`queue://orders`).

import { BrokerError } from './errors.ts';

export type DestinationKind = 'queue' | 'topic';

export interface Destination {
  readonly kind: DestinationKind;
  readonly name: string;
}

/** Longest name, in UTF-8 bytes: MQTT's bound for a topic (MQTT 3.1.1, 1.5.3). */
export const longestNameBytes = 65_535;

const schemes: readonly (readonly [string, DestinationKind])[] = [
  ['queue://', 'queue'],
  ['topic://', 'topic'],
];

export function formatAddress({ kind, name }: Destination): string {
  return `${kind}://${name}`;
}

/**
 * Reads `queue://NAME` or `topic://NAME`; a name without a scheme is of `kind`.
 * @throws BrokerError `invalid` for a name that no destination may have.
 */
export function parseAddress(address: string, kind: DestinationKind = 'queue'): Destination {
  for (const [scheme, schemeKind] of schemes) {
    if (address.startsWith(scheme)) return { kind: schemeKind, name: checkName(address.slice(scheme.length)) };
  }
  if (address.includes('://')) throw new BrokerError('unsupported', `no such kind of destination: "${address}"`);
  return { kind, name: checkName(address) };
}

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
