// What has become of mails that go out by the relay, as long as the mailbox has them.

import type { Store } from '../../../core/store.ts';
import type { Transaction } from '../../../core/transaction.ts';

export interface RelayState {
  /** `failed`: it is not tried again. */
  readonly state: 'waiting' | 'sent' | 'failed';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly attempts: number;
  /** What the relay said last, or what was wrong with it. */
  readonly reason?: string;
  /** When it is tried again. */
  readonly nextAt?: number;
}

const type = 'sns-relay';
const states = ['waiting', 'sent', 'failed'] as const;
/** Relays may say much. */
const reasonCharacters = 500;

export class RelayStates {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** `key`: of one mail to one recipient. */
  begin(transaction: Transaction, key: string, at: number): void {
    write(transaction, key, { state: 'waiting', at, attempts: 0 });
  }

  /** What adds a state; nothing is added for a mail that has been forgotten meanwhile. */
  async change(key: string, state: RelayState): Promise<(transaction: Transaction) => void> {
    const isKept = (await this.#store.readRecord(type, key)) !== undefined;
    return (transaction) => {
      if (isKept) write(transaction, key, state);
    };
  }

  async read(key: string): Promise<RelayState | undefined> {
    const kept = await this.#store.readRecord(type, key);
    return kept && parse(kept);
  }

  forget(transaction: Transaction, key: string): void {
    transaction.record(type, key, undefined);
  }

  async keys(): Promise<readonly string[]> {
    const kept = await this.#store.readRecords(type);
    return kept.map(({ key }) => key);
  }
}

function write(transaction: Transaction, key: string, { reason, ...state }: RelayState): void {
  const cut = reason === undefined ? {} : { reason: reason.slice(0, reasonCharacters) };
  transaction.record(type, key, Buffer.from(JSON.stringify({ ...state, ...cut })));
}

function parse(kept: Buffer): RelayState | undefined {
  const value: unknown = JSON.parse(kept.toString());
  if (typeof value !== 'object' || value === null) return undefined;
  const { state: given, at, attempts, reason, nextAt }: Readonly<Record<string, unknown>> = { ...value };
  const state = states.find((known) => known === given);
  if (state === undefined || typeof at !== 'number' || typeof attempts !== 'number') return undefined;
  return {
    state,
    at,
    attempts,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof nextAt === 'number' ? { nextAt } : {}),
  };
}
