// What a session knows of its links (part 2, section 2.6), and the bounds of both kinds.

import type { Composite, Draft } from './codec/composite.ts';

export interface Link {
  readonly name: string;
  readonly handle: number;
  /** Of our end; true is the receiver's. */
  readonly role: boolean;
  /** Our attach, which answers the peer's. */
  readonly reply: Draft<'attach'>;
  /** Our attach was sent: the link may begin its work. */
  start(): void;
  onFlow(flow: Composite<'flow'>): void;
  onTransfer(transfer: Composite<'transfer'>, payload: Buffer): void;
  /** The link is over, whoever ended it: gives back what it holds. Idempotent. */
  end(): void;
}

/** Producer credit, as ActiveMQ grants it: messages under way or awaiting their commit. */
export const creditWindow = 1000;

/** Links of one session. */
export const handleMax = 1023;
