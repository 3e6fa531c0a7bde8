// The comparison of one shadow: which two places it observes, by what it knows messages again, and what is kept of it in the store.
// Without a place of its own on the left, that is where the shadow copies from; from a topic or a stream, what was sent
// counts. On the right it is the target, where that is a queue of this engine.

import { digestOf, comparedReader } from './comparison-facts.ts';
import type { Facts, ReadCompared } from './comparison-facts.ts';
import { Comparison } from './comparison.ts';
import type { Counts, Example, Settlement } from './comparison.ts';
import { observePlace } from './comparison-observer.ts';
import { Progress } from './comparison-progress.ts';
import { comparisonRecords } from './comparison-record.ts';
import { observe } from '../core/observation.ts';
import type { Broker } from '../core/broker.ts';
import type { Entry } from '../core/entry.ts';
import type { Message } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { Choice } from './choice.ts';
import { shown } from './examples.ts';
import { compileKey } from './key-expression.ts';
import { silent } from './mapping.ts';
import { idIn, keyOf } from './shadow-source.ts';
import type { Place } from './shadow-source.ts';
import { markOf } from './shadow-mark.ts';

export interface CompareRules {
  /** `header:NAME`, `property:NAME` or `json:$.PATH`; undefined: a message is known by itself. */
  readonly by: string | undefined;
  /** What is compared; undefined: the body. */
  readonly fields: readonly string[] | undefined;
  readonly lateMs: number;
  readonly windowMs: number;
  readonly most: number;
}

export interface ShadowComparisonOptions extends CompareRules {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly route: string;
  /** Undefined: what the route sends is the left side. */
  readonly left: Place | undefined;
  readonly right: Place;
  /** Of the route: what it passes over is not compared where it copies from. */
  readonly choice: Choice | undefined;
}

export interface Report {
  readonly left: string;
  readonly right: string;
  readonly by: string;
  readonly lateMs: number;
  readonly windowMs: number;
  readonly counts: Counts;
  readonly waiting: { readonly left: number; readonly right: number };
  readonly examples: readonly Example[];
}

const saveMs = 1000;
const itself = 'the message itself';
/** Of a message that has no key. */
const none = '';

interface Copied {
  readonly copy: Queue;
  readonly progress: Progress;
}

export class ShadowComparison {
  readonly #options: ShadowComparisonOptions;
  readonly #compared: ReadCompared;
  readonly #keyOf: ((message: Message) => string | undefined) | undefined;
  readonly #stops: (() => void)[] = [];
  /** By the queue that is copied. */
  readonly #copied = new Map<Queue, Copied>();
  #comparison: Comparison;
  #isRestored = false;
  /** What was put before it was put before this engine started. */
  #firstId = 0;
  #startedAt = 0;
  #saved = '';
  /** The report is due at the latest then, milliseconds of the monotonic clock. */
  #reportBy: number | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: ShadowComparisonOptions) {
    const { by, fields } = options;
    this.#options = options;
    this.#compared = comparedReader(fields);
    this.#keyOf = by === undefined ? undefined : compileKey([by]);
    this.#comparison = new Comparison(options);
  }

  async start(): Promise<void> {
    const { broker, clock, route } = this.#options;
    const kept = await comparisonRecords.read(broker.store, route);
    if (kept !== undefined) this.#comparison = new Comparison(this.#options, kept);
    this.#isRestored = kept !== undefined;
    this.#firstId = broker.store.nextId();
    this.#startedAt = clock.monotonic();
    this.#observe();
    this.#arm();
  }

  /** A copy of the queue is there, which gets what is put from now on. */
  copied(queue: Queue, copy: Queue): void {
    const { clock, windowMs } = this.#options;
    if (this.#copied.get(queue)?.copy === copy) return;
    const progress = new Progress(windowMs);
    this.#copied.set(queue, { copy, progress });
    const stop = observe(copy, {
      leased: () => undefined,
      ended: ({ messageId }) => progress.reached(messageId, clock.monotonic()),
    });
    this.#stops.push(stop);
  }

  /** The route sent a message that it knows by the key; the left side, where that is no queue. */
  sent(key: string, message: Message): void {
    if (this.#options.left !== undefined) return;
    const facts = { key, id: message.id, group: message.groupId ?? '', compared: this.#read(message) };
    this.#comparison.left({ facts, isOld: false });
  }

  report(): Report {
    const { left, right, by, lateMs, windowMs, route } = this.#options;
    const { counts, waiting, examples } = this.#comparison;
    const sides = { left: left?.address ?? `what ${route} sent`, right: right.address };
    return { ...sides, by: by ?? itself, lateMs, windowMs, counts, waiting, examples };
  }

  /** Says in the log how it stands, once nothing waits, or has waited for long enough. */
  reportAtEnd(): void {
    this.#reportBy = this.#options.clock.monotonic() + this.#options.windowMs;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    for (const stop of this.#stops) stop();
    this.#comparison.close();
    this.#save();
  }

  #observe(): void {
    const { broker, left, right } = this.#options;
    if (left !== undefined) {
      const stop = observePlace(broker, {
        place: left,
        read: (entry, message) => this.#leftFacts(entry, left.read?.(message, silent) ?? message),
        onSettled: (entry, facts) => this.#settled('left', facts, this.#leftOf(entry, facts)),
        onFailed: () => this.#comparison.count('leftFailed'),
      });
      this.#stops.push(stop);
    }
    const stop = observePlace(broker, {
      place: right,
      read: (_, message) => this.#rightFacts(right.read?.(message, silent) ?? message),
      onSettled: (entry, facts) =>
        this.#settled('right', facts, { facts, isOld: this.#isOld(this.#idOf(entry, facts)) }),
      onFailed: () => this.#comparison.count('rightFailed'),
    });
    this.#stops.push(stop);
  }

  #leftFacts(entry: Entry, message: Message): Facts | undefined {
    const group = `${entry.queue.id}/${message.groupId ?? ''}`;
    if (this.#keyOf !== undefined) return this.#keyedFacts(message, group);
    const copied = this.#copied.get(entry.queue);
    // What was there before its copy is not compared, nor what the route does not choose.
    if (copied === undefined || entry.messageId < copied.copy.id) return undefined;
    if (this.#options.choice?.(message) === false) return undefined;
    const key = keyOf(copied.copy, entry.messageId);
    return { key, id: message.id, group, compared: this.#read(message) };
  }

  #rightFacts(message: Message): Facts | undefined {
    if (this.#keyOf !== undefined) return this.#keyedFacts(message, '');
    const key = markOf(message, this.#options.route);
    return key === undefined ? undefined : { key, id: message.id, group: '', compared: this.#read(message) };
  }

  #keyedFacts(message: Message, group: string): Facts {
    const { by = '' } = this.#options;
    const key = this.#keyOf?.(message);
    if (key === undefined) return { key: none, id: '', group, compared: [] };
    return { key: digestOf(key), id: shown(by, key), group, compared: this.#read(message) };
  }

  #settled(side: 'left' | 'right', facts: Facts, settlement: Settlement): void {
    if (facts.key === none) this.#comparison.count('unkeyed');
    else this.#comparison[side](settlement);
  }

  #read(message: Message): Facts['compared'] {
    return this.#compared(message, this.#comparison.wantsValues);
  }

  #leftOf(entry: Entry, facts: Facts): Settlement {
    const progress = this.#keyOf === undefined ? this.#copied.get(entry.queue)?.progress : undefined;
    return { facts, isOld: this.#isOld(entry.messageId), position: entry.messageId, progress };
  }

  /** Of the message that the one on the right is a copy of, where that is known. */
  #idOf(entry: Entry, { key }: Facts): number {
    const isCopy = this.#keyOf === undefined && this.#options.left !== undefined;
    return isCopy ? idIn(key) : entry.messageId;
  }

  #isOld(messageId: number): boolean {
    if (!this.#isRestored) return false;
    const { clock, windowMs } = this.#options;
    return messageId < this.#firstId || (this.#keyOf !== undefined && clock.monotonic() < this.#startedAt + windowMs);
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(saveMs, () => {
      this.#save();
      this.#reportIfDue();
      this.#arm();
    });
  }

  #save(): void {
    const { counts, examples, waiting } = this.#comparison;
    const kept = { counts, examples, waiting };
    const text = JSON.stringify(kept);
    if (text === this.#saved) return;
    this.#saved = text;
    const { broker, route } = this.#options;
    broker.background(comparisonRecords.write(broker.store, route, kept), 'save a comparison');
  }

  #reportIfDue(): void {
    const { waiting } = this.#comparison;
    const { clock, log } = this.#options;
    if (this.#reportBy === undefined) return;
    if (waiting.left + waiting.right > 0 && clock.monotonic() < this.#reportBy) return;
    this.#reportBy = undefined;
    log.info({ ...this.report() }, 'compared');
  }
}
