// The stream: shards of immutable records, each appended to by hash key, read by position, dropped by age. It knows
// nothing of any dialect's names for them.

import type { Clock } from '../util/clock.ts';
import { BrokerError } from './errors.ts';
import { OpenShards } from './hash-keys.ts';
import type { Change, Store } from './store.ts';
import { encodeRecords, RecordCursor } from './stream-records.ts';
import type { NewRecord, StreamRecord } from './stream-records.ts';
import { Shard } from './stream-shard.ts';
import type { HashRange, Run, ShardDefinition, StreamDefinition } from './stream-store.ts';
import type { Tails } from './stream-tail.ts';
import type { Transaction } from './transaction.ts';

export interface KeyedRecord extends NewRecord {
  /** Decides on the shard instead of the MD5 of the partition key. */
  readonly hashKey?: bigint | undefined;
}

/** Where a record went. */
export interface Appended {
  readonly shard: Shard;
  readonly position: number;
  readonly at: number;
}

export type ShardStart =
  | { readonly at: 'oldest' }
  | { readonly at: 'next' }
  /** The first record that was appended at that time or later (milliseconds since the epoch). */
  | { readonly at: 'time'; readonly ms: number };

export interface ReadLimit {
  readonly records: number;
  /** Of keys and data. A first record that is larger is read all the same. */
  readonly bytes: number;
}

export interface Page {
  readonly records: readonly StreamRecord[];
  /** Of keys and data. */
  readonly bytes: number;
  /** Where the next page begins. */
  readonly next: number;
}

export interface StreamContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly tails: Tails;
  /** A number for a new shard, of all streams. */
  nextShardKey(): number;
}

/** A shard that is to be. */
export interface ShardPlan {
  readonly range: HashRange;
  readonly parent?: number | undefined;
  readonly adjacentParent?: number | undefined;
}

/** How much is read from the store at once. */
const readAheadBytes = 4 * 1024 * 1024;

interface Prepared {
  readonly appended: readonly Appended[];
  readonly changes: readonly Change[];
  readonly arrive: () => void;
}

interface Group {
  readonly shard: Shard;
  readonly records: KeyedRecord[];
  /** Their places among all that are appended. */
  readonly places: number[];
}

export class Stream {
  definition: StreamDefinition;
  /** Nothing can be appended any more. */
  isDropped = false;

  // Totals since the engine started; bytes are of keys and data.
  appended = 0;
  appendedBytes = 0;
  delivered = 0;
  deliveredBytes = 0;

  readonly #context: StreamContext;
  readonly #shards: Map<number, Shard>;
  #open: OpenShards;
  /** While shards are being closed and opened in the store, appends wait. */
  #resharding: Promise<void> | undefined;

  constructor(definition: StreamDefinition, shards: readonly Shard[], context: StreamContext) {
    this.definition = definition;
    this.#context = context;
    this.#shards = new Map(shards.map((shard) => [shard.number, shard]));
    this.#open = new OpenShards(shards);
  }

  get id(): number {
    return this.definition.id;
  }

  get namespace(): string {
    return this.definition.namespace;
  }

  get name(): string {
    return this.definition.name;
  }

  /** All that are kept, open ones and closed ones, in the order they were made in. */
  get shards(): readonly Shard[] {
    return [...this.#shards.values()];
  }

  get openShards(): readonly Shard[] {
    return this.#open.all();
  }

  /** Records that were appended before are gone. */
  get keptSince(): number {
    return this.#context.clock.now() - this.definition.retentionMs;
  }

  shard(number: number): Shard | undefined {
    return this.#shards.get(number);
  }

  /**
   * Appends each record to the shard that its key belongs to; resolves, in the order given, once they are stored.
   * @throws BrokerError as Store.write does; `closed` if the stream was dropped.
   */
  async append(records: readonly KeyedRecord[], mark = 0): Promise<readonly Appended[]> {
    while (this.#resharding !== undefined) await this.#resharding;
    if (this.isDropped) throw new BrokerError('closed', 'the stream was deleted');
    const { appended, changes, arrive } = this.#prepare(records, mark);
    await this.#context.store.write(changes);
    arrive();
    return appended;
  }

  /** Shards are being closed and opened: nothing can be appended within a transaction until it resolves. */
  get resharding(): Promise<void> | undefined {
    return this.#resharding;
  }

  /**
   * As `append`, within a transaction, which is to be committed before anything is awaited: the records are given their
   * positions now. Not while `resharding`, nor once it is dropped.
   */
  appendWithin(transaction: Transaction, records: readonly KeyedRecord[], mark = 0): void {
    const { changes, arrive } = this.#prepare(records, mark);
    for (const change of changes) transaction.change(change);
    transaction.afterCommit(arrive);
  }

  /** Position of the first record to read from a start. */
  async locate(shard: Shard, start: ShardStart): Promise<number> {
    if (start.at === 'next') return shard.nextPosition;
    const since = start.at === 'time' ? Math.max(start.ms, this.keptSince) : this.keptSince;
    if (shard.oldestAt === undefined) return shard.nextPosition;
    if (shard.oldestAt >= since && start.at === 'oldest') return shard.firstPosition;
    return this.#find(shard, since);
  }

  /** Records from the position on, within the limit; none at the end of what is there. */
  async read(shard: Shard, from: number, limit: ReadLimit): Promise<Page> {
    const page = await this.peek(shard, from, limit);
    this.delivered += page.records.length;
    this.deliveredBytes += page.bytes;
    return page;
  }

  /** As `read`, for who only looks: it does not count. */
  async peek(shard: Shard, from: number, limit: ReadLimit): Promise<Page> {
    const records: StreamRecord[] = [];
    const since = this.keptSince;
    let next = Math.max(from, shard.firstPosition);
    let bytes = 0;
    while (next < shard.nextPosition && records.length < limit.records) {
      const held = shard.tail.find(next);
      // Runs of the tail may be of a record each: nothing is waited for between them.
      const runs =
        held === undefined
          ? await this.#stored(shard, next, limit.records - records.length, limit.bytes - bytes)
          : [held];
      if (runs.length === 0) return { records, bytes, next: shard.nextPosition };
      for (const run of runs) {
        const cursor = new RecordCursor(run.bytes, run.position);
        for (; cursor.hasRecord; cursor.next()) {
          if (cursor.position < next || cursor.at < since) continue;
          if (cursor.position >= shard.nextPosition || records.length >= limit.records) break;
          const { size } = cursor;
          if (bytes + size > limit.bytes && records.length > 0) return { records, bytes, next: cursor.position };
          bytes += size;
          records.push(cursor.record());
        }
        next = Math.max(next, cursor.position);
      }
    }
    return { records, bytes, next };
  }

  /**
   * Closes shards and opens others in their place, as one change.
   * @throws BrokerError as Store.write does: nothing has changed.
   */
  async reshard(closed: readonly Shard[], opened: readonly ShardPlan[]): Promise<readonly Shard[]> {
    while (this.#resharding !== undefined) await this.#resharding;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resharding = promise;
    try {
      return await this.#reshard(closed, opened);
    } finally {
      this.#resharding = undefined;
      resolve();
    }
  }

  /** Replaces what is kept with the stream. @throws BrokerError as Store.write does. */
  async update(change: Partial<Pick<StreamDefinition, 'attributes' | 'retentionMs'>>): Promise<void> {
    const before = this.definition;
    const definition = { ...before, ...change };
    // Seen at once: two changes that are under way together do not undo each other.
    this.definition = definition;
    try {
      await this.#context.store.write([{ kind: 'stream', stream: definition }]);
    } catch (error) {
      if (this.definition === definition) this.definition = before;
      throw error;
    }
  }

  /** Drops what is older than the retention: whole segments, in time that does not depend on what is kept. */
  async trim(): Promise<void> {
    const since = this.keptSince;
    const changes: Change[] = [];
    const trimmed: { readonly shard: Shard; readonly position: number; readonly oldestAt: number | undefined }[] = [];
    const gone: Shard[] = [];
    for (const shard of this.#shards.values()) {
      const { key, closedAt } = shard.definition;
      if (closedAt !== undefined && closedAt < since) {
        gone.push(shard);
        changes.push({ kind: 'drop-shard', shardKey: key });
        continue;
      }
      if (shard.oldestAt === undefined || shard.oldestAt >= since) continue;
      const kept = await this.#context.store.findSegment(key, since);
      const position = kept?.position ?? shard.nextPosition;
      trimmed.push({ shard, position, oldestAt: kept?.lastAt });
      if (position > shard.firstPosition) changes.push({ kind: 'trim', shardKey: key, before: position });
    }
    if (changes.length > 0) await this.#context.store.write(changes);
    for (const { shard, position, oldestAt } of trimmed) {
      shard.firstPosition = Math.max(shard.firstPosition, position);
      // What was appended meanwhile has no older time than this.
      shard.oldestAt = oldestAt ?? (shard.nextPosition > position ? since : undefined);
    }
    for (const { number } of gone) this.#shards.delete(number);
  }

  /** It was dropped: who waits need not. */
  end(): void {
    for (const shard of this.#shards.values()) {
      shard.definition = { ...shard.definition, closedAt: this.#context.clock.now() };
      shard.notify();
    }
  }

  /** The open shard that the record would go to now. */
  shardFor({ partitionKey, hashKey }: KeyedRecord): Shard {
    return this.#open.find(partitionKey, hashKey);
  }

  /** Gives the records their positions. `arrive`: once the changes are in the store. */
  #prepare(records: readonly KeyedRecord[], mark: number): Prepared {
    const appended: Appended[] = [];
    const runs: { readonly shard: Shard; readonly run: Run; readonly at: number }[] = [];
    const changes: Change[] = [];
    const bytes = sizeOf(records);
    for (const { shard, records: ofShard, places } of this.#group(records)) {
      const at = Math.max(this.#context.clock.now(), shard.lastAt);
      const encoded = encodeRecords(ofShard, at, mark);
      const run = { position: shard.assigned, records: ofShard.length, bytes: encoded };
      shard.assigned += ofShard.length;
      shard.lastAt = at;
      for (const [index, place] of places.entries()) appended[place] = { shard, position: run.position + index, at };
      runs.push({ shard, run, at });
      changes.push({ kind: 'append', shardKey: shard.definition.key, at, ...run });
    }
    const arrive = (): void => {
      for (const { shard, run, at } of runs) {
        shard.tail.add(run);
        shard.nextPosition = Math.max(shard.nextPosition, run.position + run.records);
        shard.oldestAt ??= at;
        shard.notify();
      }
      this.appended += records.length;
      this.appendedBytes += bytes;
    };
    return { appended, changes, arrive };
  }

  #group(records: readonly KeyedRecord[]): Iterable<Group> {
    const groups = new Map<Shard, Group>();
    for (const [place, record] of records.entries()) {
      const shard = this.shardFor(record);
      let group = groups.get(shard);
      if (group === undefined) groups.set(shard, (group = { shard, records: [], places: [] }));
      group.records.push(record);
      group.places.push(place);
    }
    return groups.values();
  }

  async #reshard(closed: readonly Shard[], opened: readonly ShardPlan[]): Promise<readonly Shard[]> {
    const { clock, store, tails } = this.#context;
    const at = clock.now();
    const definitions = closed.map(({ definition, lastAt }) => ({ ...definition, closedAt: Math.max(at, lastAt) }));
    let number = this.definition.nextShard;
    const shards = opened.map((plan) => {
      const definition = newShard(this.id, this.#context.nextShardKey(), number++, plan, at);
      return new Shard(definition, tails.of(), 0, 0);
    });
    const stream = { ...this.definition, nextShard: number };
    const changes = [...definitions, ...shards.map(({ definition }) => definition)];
    await store.write([{ kind: 'stream', stream }, ...changes.map((shard) => ({ kind: 'shard', shard }) as const)]);
    this.definition = { ...this.definition, nextShard: number };
    for (const [index, shard] of closed.entries()) {
      shard.definition = definitions[index]!;
      shard.notify();
    }
    for (const shard of shards) this.#shards.set(shard.number, shard);
    this.#open = new OpenShards(this.#shards.values());
    return shards;
  }

  #stored(shard: Shard, position: number, records: number, bytes: number): Promise<readonly Run[]> {
    return this.#context.store.readSegments(shard.definition.key, position, {
      records,
      bytes: Math.max(1, Math.min(bytes, readAheadBytes)),
    });
  }

  async #find(shard: Shard, since: number): Promise<number> {
    const segment = await this.#context.store.findSegment(shard.definition.key, since);
    if (segment === undefined) return shard.nextPosition;
    const [run] = await this.#context.store.readSegments(shard.definition.key, segment.position, {
      records: 1,
      bytes: 1,
    });
    if (run === undefined) return shard.nextPosition;
    const cursor = new RecordCursor(run.bytes, run.position);
    while (cursor.hasRecord && cursor.at < since) cursor.next();
    return Math.min(Math.max(cursor.position, shard.firstPosition), shard.nextPosition);
  }
}

export function newShard(
  streamId: number,
  key: number,
  number: number,
  { range, parent, adjacentParent }: ShardPlan,
  openedAt: number,
): ShardDefinition {
  return { key, streamId, number, range, parent, adjacentParent, openedAt, closedAt: undefined };
}

function sizeOf(records: readonly KeyedRecord[]): number {
  let bytes = 0;
  for (const { partitionKey, data } of records) bytes += Buffer.byteLength(partitionKey) + data.length;
  return bytes;
}
