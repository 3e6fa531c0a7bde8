// Slows down who guesses. Attempts for one user from one address go one after the other once some have failed, further and
// further apart; who tries many users from one address, or one user from many, waits too, but stands in nobody's way. A
// password that was found right before is checked elsewhere, without any of this.

import { BrokerError } from '../core/errors.ts';
import type { Clock, Timer } from '../util/clock.ts';

/** Failures that cost nothing: people mistype. */
const free = { pair: 3, address: 20, user: 20 } as const;
const firstDelayMs = 250;
const longestDelayMs = 8000;
const longestSharedDelayMs = 2000;
/** Attempts for one user from one address that wait. More are refused without a look. */
const mostWaiting = 8;
/** After so long without a failure, all is forgotten. */
const forgottenAfterMs = 15 * 60_000;
const mostEntries = 10_000;

interface Entry {
  failures: number;
  lastAt: number;
  /** When the next attempt may be looked at. */
  freeAt: number;
  waiting: number;
}

export class Slowdown {
  readonly #clock: Clock;
  /** The one that was touched last is the last. */
  readonly #entries = new Map<string, Entry>();
  readonly #waits = new Map<Timer, (reason: BrokerError) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whoever waits is refused. */
  close(): void {
    for (const [timer, refuse] of this.#waits) {
      timer.cancel();
      refuse(new BrokerError('closed', 'the engine stops'));
    }
    this.#waits.clear();
  }

  /** Resolves when an attempt may be looked at. @throws BrokerError `limit`: too many wait already. */
  async turn(user: string, address: string): Promise<void> {
    const now = this.#clock.monotonic();
    const pair = this.#find(pairKey(user, address));
    const shared = Math.max(
      delayOf(this.#find(addressKey(address)), free.address, longestSharedDelayMs),
      delayOf(this.#find(userKey(user)), free.user, longestSharedDelayMs),
    );
    const own = delayOf(pair, free.pair, longestDelayMs);
    if (pair === undefined || own === 0) return this.#wait(shared);
    if (pair.waiting >= mostWaiting) throw new BrokerError('limit', 'too many failed attempts to log in; try later');
    pair.freeAt = Math.max(now, pair.freeAt) + own;
    pair.waiting += 1;
    try {
      await this.#wait(Math.max(shared, pair.freeAt - now));
    } finally {
      pair.waiting -= 1;
    }
  }

  failed(user: string, address: string): void {
    const now = this.#clock.monotonic();
    for (const key of [pairKey(user, address), addressKey(address), userKey(user)]) {
      const entry = this.#find(key) ?? { failures: 0, lastAt: now, freeAt: now, waiting: 0 };
      entry.failures += 1;
      entry.lastAt = now;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= mostEntries) break;
      this.#entries.delete(oldest);
    }
  }

  succeeded(user: string, address: string): void {
    this.#entries.delete(pairKey(user, address));
  }

  #find(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#clock.monotonic() - entry.lastAt < forgottenAfterMs) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  async #wait(ms: number): Promise<void> {
    if (ms <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const timer = this.#clock.after(ms, () => {
        this.#waits.delete(timer);
        resolve();
      });
      this.#waits.set(timer, reject);
    });
  }
}

function delayOf(entry: Entry | undefined, freeFailures: number, longestMs: number): number {
  const counted = (entry?.failures ?? 0) - freeFailures;
  return counted < 0 ? 0 : Math.min(longestMs, firstDelayMs * 2 ** Math.min(counted, 10));
}

function pairKey(user: string, address: string): string {
  return `pair\0${address}\0${user}`;
}

function addressKey(address: string): string {
  return `address\0${address}`;
}

function userKey(user: string): string {
  return `user\0${user}`;
}
