// What crossings of one route did to fields, counted per field, outcome and reason. The counts are kept in the same
// transactions as the messages: they are as exact as those.

import type { Transaction } from '../core/transaction.ts';
import type { Loss } from './mapping.ts';

export interface CountedLoss extends Loss {
  readonly count: number;
}

/** Fields come from messages: beyond this many, further ones are counted together. */
const mostRows = 500;

const otherFields = '(other fields)';

export class LossLedger {
  readonly prefix: string;
  transferred = 0;
  deadLettered = 0;
  readonly #rows = new Map<string, CountedLoss>();

  constructor(route: string) {
    this.prefix = `route:${route}:`;
  }

  restore(counters: ReadonlyMap<string, number>): void {
    for (const [counter, count] of counters) {
      const key = counter.slice(this.prefix.length);
      if (key === 'transferred' || key === 'deadLettered') this[key] = count;
      else {
        const loss = parseKey(key);
        if (loss !== undefined) this.#rows.set(key, { ...loss, count });
      }
    }
  }

  /** Counts with the transaction, and for the eye once it is committed. */
  add(transaction: Transaction, losses: readonly Loss[], outcome: 'transferred' | 'deadLettered'): void {
    transaction.count(`${this.prefix}${outcome}`, 1);
    const counted = losses.map((loss) => this.#bounded(loss));
    for (const loss of counted) transaction.count(`${this.prefix}${keyOf(loss)}`, 1);
    transaction.afterCommit(() => {
      this[outcome]++;
      for (const loss of counted) {
        const key = keyOf(loss);
        this.#rows.set(key, { ...loss, count: (this.#rows.get(key)?.count ?? 0) + 1 });
      }
    });
  }

  /** The most frequent first. */
  rows(): readonly CountedLoss[] {
    return [...this.#rows.values()].sort((a, b) => b.count - a.count);
  }

  #bounded(loss: Loss): Loss {
    if (this.#rows.size < mostRows || this.#rows.has(keyOf(loss))) return loss;
    return { ...loss, field: otherFields };
  }
}

function keyOf({ field, outcome, reason }: Loss): string {
  return JSON.stringify([field, outcome, reason]);
}

const outcomes: readonly Loss['outcome'][] = ['renamed', 'changed', 'dropped', 'refused'];

function parseKey(key: string): Loss | undefined {
  const value: unknown = JSON.parse(key);
  if (!Array.isArray(value)) return undefined;
  const [field, outcomeText, reason] = value.map(String);
  const outcome = outcomes.find((candidate) => candidate === outcomeText);
  if (field === undefined || outcome === undefined || reason === undefined) return undefined;
  return { field, outcome, reason };
}
