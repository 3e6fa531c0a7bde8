// Temporary queues and topics (JMS 2.0, 6.2.2): anyone may send to one, only the connection that made it receives from
// it, and it is gone with that connection.

import { randomUUID } from 'node:crypto';
import { formatAddress } from './address.ts';
import type { Destination } from './address.ts';
import type { Broker } from './broker.ts';
import { BrokerError } from './errors.ts';
import { temporary } from './namespaces.ts';
import type { Queue } from './queue.ts';
import type { Publisher } from './subscriber.ts';

/** More than any client needs, and a bound on what one can make. */
const mostOfOne = 10_000;

/** Below a level that no wildcard takes [MQTT-4.7.2-1]. */
const topicPrefix = '$temp-topic.';

/** The filter of a subscription to a topic. */
export function topicFilterOf({ kind, name }: Destination): string {
  return kind === 'temp-topic' ? topicPrefix + name : name;
}

export class Temporary {
  readonly #broker: Broker;
  /** Tells those of this engine from an earlier one's, whose names may still be in reply-to headers. */
  readonly #prefix = `ID:${randomUUID()}`;
  #last = 0;
  /** By address. */
  readonly #owners = new Map<string, Publisher>();
  readonly #owned = new Map<Publisher, Set<Destination>>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** @throws BrokerError `limit`. */
  create(kind: 'temp-queue' | 'temp-topic', owner: Publisher): Destination {
    const owned = this.#owned.get(owner) ?? new Set<Destination>();
    if (owned.size >= mostOfOne) throw new BrokerError('limit', `more than ${mostOfOne} temporary destinations`);
    const destination = { kind, name: `${this.#prefix}:${++this.#last}` };
    if (kind === 'temp-queue') {
      this.#broker.declare({ namespace: temporary, name: destination.name, durable: false });
    }
    this.#owned.set(owner, owned.add(destination));
    this.#owners.set(formatAddress(destination), owner);
    if (kind === 'temp-topic') this.#broker.advisories.destination(destination, true);
    return destination;
  }

  /** @throws BrokerError `not-found`, or `not-allowed`: it is someone else's, or received from. */
  delete(destination: Destination, owner: Publisher): void {
    this.requireOwner(destination, owner);
    const isUsed =
      destination.kind === 'temp-queue'
        ? this.queue(destination).consumerCount > 0
        : this.#broker.topics.match(topicFilterOf(destination)).length > 0;
    if (isUsed) throw new BrokerError('not-allowed', `${formatAddress(destination)} has consumers`);
    for (const owned of this.#owned.get(owner) ?? []) {
      if (owned.kind === destination.kind && owned.name === destination.name) this.#owned.get(owner)?.delete(owned);
    }
    this.#remove(destination);
  }

  /** The connection is over, and its subscribers are closed: all of its own go. */
  leave(owner: Publisher): void {
    for (const destination of this.#owned.get(owner) ?? []) this.#remove(destination);
    this.#owned.delete(owner);
  }

  /** @throws BrokerError `not-found`: it is gone, or never was. */
  requireExistence(destination: Destination): void {
    if (!isTemporary(destination) || this.#owners.has(formatAddress(destination))) return;
    throw new BrokerError('not-found', `${formatAddress(destination)} does not exist`);
  }

  /** Nothing for destinations that are not temporary. @throws BrokerError `not-found`, `not-allowed`. */
  requireOwner(destination: Destination, publisher: Publisher): void {
    this.requireExistence(destination);
    if (!isTemporary(destination) || this.#owners.get(formatAddress(destination)) === publisher) return;
    throw new BrokerError('not-allowed', `${formatAddress(destination)} is another connection's`);
  }

  /** @throws BrokerError `not-found`. */
  queue(destination: Destination): Queue {
    const queue = this.#broker.find(temporary, destination.name);
    if (queue !== undefined) return queue;
    throw new BrokerError('not-found', `${formatAddress(destination)} does not exist`);
  }

  #remove(destination: Destination): void {
    this.#owners.delete(formatAddress(destination));
    if (destination.kind === 'temp-topic') this.#broker.advisories.destination(destination, false);
    const queue = destination.kind === 'temp-queue' ? this.#broker.find(temporary, destination.name) : undefined;
    if (queue !== undefined) this.#broker.background(this.#broker.delete(queue), `delete "${queue.name}"`);
  }
}

function isTemporary({ kind }: Destination): boolean {
  return kind === 'temp-queue' || kind === 'temp-topic';
}
