// What a producer's deliveries become: messages to its target, or on the anonymous terminus each to where it says itself
// (Anonymous Terminus for Message Routing, 2.2), at once or in a transaction.

import { randomUUID } from 'node:crypto';
import { formatAddress, type Destination } from '../../core/address.ts';
import type { SendOptions } from '../../core/broker.ts';
import { asBrokerError } from '../../core/errors.ts';
import { addressText, authorizeSending, targetDestinations } from './address.ts';
import type { Batch } from './batch.ts';
import { WireError } from './conditions.ts';
import type { Connection } from './connection.ts';
import type { Inlet, ReceivedDelivery } from './incoming-link.ts';
import { identified } from './message/identified.ts';
import { messageFromSections } from './message/from-sections.ts';
import { Sections } from './message/sections.ts';
import type { Transaction } from './transaction.ts';

/** A destination, with its address as messages carry it. */
interface Route {
  readonly to: Destination;
  readonly address: string;
}

/** The first of one or more. */
type Routes = readonly [Route, ...Route[]];

export interface ProducerOptions {
  /** Undefined on the anonymous terminus: messages say themselves where they go. */
  readonly to: readonly Destination[] | undefined;
  /** The link is over. */
  readonly onEnd?: (() => void) | undefined;
}

export class Producer implements Inlet {
  /** Anonymous Terminus for Message Routing, 2.2.2. */
  readonly namesDeliveries: boolean;
  readonly #connection: Connection;
  /** None on the anonymous terminus: only what holds back everybody holds it back. */
  readonly #to: readonly Destination[];
  readonly #routes: Routes | undefined;
  readonly #onEnd: (() => void) | undefined;
  readonly #atOnce: SendOptions;

  constructor(connection: Connection, { to, onEnd }: ProducerOptions) {
    this.#connection = connection;
    this.namesDeliveries = to === undefined;
    this.#to = to ?? [];
    this.#routes = to && routesTo(to);
    this.#onEnd = onEnd;
    this.#atOnce = { publisher: connection };
  }

  receive(delivery: ReceivedDelivery, bytes: Buffer): void {
    const { batch, client, transactions } = this.#connection;
    client.messagesIn++;
    if (delivery.txnId === undefined) return this.#send(batch, delivery, bytes);
    const transaction = transactions.find(delivery.txnId);
    try {
      this.#send(transaction, delivery, bytes);
    } catch (error) {
      delivery.failIn(transaction, asBrokerError(error));
    }
  }

  heldBack(): Promise<void> | undefined {
    return this.#connection.context.broker.heldBack(this.#to);
  }

  end(): void {
    this.#onEnd?.();
  }

  #send(into: Batch | Transaction, delivery: ReceivedDelivery, bytes: Buffer): void {
    const { broker, clock } = this.#connection.context;
    const received = new Sections(bytes);
    const { user } = this.#connection;
    const sections = user === undefined ? received : identified(received, user);
    const routes = this.#routes ?? this.#relayRoutes(sections);
    const [{ to, address }] = routes;
    const { message, when } = messageFromSections(sections, address, newId, clock.now());
    const options = when === undefined ? this.#atOnce : { ...this.#atOnce, ...when };
    if (routes.length === 1) {
      into.send(to, message, options);
    } else {
      // To all of them or none: each gets a message of its own.
      for (const route of routes) broker.temporary.requireExistence(route.to);
      for (const route of routes) into.send(route.to, { ...message, to: route.address }, options);
    }
    into.await(delivery);
  }

  #relayRoutes({ properties }: Sections): Routes {
    const to = addressText(properties?.to);
    // The condition that an attach to such an address would have had (2.2.2).
    if (to === undefined) {
      throw new WireError('link', 'amqp:not-found', 'message without "to" on the anonymous terminus');
    }
    const destinations = targetDestinations(to, undefined);
    authorizeSending(this.#connection, destinations);
    return routesTo(destinations);
  }
}

function routesTo(destinations: readonly Destination[]): Routes {
  const [first, ...others] = destinations.map((to) => ({ to, address: formatAddress(to) }));
  if (first === undefined) throw new WireError('link', 'amqp:invalid-field', 'an address without a destination');
  return [first, ...others];
}

function newId(): string {
  return `ID:${randomUUID()}`;
}
