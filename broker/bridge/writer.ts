// What stands between a route and its target: takes what the source gives, and sees to it that each message is written and
// settled, buried, or goes back. One for targets of this engine, one for those far away.

import type { Taken } from './source.ts';

export interface Writer {
  /** Messages that it has, and that have not come to their end. */
  readonly inFlight: number;
  /** How many more it may be given. */
  readonly room: number;
  /**
   * Undefined: it writes. Text: why it does not now. A promise: it finds out; false if it does not, and its events told why.
   * Asked before messages are taken, and again after trouble.
   */
  ready(): string | Promise<boolean> | undefined;
  write(taken: Taken): void;
  /** What it has is given back with its source. Idempotent. */
  close(): void;
}

/** What a writer tells its route. */
export interface WriterEvents {
  /** Messages came to their end. */
  readonly onEnded: () => void;
  /** Nothing more is to be taken; `retryMs`: until it is worth another try. What it gives back, it does after this. */
  readonly onTrouble: (error: string, retryMs: number) => void;
}

/** For trouble that is not far away. */
export const retryMs = 1000;

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
