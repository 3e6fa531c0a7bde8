// What a session knows of its links (part 2, section 2.6), and the bounds of both kinds.

import type { Destination } from '../../core/address.ts';
import type { Composite, Draft } from './codec/composite.ts';

export interface Link {
  readonly name: string;
  readonly handle: number;
  /** Of our end; true is the receiver's. */
  readonly role: boolean;
  /** Our attach, which answers the peer's. */
  readonly reply: Draft<'attach'>;
  /** What it receives from. */
  readonly from?: readonly Destination[];
  /** Our attach waits for it: what the link stands for is in the store. Undefined: it may go at once. */
  readonly saved?: Promise<void> | undefined;
  /** Our attach was sent: the link may begin its work. */
  start(): void;
  onFlow(flow: Composite<'flow'>): void;
  /** `isNew`: its delivery-id was not used before. */
  onTransfer(transfer: Composite<'transfer'>, payload: Buffer, isNew: boolean): void;
  /** The end is near: begins nothing more. */
  suspend?(): void;
  /** The link is over, whoever ended it: gives back what it holds. Idempotent. */
  end(): void;
  /** After the end, if the peer has closed the link and not only detached it: what it stands for goes too. */
  readonly discard?: (() => Promise<void>) | undefined;
}

/** Producer credit, as ActiveMQ grants it: messages under way or awaiting their commit. */
export const creditWindow = 1000;

/** Links of one session. */
export const handleMax = 1023;
