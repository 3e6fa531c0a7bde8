// What a receiving link draws from: a subscriber of the engine, or a look through a queue.

import type { Broker } from '../../core/broker.ts';
import type { Entry } from '../../core/entry.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { QueueBrowser } from '../../core/queue-browser.ts';
import type { SelectorSource, SubscribeOptions, Subscriber } from '../../core/subscriber.ts';

/** Who is given the messages. */
export interface Taker {
  /** Must neither throw nor wait. */
  deliver(entry: Entry, message: Message): void;
  /** A queue that it draws from is gone. */
  onDeleted(): void;
}

export interface Supply {
  /** The store has what it begins with; undefined: it may begin at once. */
  readonly saved: Promise<void> | undefined;
  /** Messages that are ready; undefined: not known. */
  readonly available: number | undefined;
  /** Calls, once, when more of what is there has come. False: nothing more is on its way. */
  onceMore(tell: () => void): boolean;
  /** Replaces what it may give. */
  setCredit(credit: number): void;
  /** What was given and not settled goes back. Idempotent. */
  close(): void;
}

const maxUint32 = 0xffffffff;

/** @throws as Broker.subscribe. */
export function subscribe(
  broker: Broker,
  options: Omit<SubscribeOptions, 'deliver' | 'onDeleted'>,
  taker: Taker,
): Supply {
  const deliver = (entry: Entry, message: Message) => taker.deliver(entry, message);
  const subscriber = broker.subscribe({ ...options, deliver, onDeleted: () => taker.onDeleted() });
  return new Subscribed(subscriber, options.subscription?.durable === true ? subscriber.saved : undefined);
}

/** @throws as Broker.browse. */
export function browse(broker: Broker, queue: Queue, selector: SelectorSource | undefined, taker: Taker): Supply {
  return new Browsing(broker, queue, selector, taker);
}

class Subscribed implements Supply {
  readonly saved: Promise<void> | undefined;
  readonly #subscriber: Subscriber;

  constructor(subscriber: Subscriber, saved: Promise<void> | undefined) {
    this.#subscriber = subscriber;
    this.saved = saved;
  }

  get available(): number {
    let available = 0;
    for (const queue of this.#subscriber.queues()) available += queue.readyCount;
    return Math.min(available, maxUint32);
  }

  onceMore(tell: () => void): boolean {
    return this.#subscriber.onceRead(tell);
  }

  setCredit(credit: number): void {
    this.#subscriber.setCredit(credit);
  }

  close(): void {
    this.#subscriber.close();
  }
}

class Browsing implements Supply {
  /** What is on its way out is not shown: it is gone once what was written before is committed. */
  readonly saved: Promise<void>;
  readonly available = undefined;
  #ended = false;
  #onEnd: (() => void) | undefined;
  readonly #browser: QueueBrowser;

  constructor(broker: Broker, queue: Queue, selector: SelectorSource | undefined, taker: Taker) {
    this.saved = broker.store.write([]);
    this.#browser = broker.browse({
      queue,
      selector,
      deliver: (entry, message) => taker.deliver(entry, message),
      onEnd: () => {
        this.#ended = true;
        this.#onEnd?.();
      },
    });
  }

  onceMore(tell: () => void): boolean {
    this.#onEnd = tell;
    return !this.#ended;
  }

  setCredit(credit: number): void {
    this.#browser.setCredit(credit);
  }

  close(): void {
    this.#browser.close();
  }
}
