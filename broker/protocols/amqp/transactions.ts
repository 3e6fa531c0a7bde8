// The transactions of a connection that are not discharged, by identifier, and the bounds of what they hold together: they
// wait for the client and not for the disk.

import { WireError } from './conditions.ts';
import type { Connection } from './connection.ts';
import { Transaction, type Control } from './transaction.ts';

/** Of one connection. Together they may hold one message of the largest size, or many small ones. */
const maxOpen = 1000;
const maxOperations = 100_000;

export class Transactions {
  readonly #connection: Connection;
  readonly #open = new Map<string, { readonly transaction: Transaction; readonly owner: Control }>();
  #lastId = 0;
  #operations = 0;
  #bytes = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** `owner`: the coordinator's link that asks. @throws WireError if there are too many. */
  declare(owner: Control): Transaction {
    if (this.#open.size >= maxOpen) {
      throw new WireError('link', 'amqp:resource-limit-exceeded', `more than ${maxOpen} open transactions`);
    }
    const id = Buffer.alloc(4);
    id.writeUInt32BE(++this.#lastId);
    const transaction = new Transaction(id, this.#connection.context.broker, this, owner);
    this.#open.set(id.toString('hex'), { transaction, owner });
    return transaction;
  }

  /** @throws WireError `amqp:transaction:unknown-id`. */
  find(id: Buffer): Transaction {
    const transaction = this.known(id);
    if (transaction !== undefined) return transaction;
    throw new WireError('link', 'amqp:transaction:unknown-id', `no transaction ${id.toString('hex')}`);
  }

  known(id: Buffer): Transaction | undefined {
    return this.#open.get(id.toString('hex'))?.transaction;
  }

  /** To discharge it: from now on the identifier is void. @throws WireError `amqp:transaction:unknown-id`. */
  take(id: Buffer, owner: Control): Transaction {
    const transaction = this.find(id);
    // It is discharged on the link that declared it (4.3).
    if (this.#open.get(id.toString('hex'))?.owner !== owner) {
      throw new WireError('link', 'amqp:not-allowed', 'the transaction was declared on another link');
    }
    this.#open.delete(id.toString('hex'));
    return transaction;
  }

  /** The owner is over, and with it what it declared (4.3). */
  rollBackAll(owner: Control): void {
    for (const [id, known] of this.#open) {
      if (known.owner !== owner) continue;
      this.#open.delete(id);
      known.transaction.rollBack().catch((error: unknown) => this.#connection.fail(error));
    }
  }

  /** Counts one operation more. @returns why that is too much, if it is. */
  hold(bytes: number): WireError | undefined {
    const { maxMessageBytes } = this.#connection.context.limits;
    this.#operations++;
    this.#bytes += bytes;
    if (this.#operations <= maxOperations && this.#bytes <= maxMessageBytes) return undefined;
    const most = `${maxOperations} operations or ${maxMessageBytes} octets`;
    return new WireError('link', 'amqp:transaction:rollback', `transactions of more than ${most}`);
  }

  /** A transaction is over. */
  free(operations: number, bytes: number): void {
    this.#operations -= operations;
    this.#bytes -= bytes;
  }
}
