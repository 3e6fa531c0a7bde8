// Another broker, as the configuration describes it, and what its ends are told: where they are, and how long they wait.

import type { Clock } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import { awayRange } from '../../back-off.ts';
import type { BackOffRange } from '../../back-off.ts';

export interface FarBroker {
  /** Of the remote, in the configuration. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Files in PEM; undefined: in clear text. */
  readonly tls?:
    | { readonly ca?: string | undefined; readonly certificate?: string | undefined; readonly key?: string | undefined }
    | undefined;
  readonly virtualHost: string;
}

export interface Timing {
  /** For the connection, until messages can go. */
  readonly connectMs: number;
  /** For an answer to what was sent. */
  readonly answerMs: number;
  /** A connection on which nothing is said for longer is over, or about twice that, as the protocols have it. */
  readonly heartBeatMs: number;
  /** Until a source tries again. */
  readonly retry: BackOffRange;
  /** How long messages are held that the route does not take. */
  readonly holdMs: number;
}

export const usualTiming: Timing = {
  connectMs: 15_000,
  answerMs: 30_000,
  heartBeatMs: 30_000,
  retry: awayRange,
  holdMs: 10_000,
};

export interface FarEndOptions {
  /** As the configuration has it: `queue://orders@legacy`. */
  readonly address: string;
  readonly kind: 'queue' | 'topic';
  /** In the engine's naming, without kind and remote. */
  readonly name: string;
  readonly broker: FarBroker;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing?: Timing | undefined;
  /** Ends the making of a connection, and no connection that is made. */
  readonly signal?: AbortSignal | undefined;
}

export interface FarSourceOptions extends FarEndOptions {
  /** Subscriptions go by its name. */
  readonly route: string;
}
