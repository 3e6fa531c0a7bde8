// Enhanced fan-out: who is subscribed to which shard. A consumer has one subscription to a shard; another one within five
// seconds is refused, a later one takes its place.

import type { Clock } from '../../../util/clock.ts';
import { limits } from './limits.ts';

interface Active {
  readonly startedAt: number;
  readonly controller: AbortController;
}

const mostRemembered = 10_000;

export class Subscriptions {
  readonly #clock: Clock;
  readonly #active = new Map<string, Active>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A signal that ends the subscription when another takes its place; undefined: it is too early for another. */
  begin(consumerArn: string, shard: number): AbortSignal | undefined {
    const key = `${consumerArn} ${shard}`;
    const now = this.#clock.monotonic();
    const before = this.#active.get(key);
    if (before !== undefined && now - before.startedAt < limits.resubscribeMs) return undefined;
    before?.controller.abort();
    this.#forgetOld(now);
    const controller = new AbortController();
    this.#active.set(key, { startedAt: now, controller });
    return controller.signal;
  }

  /** The consumer is gone. */
  end(consumerArn: string): void {
    for (const [key, { controller }] of this.#active) {
      if (!key.startsWith(`${consumerArn} `)) continue;
      controller.abort();
      this.#active.delete(key);
    }
  }

  /** What could not be going on any more, once there are many. */
  #forgetOld(now: number): void {
    if (this.#active.size < mostRemembered) return;
    for (const [key, { startedAt }] of this.#active) {
      if (now - startedAt > limits.subscriptionMs) this.#active.delete(key);
    }
  }
}
