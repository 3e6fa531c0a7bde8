// The store's contract for streams: what is kept of them, how it changes, and how it is read. A part of core/store.ts.

/** A range of hash keys, both ends included; 128-bit. */
export interface HashRange {
  readonly first: bigint;
  readonly last: bigint;
}

export interface StreamDefinition {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** How long records are kept. */
  readonly retentionMs: number;
  /** The number that its next shard gets. */
  readonly nextShard: number;
  /** What its dialect keeps with it, as JSON. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ShardDefinition {
  /** Of all shards of all streams: at most 2^23. */
  readonly key: number;
  readonly streamId: number;
  /** Within its stream. */
  readonly number: number;
  readonly range: HashRange;
  /** The shard it was split from, or the first of two that were merged. */
  readonly parent: number | undefined;
  readonly adjacentParent: number | undefined;
  /** Milliseconds since the epoch; a closed shard is read to its end, then its children. */
  readonly openedAt: number;
  readonly closedAt: number | undefined;
}

export interface StoredShard extends ShardDefinition {
  /** Of the oldest record that is kept, and of the next one. */
  readonly firstPosition: number;
  readonly nextPosition: number;
  /** Time of the last record of the oldest segment, and of the newest; undefined: nothing is kept. */
  readonly oldestAt: number | undefined;
  readonly newestAt: number | undefined;
}

export interface StoredStream extends StreamDefinition {
  /** By number. */
  readonly shards: readonly StoredShard[];
}

/** Records that follow each other in a shard, as stream-records.ts writes them. */
export interface Run {
  /** Of its first record; at most 2^40. */
  readonly position: number;
  readonly records: number;
  readonly bytes: Buffer;
}

export type StreamChange =
  /** Creates the stream, or replaces what may change of it. */
  | { readonly kind: 'stream'; readonly stream: StreamDefinition }
  /** Forgets the stream with its shards, in time that does not depend on what they hold. */
  | { readonly kind: 'drop-stream'; readonly streamId: number }
  /** Opens the shard, or closes it. */
  | { readonly kind: 'shard'; readonly shard: ShardDefinition }
  | { readonly kind: 'drop-shard'; readonly shardKey: number }
  /** Positions of a shard grow from one append to the next. `at`: time of all records of the run. */
  | ({ readonly kind: 'append'; readonly shardKey: number; readonly at: number } & Run)
  /** Forgets records before the position, which is where a segment begins, or the next one will. */
  | { readonly kind: 'trim'; readonly shardKey: number; readonly before: number }
  /** How far a consumer has read; `undefined` forgets it. */
  | {
      readonly kind: 'checkpoint';
      readonly consumer: string;
      readonly shardKey: number;
      readonly position: number | undefined;
    };

export interface StreamStore {
  /** All streams that were not dropped, and the key that the next shard may get. Costs by shards, not by records. */
  readStreams(): Promise<{ readonly streams: readonly StoredStream[]; readonly nextShardKey: number }>;
  /** Runs in order, the first of which holds the position, or is the next one after it; at least one, if there is any. */
  readSegments(
    shardKey: number,
    position: number,
    limit: { readonly records: number; readonly bytes: number },
  ): Promise<readonly Run[]>;
  /** The first segment with a record of that time or later. */
  findSegment(
    shardKey: number,
    since: number,
  ): Promise<{ readonly position: number; readonly lastAt: number } | undefined>;
  /** How far the consumer has read, by the keys of shards. */
  readCheckpoints(consumer: string): Promise<ReadonlyMap<number, number>>;
}
