// Topic aliases (MQTT 5, 3.3.2.3.4): numbers for topic names, for as long as one connection lasts [MQTT-3.3.2-7 of 5], and
// kept apart for each direction.

import { protocolError, reason, WireError } from './codec/reason.ts';
import type { Topic } from './topic-names.ts';

/** Those that the client has given names to. */
export class IncomingAliases {
  readonly #maximum: number;
  readonly #topics: (Topic | undefined)[] = [];

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** `named`: the topic of the same packet, which the alias stands for from now on; undefined: the packet names none. */
  resolve(alias: number | undefined, named: Topic | undefined): Topic {
    if (alias === undefined) {
      if (named === undefined) throw protocolError('PUBLISH: neither a topic name nor a topic alias');
      return named;
    }
    // [MQTT-3.3.2-9 of 5], [MQTT-3.3.2-12 of 5]
    if (alias > this.#maximum) throw new WireError(reason.topicAliasInvalid, `PUBLISH: topic alias ${alias}`);
    if (named !== undefined) this.#topics[alias] = named;
    const topic = this.#topics[alias];
    if (topic === undefined) throw protocolError(`PUBLISH: topic alias ${alias} stands for nothing`);
    return topic;
  }
}

/** Those that we give: to the first topics that come [MQTT-3.3.2-11 of 5]. */
export class OutgoingAliases {
  readonly #maximum: number;
  /** By the address that messages to the topic bear. */
  readonly #aliases = new Map<string, number>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Of a topic that has one. */
  get(address: string): number | undefined {
    return this.#aliases.get(address);
  }

  /** A new one; undefined: there are none left. */
  assign(address: string): number | undefined {
    if (this.#aliases.size >= this.#maximum) return undefined;
    const alias = this.#aliases.size + 1;
    this.#aliases.set(address, alias);
    return alias;
  }
}
