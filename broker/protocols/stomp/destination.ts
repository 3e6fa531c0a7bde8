// STOMP's names of destinations, which the specification leaves to the server: ActiveMQ's. `/queue/NAME`, `/topic/NAME`,
// several of them with commas between, and options behind `?`; `/temp-queue/NAME` for a temporary queue by the name that
// its own connection gives it, and `/remote-temp-queue/ID` for one by its address.

import { checkName, formatAddress, isFilter, parseAddress } from '../../core/address.ts';
import type { Destination, DestinationKind } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';

export type TemporaryKind = 'temp-queue' | 'temp-topic';

/** A destination that messages are sent to, with its address in the engine's form. */
export interface Target extends Destination {
  readonly address: string;
}

/** What messages are received from. */
export interface Source {
  readonly destinations: readonly Destination[];
  /** What stands behind `?`, such as `consumer.priority=5`. */
  readonly options: ReadonlyMap<string, string>;
}

/** Names that mean the same to everyone. */
const prefixes: readonly (readonly [prefix: string, kind: DestinationKind])[] = [
  ['/queue/', 'queue'],
  ['/topic/', 'topic'],
  ['/remote-temp-queue/', 'temp-queue'],
  ['/remote-temp-topic/', 'temp-topic'],
];

/** Names that mean something to the connection that uses them. */
const ownPrefixes: readonly (readonly [prefix: string, kind: TemporaryKind])[] = [
  ['/temp-queue/', 'temp-queue'],
  ['/temp-topic/', 'temp-topic'],
];

const noOptions: ReadonlyMap<string, string> = new Map<string, string>();
/** Destinations of one header, as in core/address.ts. */
const mostDestinations = 100;
/** Targets that are remembered as they were read. */
const rememberedTargets = 10_000;
/** Headers beyond this length are read anew each time, and are no names of temporary destinations: a connection keeps those. */
const longestKept = 256;

/** The names of one connection. */
export class Destinations {
  readonly #create: (kind: TemporaryKind) => Destination;
  /** Temporary destinations of this connection, by its own names for them. */
  readonly #own = new Map<string, Destination>();
  /** The reverse, by address. */
  readonly #ownNames = new Map<string, string>();
  readonly #targets = new Map<string, readonly Target[]>();

  /** `create`: makes a temporary destination on first use of its name. */
  constructor(create: (kind: TemporaryKind) => Destination) {
    this.#create = create;
  }

  /** What a message is sent to. @throws BrokerError `invalid`, or as `create` does. */
  targets(header: string): readonly Target[] {
    const known = this.#targets.get(header);
    if (known !== undefined) return known;
    const { destinations, options } = this.source(header);
    if (options.size > 0) throw new BrokerError('invalid', `destination options are for SUBSCRIBE: "${header}"`);
    if (destinations.some(({ name }) => isFilter(name))) {
      throw new BrokerError('invalid', `destination "${header}" has wildcards: nothing can be sent to it`);
    }
    const targets = destinations.map((destination) => ({ ...destination, address: formatAddress(destination) }));
    if (header.length > longestKept) return targets;
    if (this.#targets.size >= rememberedTargets) this.#targets.clear();
    this.#targets.set(header, targets);
    return targets;
  }

  /** What messages are received from. @throws as `targets`. */
  source(header: string): Source {
    const at = header.indexOf('?');
    const options = at < 0 ? noOptions : new Map(new URLSearchParams(header.slice(at + 1).trim()));
    const names = (at < 0 ? header : header.slice(0, at)).split(',');
    if (names.length > mostDestinations) {
      throw new BrokerError('invalid', `more than ${mostDestinations} destinations in one header`);
    }
    const destinations: Destination[] = [];
    for (const name of names) {
      const destination = this.#one(name.trim());
      if (!destinations.some((known) => isSame(known, destination))) destinations.push(destination);
    }
    return { destinations, options };
  }

  /**
   * The address that a header refers to: what is none of ours stays as its sender wrote it.
   * @throws BrokerError as `create` does.
   */
  addressOf(header: string): string {
    for (const [prefix, kind] of ownPrefixes) {
      if (isNamed(header, prefix)) return formatAddress(this.#ownOf(kind, header));
    }
    for (const [prefix, kind] of prefixes) {
      if (isNamed(header, prefix)) return formatAddress({ kind, name: header.slice(prefix.length) });
    }
    return header;
  }

  /** An address as this connection's client knows it; one of another form, such as a foreign reply-to, as it is. */
  nameOf(address: string): string {
    if (this.#ownNames.size > 0) {
      const own = this.#ownNames.get(address);
      if (own !== undefined) return own;
    }
    for (const [prefix, kind] of prefixes) {
      if (!address.startsWith(kind) || !address.startsWith('://', kind.length)) continue;
      return prefix + address.slice(kind.length + '://'.length);
    }
    return address;
  }

  /** Destinations as this connection's client knows them. */
  textOf(destinations: readonly Destination[]): string {
    return destinations.map((destination) => this.nameOf(formatAddress(destination))).join(',');
  }

  #one(header: string): Destination {
    for (const [prefix, kind] of prefixes) {
      if (header.startsWith(prefix)) return { kind, name: checkName(header.slice(prefix.length)) };
    }
    for (const [prefix, kind] of ownPrefixes) {
      if (!header.startsWith(prefix)) continue;
      checkName(header.slice(prefix.length));
      return this.#ownOf(kind, header);
    }
    // ActiveMQ makes a queue of whatever else there is. A path that another broker knows would then swallow messages.
    if (!header.startsWith('/')) return parseAddress(header);
    throw new BrokerError(
      'invalid',
      `destination "${header}" does not begin with /queue/, /topic/, /temp-queue/ or /temp-topic/`,
    );
  }

  #ownOf(kind: TemporaryKind, header: string): Destination {
    const known = this.#own.get(header);
    if (known !== undefined) return known;
    if (header.length > longestKept) {
      throw new BrokerError('invalid', `a temporary destination's name must not exceed ${longestKept} characters`);
    }
    const made = this.#create(kind);
    this.#own.set(header, made);
    this.#ownNames.set(formatAddress(made), header);
    return made;
  }
}

function isNamed(header: string, prefix: string): boolean {
  return header.length > prefix.length && header.startsWith(prefix);
}

function isSame(one: Destination, other: Destination): boolean {
  return one.kind === other.kind && one.name === other.name;
}
