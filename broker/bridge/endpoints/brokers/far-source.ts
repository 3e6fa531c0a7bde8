// A queue or topic of another broker as the source of a route, whatever the protocol: one connection, made again when it is
// lost; so many messages held at most, each acknowledged there after the commit here. What the route gives back is held and
// offered again, in its place: to refuse it (NACK) would make it a dead letter in ActiveMQ. Who is not asked for messages for
// a while lets go of the connection, and the other broker has them back.

import { hash, randomUUID } from 'node:crypto';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Timer } from '../../../util/clock.ts';
import { BackOff } from '../../back-off.ts';
import { forEachDeadLetter } from '../../dead-letters.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { Source, Taken } from '../../source.ts';
import { TakenEntry } from '../queue-source.ts';
import { usualTiming } from './far-broker.ts';
import type { FarSourceOptions } from './far-broker.ts';
import { messageOf } from './open-socket.ts';

/** What the other broker has sent. */
export interface Delivery {
  readonly message: Message;
  /** What the other broker, or the sender, calls the message; undefined: nobody said. */
  readonly id: string | undefined;
  /** What it is known by when it comes again, with what it holds; undefined: it is not. */
  readonly mark: string | undefined;
  /** It says that it sent it before. */
  readonly isRedelivered: boolean;
  /** It comes again if it is not acknowledged. */
  readonly returns: boolean;
  acknowledge(): void;
}

/** A connection from which messages come. */
export interface Feed {
  /** So many messages fewer are held: there is room. */
  freed(count: number): void;
  /** Ends it in the protocol's way; what is not acknowledged goes back. Idempotent. */
  close(): void;
}

export interface FeedEvents {
  readonly deliver: (delivery: Delivery) => void;
  /** It is over, and nothing that came by it can be acknowledged. Not after `close`. */
  readonly onLost: (trouble: RemoteTrouble) => void;
}

/** Resolves once messages can come. @throws RemoteTrouble. */
export type OpenFeed = (events: FeedEvents) => Promise<Feed>;

/** Messages that are held at once: as many as a route has under way. */
export const prefetch = 1000;
/** For this long nothing has come that was asked for: there is nothing. */
const quietMs = 1000;
/** More than a few lost connections leave behind. */
const mostWritten = 10 * prefetch;

export class FarSource implements Source {
  readonly address: string;
  readonly options: FarSourceOptions;
  readonly #openFeed: OpenFeed;
  readonly #holdMs: number;
  readonly #backOff: BackOff;
  #retry: Timer | undefined;
  /** Of messages without an identity: they are known as long as this engine runs. */
  readonly #unnamed = randomUUID();
  #unnamedCount = 0;
  #deliver: (taken: Taken) => void = () => undefined;
  #onObstacle: (obstacle: string) => void = () => undefined;
  #obstacle: string | undefined;
  #feed: Feed | undefined;
  #isOpening = false;
  #credit = 0;
  #isOffering = false;
  /** In their order, the ones that were given back first. */
  #waiting: TakenDelivery[] = [];
  /** Given to the route, and neither acknowledged nor given back. */
  readonly #underWay = new Set<TakenDelivery>();
  #heardAt = 0;
  #unwanted: Timer | undefined;
  /** What was written and could not be acknowledged, with how many alike: it comes again, and is not given again. */
  readonly #written = new Map<string, number>();
  #closed = false;

  constructor(options: FarSourceOptions, openFeed: OpenFeed) {
    const { retry, holdMs } = options.timing ?? usualTiming;
    this.address = options.address;
    this.options = options;
    this.#openFeed = openFeed;
    this.#holdMs = holdMs;
    this.#backOff = new BackOff(retry);
  }

  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  /** No protocol tells how much there is. */
  get isEmpty(): boolean {
    const isQuiet = this.options.clock.monotonic() - this.#heardAt >= quietMs;
    return this.#feed !== undefined && this.#waiting.length === 0 && this.#underWay.size === 0 && isQuiet;
  }

  isFedBy(): boolean {
    return false;
  }

  start(deliver: (taken: Taken) => void, onObstacle: (obstacle: string) => void): Promise<void> {
    this.#deliver = deliver;
    this.#onObstacle = onObstacle;
    // Whether or not it is to give anything: what is published from here on is kept by the subscription.
    this.#open();
    this.#watchWant();
    return Promise.resolve();
  }

  setCredit(credit: number): void {
    if (this.#closed) return;
    this.#credit = credit;
    if (credit > 0) {
      this.#unwanted?.cancel();
      this.#unwanted = undefined;
      if (this.#retry === undefined) this.#open();
      this.#offer();
    } else this.#watchWant();
  }

  /** What arrives is in the broker's form: codecs read it. */
  read(message: Message): Message {
    return message;
  }

  revive(queue: Queue, reason: string): Promise<number> {
    return forEachDeadLetter(queue, reason, (entry, message) => {
      this.#deliver(new TakenEntry(entry, message, this.options, true));
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwanted?.cancel();
    this.#retry?.cancel();
    this.#letGo();
  }

  isHeldBy(feed: Feed | undefined): boolean {
    return feed !== undefined && feed === this.#feed;
  }

  /** The route has done with it. */
  settled(taken: TakenDelivery): void {
    this.#underWay.delete(taken);
    const { delivery, isHeld, likeness } = taken;
    if (isHeld) {
      delivery.acknowledge();
      this.#feed?.freed(1);
    } else if (likeness !== undefined) {
      this.#written.set(likeness, (this.#written.get(likeness) ?? 0) + 1);
      const [oldest] = this.#written.keys();
      if (this.#written.size > mostWritten && oldest !== undefined) this.#written.delete(oldest);
    }
    this.#watchWant();
  }

  takeBack(taken: TakenDelivery): void {
    this.#underWay.delete(taken);
    if (taken.isHeld) this.#waiting.unshift(taken);
    this.#watchWant();
  }

  /** For a message that has none: no other one gets it, in this run or another. */
  newIdentity(): string {
    return `${this.#unnamed}/${++this.#unnamedCount}`;
  }

  #open(): void {
    if (this.#feed !== undefined || this.#isOpening || this.#closed) return;
    this.#isOpening = true;
    let feed: Feed | undefined;
    const early: Delivery[] = [];
    let lost: RemoteTrouble | undefined;
    const events: FeedEvents = {
      deliver: (delivery) => {
        // Some come with the answer to what asked for them.
        if (feed === undefined) early.push(delivery);
        else if (feed === this.#feed) this.#arrived(delivery, feed);
      },
      onLost: (trouble) => {
        if (feed === undefined) lost = trouble;
        else if (feed === this.#feed) this.#lost(trouble);
      },
    };
    this.#openFeed(events).then(
      (opened) => {
        feed = opened;
        this.#isOpening = false;
        if (this.#closed) {
          opened.close();
          return;
        }
        this.#feed = opened;
        this.#obstacle = undefined;
        this.#heardAt = this.options.clock.monotonic();
        this.options.log.info({ address: this.address }, 'receives from another broker');
        for (const delivery of early) this.#arrived(delivery, opened);
        if (lost !== undefined) this.#lost(lost);
        else this.#watchWant();
      },
      (error: unknown) => {
        this.#isOpening = false;
        this.#fail(error instanceof RemoteTrouble ? error : new RemoteTrouble('away', messageOf(error)));
      },
    );
  }

  #arrived(delivery: Delivery, feed: Feed): void {
    this.#heardAt = this.options.clock.monotonic();
    this.#backOff.succeeded();
    const taken = new TakenDelivery(delivery, feed, this);
    if (delivery.isRedelivered && this.#wasWritten(taken)) {
      delivery.acknowledge();
      feed.freed(1);
      return;
    }
    this.#waiting.push(taken);
    this.#offer();
  }

  #wasWritten({ likeness }: TakenDelivery): boolean {
    const count = likeness === undefined ? undefined : this.#written.get(likeness);
    if (count === undefined || likeness === undefined) return false;
    if (count > 1) this.#written.set(likeness, count - 1);
    else this.#written.delete(likeness);
    return true;
  }

  /** Gives what is held, as far as it is asked for. */
  #offer(): void {
    if (this.#isOffering) return;
    this.#isOffering = true;
    while (this.#credit > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#credit--;
      this.#underWay.add(next);
      next.begin();
      this.#deliver(next);
    }
    this.#isOffering = false;
  }

  #lost(trouble: RemoteTrouble): void {
    this.#feed = undefined;
    this.#forgetLost();
    this.#fail(trouble);
  }

  #fail({ message }: RemoteTrouble): void {
    if (this.#closed) return;
    this.#obstacle = message;
    this.#retry?.cancel();
    this.#retry = this.options.clock.after(this.#backOff.failed(), () => {
      this.#retry = undefined;
      this.#open();
    });
    this.#onObstacle(message);
  }

  /** A paused route, or one that cannot write, keeps others from messages only for a while. */
  #watchWant(): void {
    if (this.#credit > 0 || this.#underWay.size > 0 || this.#unwanted !== undefined || this.#closed) return;
    this.#unwanted = this.options.clock.after(this.#holdMs, () => {
      this.#unwanted = undefined;
      if (this.#credit === 0 && this.#underWay.size === 0) this.#letGo();
    });
  }

  #letGo(): void {
    const feed = this.#feed;
    this.#feed = undefined;
    this.#forgetLost();
    feed?.close();
  }

  /** What the other broker has again. */
  #forgetLost(): void {
    this.#waiting = this.#waiting.filter((taken) => taken.isHeld);
    for (const taken of this.#underWay) if (!taken.isHeld) this.#underWay.delete(taken);
  }
}

class TakenDelivery implements Taken {
  readonly death = undefined;
  readonly delivery: Delivery;
  readonly #feed: Feed;
  readonly #source: FarSource;
  #identity: string | undefined;
  #isUnderWay = false;

  constructor(delivery: Delivery, feed: Feed, source: FarSource) {
    this.delivery = delivery;
    this.#feed = feed;
    this.#source = source;
  }

  get message(): Message {
    return this.delivery.message;
  }

  get isHeld(): boolean {
    return !this.delivery.returns || this.#source.isHeldBy(this.#feed);
  }

  /** The same when it comes again: as it is named there, and what it is. */
  get likeness(): string | undefined {
    const { mark, message } = this.delivery;
    return mark === undefined ? undefined : `${hash('sha256', message.body, 'base64')} ${mark}`;
  }

  begin(): void {
    this.#isUnderWay = true;
  }

  identity(): string {
    this.#identity ??= `${this.#source.address}/${this.delivery.id ?? this.#source.newIdentity()}`;
    return this.#identity;
  }

  settle(transaction: Transaction): void {
    transaction.afterCommit(() => {
      if (!this.#ends()) return;
      this.#source.settled(this);
    });
  }

  bury(transaction: Transaction, queue: Queue, reason: string): void {
    const { address, clock } = this.#source.options;
    transaction.put([queue], this.message, { dead: { reason, origin: address, at: clock.now() } });
    this.settle(transaction);
  }

  release(): void {
    if (this.#ends()) this.#source.takeBack(this);
  }

  #ends(): boolean {
    const was = this.#isUnderWay;
    this.#isUnderWay = false;
    return was;
  }
}
