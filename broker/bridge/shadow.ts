// A route that copies without consuming: what it takes its copies from, what it compares, and what it says of both. A dry run is
// one, too, of which nothing arrives.

import type { Broker } from '../core/broker.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { Choice } from './choice.ts';
import { digestOf } from './comparison-facts.ts';
import { drySource } from './dry-run.ts';
import { silent } from './mapping.ts';
import { ShadowComparison } from './shadow-comparison.ts';
import type { CompareRules, Report } from './shadow-comparison.ts';
import { marked } from './shadow-mark.ts';
import { ShadowSource } from './shadow-source.ts';
import type { Place } from './shadow-source.ts';
import { viewOf } from './source-view.ts';
import type { Source, Taken } from './source.ts';

export type ShadowMode = 'shadow' | 'dry-run';

export interface ShadowOptions {
  readonly mode: ShadowMode;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly route: string;
  /** The queues that are copied, or a source that copies by itself: a subscription, or a reader of a stream. */
  readonly from: Place | Source;
  /** Copies of each queue that may wait. */
  readonly behind: number;
  /** Undefined: nothing is known of what is received on the right. */
  readonly compare: Comparing | undefined;
  /** Of the route. */
  readonly choice: Choice | undefined;
}

export interface Comparing extends CompareRules {
  /** Undefined: where the copies come from. */
  readonly left: Place | undefined;
  readonly right: Place;
}

export class Shadow {
  readonly mode: ShadowMode;
  /** What the route takes from. */
  readonly source: Source;
  readonly #copies: ShadowSource | undefined;
  readonly #comparison: ShadowComparison | undefined;

  constructor(options: ShadowOptions) {
    const { mode, from, behind, compare, ...context } = options;
    this.mode = mode;
    const copied = 'filter' in from ? from : undefined;
    const comparison = compare && new ShadowComparison({ ...context, ...compare, left: compare.left ?? copied });
    this.#comparison = comparison;
    if ('filter' in from) {
      this.#copies = new ShadowSource({
        ...context,
        from,
        most: behind,
        isCompared: comparison !== undefined,
        onCopy: (queue, copy) => comparison?.copied(queue, copy),
      });
    }
    const source = this.#copies ?? ('filter' in from ? undefined : this.#marked(from, options));
    if (source === undefined) throw new Error('a shadow without a source');
    this.source = mode === 'dry-run' ? drySource(source) : source;
  }

  /** Copies that were dropped, because too many waited or the store was nearly full. */
  get dropped(): number {
    return this.#copies?.dropped ?? 0;
  }

  /** Copies that wait. */
  get behind(): number {
    return this.#copies?.behind ?? 0;
  }

  /** Undefined: nothing is compared. */
  report(): Report | undefined {
    return this.#comparison?.report();
  }

  async start(): Promise<void> {
    await this.#comparison?.start();
  }

  drained(): void {
    this.#comparison?.reportAtEnd();
  }

  /** Idempotent. */
  close(): void {
    this.#comparison?.close();
  }

  /** What is published, or put into a stream, has no receiver to compare with but those of the target: it counts once sent. */
  #marked(source: Source, { route, choice }: ShadowOptions): Source {
    const comparison = this.#comparison;
    if (comparison === undefined) return source;
    return viewOf(source, { see: (taken) => seen(taken, source, { route, choice, comparison }) });
  }
}

interface Seen {
  readonly route: string;
  readonly choice: Choice | undefined;
  readonly comparison: ShadowComparison;
}

function seen(taken: Taken, source: Source, { route, choice, comparison }: Seen): Taken {
  const key = digestOf(taken.identity());
  return {
    message: marked(taken.message, route, key),
    death: taken.death,
    refusal: taken.refusal,
    get isHeld() {
      return taken.isHeld;
    },
    identity: () => taken.identity(),
    settle: (transaction) => {
      taken.settle(transaction);
      const message = source.read(taken.message, silent);
      if (choice?.(message) === false) return;
      transaction.afterCommit(() => comparison.sent(key, message));
    },
    bury: (transaction, queue, reason) => taken.bury(transaction, queue, reason),
    release: () => taken.release(),
  };
}
