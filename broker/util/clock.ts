// Time and timers, so that tests can turn them. Nothing in the engine calls Date.now or setTimeout directly.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch, as the system believes it; may jump. */
  now(): number;
  /** Milliseconds since some fixed point; never goes back. */
  monotonic(): number;
  /** Calls `run` once, after `ms` milliseconds (any length: longer than the 24.8 days of setTimeout is handled). */
  after(ms: number, run: () => void): Timer;
}

const longestTimeoutMs = 2 ** 31 - 1;

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined;

  constructor(ms: number, run: () => void) {
    this.#handle = this.#arm(ms, run);
  }

  cancel(): void {
    clearTimeout(this.#handle);
    // Whoever keeps this timer does not keep what it would have run.
    this.#handle = undefined;
  }

  #arm(ms: number, run: () => void): NodeJS.Timeout {
    if (ms <= longestTimeoutMs) return setTimeout(run, Math.max(0, ms));
    return setTimeout(() => {
      this.#handle = this.#arm(ms - longestTimeoutMs, run);
    }, longestTimeoutMs);
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => new SystemTimer(ms, run),
};
