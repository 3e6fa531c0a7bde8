// Becoming the engine that writes: at once when the store is free, else as a standby that waits for the lock to be freed (its
// holder died) or for the pulse to stand still (its holder hangs). DESIGN: the lock is quick, the lease sure to end,
// the epoch the fence.

import { BrokerError } from '../core/errors.ts';
import type { Pulse, SharedStore, Store } from '../core/store.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import { describeHolder, killHolder, thisProcess } from './identity.ts';

export interface PrimacyOptions {
  readonly shared: SharedStore;
  /** False: a store in use is refused instead of waited for. */
  readonly standby: boolean;
  /** How long the active's pulse may stand still, in milliseconds. */
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Called once, when this engine begins to wait. */
  readonly onStandby: () => void;
  readonly signal: AbortSignal;
}

const pollMs = 50;
const relockMs = 1000;

/**
 * Resolves with the store once this engine is the active one.
 * @throws BrokerError `not-allowed` when the store is in use and `standby` is false; `closed` when aborted;
 * what SharedStore.activate throws.
 */
export async function takePrimacy(options: PrimacyOptions): Promise<Store> {
  const { shared, clock, log, signal } = options;
  const watch = new PulseWatch(clock);
  let waiting = false;
  while (!signal.aborted) {
    const locked = await shared.tryLock();
    const pulse = locked ? undefined : await shared.observe();
    const isStill = !locked && watch.standsStillFor(pulse) >= options.leaseMs;
    if (locked || isStill) {
      if (isStill) log.warn({ holder: pulse?.holder }, 'the active engine shows no pulse: taking over');
      const store = await tryActivate(options, isStill ? pulse : undefined);
      if (store !== undefined) {
        if (!locked) keepTryingToLock(options);
        return store;
      }
    } else if (!options.standby) {
      throw new BrokerError('not-allowed', `the data directory is in use by ${describeHolder(pulse?.holder)}`);
    }
    if (!waiting) {
      waiting = true;
      options.onStandby();
    }
    await sleep(clock, pollMs);
  }
  throw new BrokerError('closed', 'stopped while waiting for the store');
}

/** How long, by this process's own monotonic clock, the pulse has been seen not to change. */
class PulseWatch {
  readonly #clock: Clock;
  #last: string | undefined;
  #changedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#changedAt = clock.monotonic();
  }

  standsStillFor(pulse: Pulse | undefined): number {
    const seen = pulse?.sign;
    const now = this.#clock.monotonic();
    if (seen !== this.#last) {
      this.#last = seen;
      this.#changedAt = now;
    }
    return now - this.#changedAt;
  }
}

/** Undefined: someone is in the middle of a write; a hung holder on this host was killed, so that the next try succeeds. */
async function tryActivate(options: PrimacyOptions, still: Pulse | undefined): Promise<Store | undefined> {
  const { shared, clock, log } = options;
  try {
    return await shared.activate(thisProcess(clock.now()));
  } catch (error) {
    if (!(error instanceof BrokerError) || error.code !== 'limit') throw error;
    const killed = still?.holder !== undefined && killHolder(still.holder);
    log.warn({ holder: still?.holder, killed }, 'the store is locked in the middle of a write');
    return undefined;
  }
}

/** The lock makes the next takeover quick; without it a standby waits for the lease. */
function keepTryingToLock({ shared, clock, signal }: PrimacyOptions): void {
  const tryOnce = (): void => {
    if (signal.aborted) return;
    shared.tryLock().then(
      (locked) => {
        if (!locked) clock.after(relockMs, tryOnce);
      },
      // The store was closed.
      () => undefined,
    );
  };
  clock.after(relockMs, tryOnce);
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
