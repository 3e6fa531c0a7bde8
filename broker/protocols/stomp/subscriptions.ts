// The subscriptions of a connection, by each of their names.

import { BrokerError } from '../../core/errors.ts';
import type { Subscriber } from '../../core/subscriber.ts';
import type { Browser } from './browser.ts';
import { Subscription } from './subscription.ts';

/** More than any client needs, and a bound on what one can make. */
const maxSubscriptions = 10_000;

export class Subscriptions {
  /** By the server's number. */
  readonly #byNumber = new Map<number, Subscription | Browser>();
  readonly #byId = new Map<string, Subscription | Browser>();
  readonly #bySubscriber = new Map<Subscriber, Subscription>();
  #lastNumber = 0;

  [Symbol.iterator](): IterableIterator<Subscription | Browser> {
    return this.#byNumber.values();
  }

  /** By the server's number, or by the client's id. */
  get(numberOrId: number | string): Subscription | Browser | undefined {
    return typeof numberOrId === 'number' ? this.#byNumber.get(numberOrId) : this.#byId.get(numberOrId);
  }

  /** Undefined for one that has ended. */
  of(subscriber: Subscriber): Subscription | undefined {
    return this.#bySubscriber.get(subscriber);
  }

  /** The number of a new one with that id. @throws BrokerError `exists`, or `limit`. */
  nextNumber(id: string | undefined): number {
    if (id !== undefined && this.#byId.has(id)) throw new BrokerError('exists', `subscription "${id}" exists already`);
    if (this.#byNumber.size >= maxSubscriptions) {
      throw new BrokerError('limit', `more than ${maxSubscriptions} subscriptions`);
    }
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  add(subscription: Subscription | Browser): void {
    this.#byNumber.set(subscription.number, subscription);
    if (subscription.id !== undefined) this.#byId.set(subscription.id, subscription);
    if (subscription instanceof Subscription) this.#bySubscriber.set(subscription.subscriber, subscription);
  }

  /** Ends it: what it holds goes back. */
  end(subscription: Subscription | Browser): void {
    this.#byNumber.delete(subscription.number);
    if (subscription.id !== undefined) this.#byId.delete(subscription.id);
    if (subscription instanceof Subscription) this.#bySubscriber.delete(subscription.subscriber);
    subscription.close();
  }
}
