// Where a route writes when its other end is not of this engine: what is sent there cannot be a part of the route's
// transaction. It is sent first; what arrived is settled after. At least once, and in order within a lane.

import type { Message } from '../core/message.ts';
import type { Target } from './target.ts';

/** A message on its way to a far end. */
export interface Parcel {
  /** As `map` made it. */
  readonly mapped: Message;
  /** Tells it from all other messages of its source, today and after a restart: deduplication ids are made of it. */
  readonly identity: string;
}

/**
 * What became of a parcel. `sent`: the far end has it for good. `refused`: it never will, in its own words. `again`: it may,
 * if it is sent once more; `isThrottled`: there was too much at once, which is not the parcel's fault.
 */
export type Fate =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'again'; readonly reason: string; readonly isThrottled?: boolean };

export interface RemoteTarget extends Pick<Target, 'address' | 'isKeyed' | 'keepsOriginal' | 'map'> {
  /** How much one call of `send` takes, and how many calls may be under way at once. */
  readonly most: { readonly messages: number; readonly bytes: number; readonly calls: number };
  /** What counts against `most.bytes`. */
  bytesOf(mapped: Message): number;
  /** Messages of the same lane arrive in the order in which they were taken: one at a time. Undefined: it has none. */
  laneOf(mapped: Message): string | undefined;
  /**
   * Finds out whether it can be written to: before anything is taken for it, and again after trouble.
   * @throws RemoteTrouble.
   */
  open?(signal: AbortSignal): Promise<void>;
  /**
   * Resolves with the fate of each parcel, in their order. Gives up when the signal is aborted.
   * @throws RemoteTrouble: it is not the messages' fault, and none is known to have arrived.
   */
  send(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly Fate[]>;
  /** Idempotent. */
  close(): void;
}

/**
 * `throttled`: too much at once, less will do. `away`: nobody answers, or with a failure of its own. `not-allowed`: credentials are
 * missing, wrong or expired, or do not suffice. `not-found`: there is no such queue, topic or stream.
 */
export type TroubleKind = 'throttled' | 'away' | 'not-allowed' | 'not-found';

/** Why a far end takes, or gives, nothing now. The message is a sentence for people. */
export class RemoteTrouble extends Error {
  override readonly name = 'RemoteTrouble';
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
