// A queue or topic of another broker as the source of a route, whatever the protocol: one connection, made again when it is
// lost; so many messages held at most, each acknowledged there after the commit here. What the route gives back is held and
// offered again, in its place: to refuse it (NACK) would make it a dead letter in ActiveMQ. Who is not asked for messages for
// a while lets go of the connection, and the other broker has them back.

import { randomUUID } from 'node:crypto';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import { BackOff } from '../../back-off.ts';
import { forEachDeadLetter } from '../../dead-letters.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { Source, Taken } from '../../source.ts';
import { TakenEntry } from '../queue-source.ts';
import { usualTiming } from './far-broker.ts';
import type { FarSourceOptions } from './far-broker.ts';
import { messageOf } from '../../../util/network-words.ts';
import { TakenDelivery } from './taken-delivery.ts';
import type { Delivery, Origin } from './taken-delivery.ts';
import { Written } from './written.ts';

/** A connection from which messages come. */
export interface Feed {
  /** The other broker has forgotten what it sent before: what comes now is something else. */
  readonly isNew: boolean;
  /** One message fewer is held: there is room. */
  freed(): void;
  /** Reads nothing, or goes on reading. */
  pause(isPaused: boolean): void;
  /** Ends it in the protocol's way; what is not acknowledged goes back. Idempotent. */
  close(): void;
}

export interface FeedEvents {
  readonly deliver: (delivery: Delivery) => void;
  /** It is over, and nothing that came by it can be acknowledged. Not after `close`. */
  readonly onLost: (trouble: RemoteTrouble) => void;
}

/** `window`: messages that may be held at once. `signal` ends it. Resolves once messages can come. @throws RemoteTrouble. */
export type OpenFeed = (events: FeedEvents, window: number, signal: AbortSignal) => Promise<Feed>;

/** As many as a route has under way. */
const largestWindow = 1000;
const smallestWindow = 50;
/** What is held may be so much; beyond it nothing is read, until it is half of that. */
const mostBytes = 32 * 1024 * 1024;
/** For this long nothing has come that was asked for: there is nothing. */
const quietMs = 1000;

export class FarSource implements Source, Origin {
  readonly address: string;
  readonly clock: Clock;
  readonly #options: FarSourceOptions;
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
  /** Waiting, and under way by this connection. */
  #heldBytes = 0;
  #isPaused = false;
  #heardAt = 0;
  #unwanted: Timer | undefined;
  readonly #written: Written;
  /** What was acknowledged last, by this connection: the other broker may not have heard it. */
  #acknowledged: string[] = [];
  #acknowledgedCount = 0;
  /** By this connection. */
  #settledCount = 0;
  /** Smaller after a connection that was lost before much was acknowledged: else the next would be no better. */
  #window = largestWindow;
  readonly #opening = new AbortController();
  #closed = false;

  constructor(options: FarSourceOptions, openFeed: OpenFeed) {
    const { retry, holdMs } = options.timing ?? usualTiming;
    this.address = options.address;
    this.clock = options.clock;
    this.#options = options;
    this.#written = new Written(options.clock);
    this.#openFeed = openFeed;
    this.#holdMs = holdMs;
    this.#backOff = new BackOff(retry);
  }

  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  /** No protocol tells how much there is. */
  get isEmpty(): boolean {
    const isQuiet = this.clock.monotonic() - this.#heardAt >= quietMs;
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
      this.#deliver(new TakenEntry(entry, message, this, true));
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#isOpening) this.#opening.abort();
    else this.#letGo();
    this.#unwanted?.cancel();
    this.#retry?.cancel();
  }

  isOpen(feed: object): boolean {
    return feed === this.#feed;
  }

  settled(taken: TakenDelivery): void {
    if (this.#underWay.delete(taken)) this.#heldBytes -= taken.size;
    if (this.#heldBytes < mostBytes / 2) this.#pause(false);
    const { delivery, isHeld, likeness } = taken;
    if (isHeld) {
      delivery.acknowledge();
      this.#settledCount++;
      this.#feed?.freed();
      if (delivery.id !== undefined && likeness !== undefined) this.#remember(likeness);
    } else if (likeness !== undefined) this.#written.add(likeness);
    this.#watchWant();
  }

  takeBack(taken: TakenDelivery): void {
    if (this.#underWay.delete(taken) && taken.isHeld) this.#waiting.unshift(taken);
    this.#watchWant();
  }

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
    this.#openFeed(events, this.#window, this.#opening.signal).then(
      (opened) => {
        feed = opened;
        this.#isOpening = false;
        if (this.#closed) {
          opened.close();
          return;
        }
        this.#feed = opened;
        if (opened.isNew) this.#written.clear();
        this.#acknowledged = [];
        this.#acknowledgedCount = 0;
        this.#settledCount = 0;
        this.#obstacle = undefined;
        this.#heardAt = this.clock.monotonic();
        this.#options.log.info({ address: this.address }, 'receives from another broker');
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
    this.#heardAt = this.clock.monotonic();
    this.#backOff.succeeded();
    const taken = new TakenDelivery(delivery, feed, this);
    const { likeness } = taken;
    if (delivery.isRedelivered && likeness !== undefined && this.#written.take(likeness)) {
      delivery.acknowledge();
      this.#settledCount++;
      feed.freed();
      if (delivery.id !== undefined) this.#remember(likeness);
      return;
    }
    this.#waiting.push(taken);
    this.#heldBytes += taken.size;
    this.#offer();
    if (this.#heldBytes > mostBytes) this.#pause(true);
  }

  #remember(likeness: string): void {
    this.#acknowledged[this.#acknowledgedCount % largestWindow] = likeness;
    this.#acknowledgedCount++;
  }

  #pause(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#feed?.pause(isPaused);
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
    this.#forgetFeed();
    for (const likeness of this.#acknowledged) this.#written.add(likeness);
    const isGood = this.#settledCount >= this.#window;
    this.#window = isGood
      ? Math.min(largestWindow, this.#window * 2)
      : Math.max(smallestWindow, Math.floor(this.#window / 4));
    this.#fail(trouble);
  }

  #fail({ message }: RemoteTrouble): void {
    if (this.#closed) return;
    this.#obstacle = message;
    this.#retry?.cancel();
    this.#retry = this.clock.after(this.#backOff.failed(), () => {
      this.#retry = undefined;
      this.#open();
    });
    this.#onObstacle(message);
  }

  /** A paused route, or one that cannot write, keeps others from messages only for a while. */
  #watchWant(): void {
    if (this.#credit > 0 || this.#underWay.size > 0 || this.#unwanted !== undefined || this.#closed) return;
    this.#unwanted = this.clock.after(this.#holdMs, () => {
      this.#unwanted = undefined;
      if (this.#credit === 0 && this.#underWay.size === 0) this.#letGo();
    });
  }

  #letGo(): void {
    const feed = this.#feed;
    this.#forgetFeed();
    feed?.close();
  }

  /** What it gave and was not acknowledged, the other broker has again. */
  #forgetFeed(): void {
    this.#feed = undefined;
    this.#waiting = this.#waiting.filter((taken) => taken.isHeld);
    for (const taken of this.#underWay) if (!taken.isHeld) this.#underWay.delete(taken);
    this.#isPaused = false;
    this.#heldBytes = 0;
    for (const { size } of [...this.#waiting, ...this.#underWay]) this.#heldBytes += size;
  }
}
