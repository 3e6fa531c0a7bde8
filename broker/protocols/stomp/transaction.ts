// A transaction that the client began (STOMP 1.2, "BEGIN"): sends and acknowledgements that become durable together.
// What it holds is bounded, since it waits for the client and not for the disk.

import { BrokerError } from '../../core/errors.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Delivery } from './deliveries.ts';

/** For one connection. A transaction may hold one message of the largest size, or many small ones. */
export const transactionLimits = {
  open: 1000,
  operations: 100_000,
} as const;

export class OpenTransaction {
  readonly core: Transaction;
  readonly #maxBytes: number;
  readonly #acknowledged: Delivery[] = [];
  #operations = 0;
  #bytes = 0;

  constructor(core: Transaction, maxBytes: number) {
    this.core = core;
    this.#maxBytes = maxBytes;
  }

  get operations(): number {
    return this.#operations;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws BrokerError `limit` if it becomes too large. */
  count(bytes: number): void {
    this.#operations += 1;
    this.#bytes += bytes;
    if (this.#operations > transactionLimits.operations || this.#bytes > this.#maxBytes) {
      throw new BrokerError(
        'limit',
        `transaction of more than ${transactionLimits.operations} frames or ${this.#maxBytes} bytes`,
      );
    }
  }

  hold(delivery: Delivery): void {
    delivery.transaction = this;
    this.#acknowledged.push(delivery);
  }

  /** The client has nothing more to say about what it acknowledged. */
  release(): void {
    for (const delivery of this.#acknowledged) delivery.subscription.forget(delivery);
  }

  /** Its acknowledgements never were: the client may acknowledge those messages again. */
  abort(): void {
    this.core.abort();
    for (const delivery of this.#acknowledged) {
      delivery.transaction = undefined;
      delivery.subscription.takeBack();
    }
  }
}
