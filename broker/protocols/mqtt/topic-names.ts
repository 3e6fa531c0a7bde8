// Topic names and filters (MQTT 3.1.1 and 5, 4.7) and the engine's names for them: ActiveMQ's mapping, which swaps `/` with `.`,
// `+` with `*` and `#` with `>`, each both ways, so that nothing is lost in either direction. MQTT's a/b is topic://a.b.

import { formatAddress } from '../../core/address.ts';
import type { Destination } from '../../core/address.ts';
import { readText } from './codec/field-reader.ts';
import { malformed, reason, WireError } from './codec/reason.ts';

export interface Topic {
  readonly destination: Destination;
  /** `topic://NAME`. */
  readonly address: string;
  /** The server's own: a client must not publish to it. */
  readonly isReserved: boolean;
}

/** A filter `$share/GROUP/FILTER` (MQTT 5, 4.8.2). */
export interface SharedFilter {
  readonly group: string;
  readonly filter: string;
}

const sharePrefix = '$share/';
/** More levels than anyone needs (with two hundred slashes, as mosquitto allows), and few enough for a walk by recursion. */
const maxLevels = 201;
const maxNameBytes = 65_535;
const rememberedNames = 10_000;
/** Names that are longer are not remembered: they are rare, and would be much to hold. */
const longestRemembered = 256;

const swapped: Readonly<Record<string, string>> = { '/': '.', '.': '/', '+': '*', '*': '+', '#': '>', '>': '#' };

/** From an MQTT name or filter to the engine's, or back: it is its own inverse. */
export function swapNames(name: string): string {
  return name.replace(/[/.+*#>]/g, (character) => swapped[character]!);
}

/** @throws WireError for what cannot be published to. */
export function topicOf(name: string): Topic {
  if (name === '') throw malformed('an empty topic name'); // [MQTT-4.7.3-1]
  if (/[+#]/.test(name)) throw malformed(`wildcards in topic name "${name}"`); // [MQTT-3.3.2-2]
  if (hasTooManyLevels(name)) {
    throw new WireError(reason.topicNameInvalid, `a topic name of more than ${maxLevels} levels`);
  }
  const destination = { kind: 'topic', name: swapNames(name) } as const;
  return { destination, address: formatAddress(destination), isReserved: /^\$(?:SYS|share)(?:\/|$)/.test(name) };
}

/** @throws WireError for a filter that is not one. */
export function checkFilter(filter: string): void {
  if (filter === '') throw malformed('an empty topic filter'); // [MQTT-4.7.3-1]
  const levels = filter.split('/');
  for (const [i, level] of levels.entries()) {
    if (level === '#' ? i === levels.length - 1 : level === '+' || !/[+#]/.test(level)) continue;
    // [MQTT-4.7.1-2], [MQTT-4.7.1-3]; [MQTT-4.7.1-1 of 5], [MQTT-4.7.1-2 of 5]
    throw malformed(`misplaced wildcard in topic filter "${filter}"`);
  }
}

/** Well formed, but none that this server subscribes to: too deep, or of a shared subscription without group or filter. */
export function isFilterRefused(filter: string): boolean {
  return (isShared(filter) && sharedFilter(filter) === undefined) || hasTooManyLevels(filter);
}

export function isShared(filter: string): boolean {
  return filter.startsWith(sharePrefix) || filter === '$share';
}

/** Undefined: the filter is not that of a shared subscription [MQTT-4.8.2-1 of 5], [MQTT-4.8.2-2 of 5]. */
export function sharedFilter(filter: string): SharedFilter | undefined {
  if (!filter.startsWith(sharePrefix)) return undefined;
  const end = filter.indexOf('/', sharePrefix.length);
  const group = filter.slice(sharePrefix.length, end);
  if (end <= sharePrefix.length || end === filter.length - 1 || /[+#]/.test(group)) return undefined;
  return { group, filter: filter.slice(end + 1) };
}

/** The name as it goes into a PUBLISH; undefined for one of another protocol's that MQTT cannot express [MQTT-4.7.1-1]. */
export function wireName(coreName: string): Buffer | undefined {
  const name = swapNames(coreName);
  if (name === '' || /[+#\0]/.test(name)) return undefined;
  const bytes = Buffer.from(name);
  return bytes.length > maxNameBytes ? undefined : bytes;
}

function hasTooManyLevels(name: string): boolean {
  let levels = 1;
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) levels++;
  return levels > maxLevels;
}

/** Topic names by their bytes: each is decoded, checked and mapped once. */
export class TopicNames {
  readonly #known = new Map<string, Topic>();

  /** @throws WireError. */
  read(bytes: Buffer, start: number, end: number): Topic {
    if (end - start > longestRemembered) return decode(bytes, start, end);
    const key = bytes.toString('latin1', start, end);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const topic = decode(bytes, start, end);
    if (this.#known.size >= rememberedNames) this.#known.clear();
    this.#known.set(key, topic);
    return topic;
  }
}

function decode(bytes: Buffer, start: number, end: number): Topic {
  const name = readText(bytes, start, end);
  if (name === undefined) throw malformed('PUBLISH: topic name is not well-formed text');
  return topicOf(name);
}
