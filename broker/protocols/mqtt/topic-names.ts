// Topic names and filters (MQTT 3.1.1, 4.7) and the engine's names for them: ActiveMQ's mapping, which swaps `/` with `.`,
// `+` with `*` and `#` with `>`, each both ways, so that nothing is lost in either direction. MQTT's a/b is topic://a.b.

import { formatAddress } from '../../core/address.ts';
import type { Destination } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';
import { readText } from './codec/field-reader.ts';

export interface Topic {
  readonly destination: Destination;
  /** `topic://NAME`. */
  readonly address: string;
}

/** More levels than anyone needs, and few enough for a walk by recursion. */
const maxLevels = 200;
const maxNameBytes = 65_535;
const rememberedNames = 10_000;
/** Names that are longer are not remembered: they are rare, and would be much to hold. */
const longestRemembered = 256;

const swapped: Readonly<Record<string, string>> = { '/': '.', '.': '/', '+': '*', '*': '+', '#': '>', '>': '#' };

/** From an MQTT name or filter to the engine's, or back: it is its own inverse. */
export function swapNames(name: string): string {
  return name.replace(/[/.+*#>]/g, (character) => swapped[character]!);
}

/** @throws BrokerError `invalid` for what cannot be published to. */
export function topicOf(name: string): Topic {
  if (name === '') throw new BrokerError('invalid', 'an empty topic name'); // [MQTT-4.7.3-1]
  if (/[+#]/.test(name)) throw new BrokerError('invalid', `wildcards in topic name "${name}"`); // [MQTT-3.3.2-2]
  if (hasTooManyLevels(name)) throw new BrokerError('invalid', `a topic name of more than ${maxLevels} levels`);
  const destination = { kind: 'topic', name: swapNames(name) } as const;
  return { destination, address: formatAddress(destination) };
}

/** @throws BrokerError `invalid` for a filter that is not one. */
export function checkFilter(filter: string): void {
  if (filter === '') throw new BrokerError('invalid', 'an empty topic filter'); // [MQTT-4.7.3-1]
  const levels = filter.split('/');
  for (const [i, level] of levels.entries()) {
    if (level === '#' ? i === levels.length - 1 : level === '+' || !/[+#]/.test(level)) continue;
    throw new BrokerError('invalid', `misplaced wildcard in topic filter "${filter}"`); // [MQTT-4.7.1-2], [MQTT-4.7.1-3]
  }
}

/** Well formed, but none that this server subscribes to: too deep, or a shared subscription, which are MQTT 5's. */
export function isFilterRefused(filter: string): boolean {
  return filter.startsWith('$share/') || hasTooManyLevels(filter);
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

  /** @throws BrokerError `invalid`. */
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
  if (name === undefined) throw new BrokerError('invalid', 'PUBLISH: topic name is not well-formed text');
  return topicOf(name);
}
