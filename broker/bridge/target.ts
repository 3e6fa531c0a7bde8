// Where a route writes: the contract of its other end. Ends of this engine write within the route's transaction.

import type { Message } from '../core/message.ts';
import type { Death } from '../core/store.ts';
import type { Transaction } from '../core/transaction.ts';
import type { Notes } from './mapping.ts';

/** What a message is besides its fields, on its way into a target. */
export interface Crossing {
  readonly death: Death | undefined;
  /** Group of a FIFO target, partition key of a stream; undefined for targets that have none. */
  readonly key: string | undefined;
  /** The routes that it crossed, this one included. */
  readonly path: string | undefined;
}

export interface Target {
  /** As the configuration has it. */
  readonly address: string;
  /** Whether messages need a key. */
  readonly isKeyed: boolean;
  /** It forwards the encoding that the message had, so that nothing of it is lost. */
  readonly keepsOriginal: boolean;
  /** Undefined: it takes messages now. A promise: it may, once that resolves. Text: why it does not. */
  obstacle(): string | Promise<unknown> | undefined;
  /** The message in the target's form; undefined: it takes it in none, and the notes say why. */
  map(message: Message, crossing: Crossing, notes: Notes): Message | undefined;
  /**
   * Adds what `map` made to the transaction, which is committed before anything is awaited unless the target prepares.
   * `from` tells the message from all others of the source.
   * @throws BrokerError: it is refused for good.
   */
  put(transaction: Transaction, mapped: Message, from: { identity(): string }): void;
  /** The last chance to add to a transaction that was `put` into. */
  beforeCommit?(transaction: Transaction): void;
  /**
   * What has to be done before `put`, where that may take time; undefined: it is done. Some messages are prepared at once; they are
   * put in their order.
   * @throws BrokerError as `put` does.
   */
  prepare?(mapped: Message, from: { identity(): string }): Promise<void> | undefined;
}
