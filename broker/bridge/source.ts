// Where a route takes from: the contract of its near end. What it gave is settled within the route's transaction, or goes back.

import type { Message } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import type { Death } from '../core/store.ts';
import type { Transaction } from '../core/transaction.ts';
import type { Notes } from './mapping.ts';

export interface Taken {
  readonly message: Message;
  /** Why it is a dead letter, if it is one. */
  readonly death: Death | undefined;
  /** Why it can cross nowhere: it is not whole. */
  readonly refusal?: string | undefined;
  /** It is still there to be settled. */
  readonly isHeld: boolean;
  /** Tells it from all other messages, today and after a restart. */
  identity(): string;
  settle(transaction: Transaction): void;
  /** Into a dead-letter queue instead, with its reason. */
  bury(transaction: Transaction, queue: Queue, reason: string): void;
  /** It goes back to its place. */
  release(): void;
}

export interface Source {
  readonly address: string;
  /** Undefined: it can be taken from. Otherwise why not; it looks again when it is given credit. */
  readonly obstacle: string | undefined;
  /** Nothing is left that it could give. */
  readonly isEmpty: boolean;
  /** Whether dead letters could go to `queue`: not if that is where they come from. */
  isFedBy(queue: Queue): boolean;
  /** `onObstacle`: what it took from has gone. @throws BrokerError as Store.write does. */
  start(deliver: (taken: Taken) => void, onObstacle: (obstacle: string) => void): Promise<void>;
  /** How many more it may give; replaces what is left. */
  setCredit(credit: number): void;
  /** The message in the broker's form, with notes of what is lost on the way to that. */
  read(message: Message, notes: Notes): Message;
  /** The last chance to add to a transaction that settles what was taken. */
  beforeCommit?(transaction: Transaction): void;
  /** Goes back, or forward, to a time (milliseconds since the epoch). */
  rewind?(to: number): Promise<void>;
  /** Gives, once more, what is in the dead-letter queue with a reason that begins so; resolves with their number. */
  revive(queue: Queue, reason: string): Promise<number>;
  /** What is under way goes back. Idempotent. */
  close(): void;
}
