// A message of another broker in the hands of a route.

import { messageSize } from '../../../core/message.ts';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Taken } from '../../source.ts';

/** What the other broker has sent. */
export interface Delivery {
  readonly message: Message;
  /** What the other broker, or the sender, calls the message, and no other; undefined: nobody said. */
  readonly id: string | undefined;
  /** What it is known by when it comes again, as long as it is not acknowledged; undefined: it is not. */
  readonly mark: string | undefined;
  /** It says that it sent it before. */
  readonly isRedelivered: boolean;
  /** It comes again if it is not acknowledged. */
  readonly returns: boolean;
  acknowledge(): void;
}

/** Where it came from. */
export interface Origin {
  readonly address: string;
  readonly clock: Clock;
  /** The connection by which it came is there. */
  isOpen(feed: object): boolean;
  /** For a message that has none: no other one gets it, in this run or another. */
  newIdentity(): string;
  /** The route has done with it. */
  settled(taken: TakenDelivery): void;
  takeBack(taken: TakenDelivery): void;
}

export class TakenDelivery implements Taken {
  readonly death = undefined;
  readonly delivery: Delivery;
  readonly size: number;
  readonly #feed: object;
  readonly #origin: Origin;
  #identity: string | undefined;
  #isUnderWay = false;

  /** `feed`: the connection by which it came. */
  constructor(delivery: Delivery, feed: object, origin: Origin) {
    this.delivery = delivery;
    this.size = messageSize(delivery.message);
    this.#feed = feed;
    this.#origin = origin;
  }

  get message(): Message {
    return this.delivery.message;
  }

  get isHeld(): boolean {
    return !this.delivery.returns || this.#origin.isOpen(this.#feed);
  }

  get likeness(): string | undefined {
    const { mark, message } = this.delivery;
    return mark === undefined ? undefined : `${mark} ${message.body.length}`;
  }

  /** It is given to the route. */
  begin(): void {
    this.#isUnderWay = true;
  }

  identity(): string {
    this.#identity ??= `${this.#origin.address}/${this.delivery.id ?? this.#origin.newIdentity()}`;
    return this.#identity;
  }

  settle(transaction: Transaction): void {
    transaction.afterCommit(() => {
      if (this.#ends()) this.#origin.settled(this);
    });
  }

  bury(transaction: Transaction, queue: Queue, reason: string): void {
    const { address, clock } = this.#origin;
    transaction.put([queue], this.message, { dead: { reason, origin: address, at: clock.now() } });
    this.settle(transaction);
  }

  release(): void {
    if (this.#ends()) this.#origin.takeBack(this);
  }

  #ends(): boolean {
    const was = this.#isUnderWay;
    this.#isUnderWay = false;
    return was;
  }
}
