// Receives of FIFO queues that can be asked for again by their attempt id (ReceiveMessage, ReceiveRequestAttemptId): for
// five minutes the same messages under the same handles, as long as nothing has happened to them. They are not kept
// through a restart: the messages come back when their visibility timeout ends.

import type { Entry } from '../../../core/entry.ts';
import { limits } from './limits.ts';

export interface Attempt {
  readonly id: string;
  readonly entries: readonly Entry[];
  /** Receives of each entry, with this one. */
  readonly counts: readonly number[];
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Of one queue; beyond, the oldest is forgotten. */
const mostAttempts = 10_000;

export class ReceiveAttempts {
  /** In the order in which they were made. */
  readonly #attempts = new Map<string, Attempt>();

  /** Undefined: there was none in the last five minutes. */
  find(id: string, now: number): Attempt | undefined {
    this.#forgetOld(now);
    return this.#attempts.get(id);
  }

  add(id: string, entries: readonly Entry[], receivedAt: number): void {
    this.#forgetOld(receivedAt);
    for (const oldest of this.#attempts.keys()) {
      if (this.#attempts.size < mostAttempts) break;
      this.#attempts.delete(oldest);
    }
    this.#attempts.delete(id);
    this.#attempts.set(id, { id, entries, counts: entries.map(({ attempts }) => attempts), receivedAt });
  }

  clear(): void {
    this.#attempts.clear();
  }

  #forgetOld(now: number): void {
    for (const [id, { receivedAt }] of this.#attempts) {
      if (receivedAt + limits.receiveAttemptMs > now) return;
      this.#attempts.delete(id);
    }
  }
}

/** Nothing has happened to the messages: they are hidden by that receive still. */
export function isRepeatable({ entries, counts }: Attempt, now: number): boolean {
  return entries.every(({ state, until, attempts }, index) => {
    return state === 'leased' && until > now && attempts === counts[index];
  });
}
