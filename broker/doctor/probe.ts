// What a probe of a protocol is: a real client of it, on a stream that is there.

import type { Duplex } from 'node:stream';
import type { Login } from './target.ts';

export interface Visit {
  /**
   * Sends a message to a destination of its own, and resolves when it has come back.
   * @throws the client's error.
   */
  roundTrip(body: string): Promise<string>;
  /** Leaves as the protocol says. What was made goes with it. */
  close(): Promise<void>;
}

/** Resolves when the client is let in. @throws the client's error. */
export type Probe = (stream: Duplex, login: Login | undefined) => Promise<Visit>;
