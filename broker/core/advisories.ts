// Messages about what happens in the broker, on topics of ActiveMQ's names (`ActiveMQ.Advisory.>`): connections, consumers,
// destinations, dead letters, expiries, slow consumers, full queues. Nothing is made for a topic that nobody subscribes to.
// Their bodies are JSON, where ActiveMQ's are objects of its own protocol.

import { randomUUID } from 'node:crypto';
import { formatAddress } from './address.ts';
import type { Destination, DestinationKind } from './address.ts';
import type { Broker } from './broker.ts';
import type { ConnectedClient } from './clients.ts';
import type { Message, Property } from './message.ts';

const prefix = 'ActiveMQ.Advisory.';

/** As they stand in the names of topics. */
const kinds: Readonly<Record<DestinationKind, string>> = {
  queue: 'Queue',
  topic: 'Topic',
  'temp-queue': 'TempQueue',
  'temp-topic': 'TempTopic',
};

type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

export class Advisories {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  connection(client: ConnectedClient, isThere: boolean): void {
    const { id, protocol, address, clientId, user } = client;
    this.#advise('Connection', () => ({
      event: isThere ? 'started' : 'stopped',
      id,
      protocol,
      address,
      clientId,
      user,
    }));
  }

  /** `count`: consumers of the destination now. */
  consumer(destination: Destination, isThere: boolean, clientId: string | undefined, count: number): void {
    if (isAdvisory(destination)) return;
    const topic = `Consumer.${kinds[destination.kind]}.${destination.name}`;
    this.#advise(topic, () => ({ ...about(destination, isThere), clientId, consumerCount: count }));
  }

  /** For protocols in which a client says that it will send. */
  producer(destination: Destination, isThere: boolean, clientId: string | undefined): void {
    const topic = `Producer.${kinds[destination.kind]}.${destination.name}`;
    this.#advise(topic, () => ({ ...about(destination, isThere), clientId }));
  }

  destination(destination: Destination, isThere: boolean): void {
    if (!isAdvisory(destination)) this.#advise(kinds[destination.kind], () => about(destination, isThere));
  }

  /** A message became a dead letter. */
  deadLettered(from: Destination, messageId: string | undefined, reason: string): void {
    this.#advise(`MessageDLQd.${kinds[from.kind]}.${from.name}`, () => ({ ...of(from), messageId, reason }));
  }

  expired(from: Destination, messageId: string | undefined): void {
    this.#advise(`Expired.${kinds[from.kind]}.${from.name}`, () => ({ ...of(from), messageId }));
  }

  /** Messages that waited for a subscriber were dropped; `discarded`: how many so far. */
  slowConsumer(destination: Destination, discarded: number): void {
    this.#advise(`SlowConsumer.${kinds[destination.kind]}.${destination.name}`, () => ({
      ...of(destination),
      discarded,
    }));
  }

  /** Senders are held back. */
  full(destination: Destination): void {
    this.#advise(`FULL.${kinds[destination.kind]}.${destination.name}`, () => of(destination));
  }

  #advise(topic: string, facts: () => Facts): void {
    const broker = this.#broker;
    const name = prefix + topic;
    if (broker.topics.match(name).length === 0) return;
    const given = facts();
    const properties: Property[] = [{ name: 'originBrokerName', type: 'string', value: 'causeway' }];
    for (const [key, value] of Object.entries(given)) {
      if (typeof value === 'number') properties.push({ name: key, type: 'int', value });
      else if (typeof value === 'boolean') properties.push({ name: key, type: 'boolean', value });
      else if (value !== undefined) properties.push({ name: key, type: 'string', value });
    }
    const destination = { kind: 'topic', name } as const;
    const message: Message = {
      id: `ID:${randomUUID()}`,
      to: formatAddress(destination),
      type: 'Advisory',
      body: Buffer.from(JSON.stringify(given)),
      bodyType: 'text',
      contentType: 'application/json',
      durable: false,
      priority: 4,
      timestamp: broker.clock.now(),
      properties,
    };
    broker.background(broker.publish(destination, message), `publish advisory "${name}"`);
  }
}

function isAdvisory({ kind, name }: Destination): boolean {
  return kind === 'topic' && name.startsWith(prefix);
}

function about(destination: Destination, isThere: boolean): Facts {
  return { event: isThere ? 'added' : 'removed', ...of(destination) };
}

function of(destination: Destination): Facts {
  return { destination: formatAddress(destination) };
}
