// How far a route has read each shard of a stream far away, in the store. A stream that was deleted and made again is another one.

import type { Store } from '../../../core/store.ts';
import type { Transaction } from '../../../core/transaction.ts';

/** Where a shard is to be read on. */
export type Position =
  | { readonly at: 'oldest' }
  /** Milliseconds since the epoch. */
  | { readonly at: 'time'; readonly ms: number }
  | { readonly at: 'after'; readonly sequence: string }
  /** It has ended, and all of it was read. */
  | { readonly at: 'end' };

const recordType = 'route-shard';
/** Is there once the route has begun to read the stream. */
const begun = '';

export class Checkpoints {
  readonly #store: Store;
  readonly #prefix: string;

  /** `of`: route, remote, stream and when that was made. */
  constructor(store: Store, of: readonly string[]) {
    this.#store = store;
    this.#prefix = `${JSON.stringify(of)}/`;
  }

  /** By shard; undefined: the route has not begun to read. */
  async read(): Promise<Map<string, Position> | undefined> {
    const positions = new Map<string, Position>();
    let hasBegun = false;
    for (const { key, value } of await this.#store.readRecords(recordType)) {
      if (!key.startsWith(this.#prefix)) continue;
      const shard = key.slice(this.#prefix.length);
      if (shard === begun) hasBegun = true;
      else positions.set(shard, decode(value));
    }
    return hasBegun ? positions : undefined;
  }

  /** All at once: from now on, shards that it does not have are new. @throws BrokerError as Store.write does. */
  write(positions: ReadonlyMap<string, Position>): Promise<void> {
    const records = [
      [begun, Buffer.from('{}')] as const,
      ...[...positions].map(([id, at]) => [id, encode(at)] as const),
    ];
    return this.#store.write(
      records.map(([id, value]) => ({ kind: 'record', type: recordType, key: this.#prefix + id, value })),
    );
  }

  add(transaction: Transaction, shard: string, position: Position): void {
    transaction.record(recordType, this.#prefix + shard, encode(position));
  }
}

function encode(position: Position): Buffer {
  return Buffer.from(JSON.stringify(position));
}

function decode(value: Buffer): Position {
  const read: unknown = JSON.parse(value.toString());
  if (typeof read !== 'object' || read === null || !('at' in read)) return { at: 'oldest' };
  if (read.at === 'time' && 'ms' in read) return { at: 'time', ms: Number(read.ms) };
  if (read.at === 'after' && 'sequence' in read) return { at: 'after', sequence: String(read.sequence) };
  return read.at === 'end' ? { at: 'end' } : { at: 'oldest' };
}
