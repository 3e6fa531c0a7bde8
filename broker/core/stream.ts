// The stream: shards of immutable records, read by position and dropped by age. Its contract and its tables
// (store/migrations/0002-streams.ts) stand; no dialect uses it yet.

/** A record as it was appended. */
export interface StreamRecord {
  /** Grows within its shard, without gaps. */
  readonly position: number;
  /** Milliseconds since the epoch of the append. */
  readonly at: number;
  readonly partitionKey: string;
  readonly data: Buffer;
}

/** A range of hash keys, both ends included; 128-bit (the MD5 of a partition key, as Kinesis takes it). */
export interface HashRange {
  readonly first: bigint;
  readonly last: bigint;
}

export interface Shard {
  readonly id: number;
  readonly range: HashRange;
  /** The shard it was split from, or the first of two that were merged. */
  readonly parent?: number;
  readonly adjacentParent?: number;
  /** Milliseconds since the epoch; a closed shard is read to its end, then its children. */
  readonly closedAt?: number;
  /** Position of the oldest record that is still kept, and the one that the next append gets. */
  readonly firstPosition: number;
  readonly nextPosition: number;
}

export type ShardStart =
  | { readonly at: 'oldest' }
  | { readonly at: 'next' }
  | { readonly at: 'position'; readonly position: number }
  | { readonly at: 'time'; readonly ms: number };

export interface Stream {
  readonly namespace: string;
  readonly name: string;
  readonly shards: readonly Shard[];
  /** How long records are kept, in milliseconds. */
  readonly retentionMs: number;

  /** Appends to the shards that the keys hash to; resolves with the positions once they are durable. */
  append(
    records: readonly { readonly partitionKey: string; readonly hashKey?: bigint; readonly data: Buffer }[],
  ): Promise<readonly { readonly shard: number; readonly position: number }[]>;

  /** At most `limit.records` records or `limit.bytes` bytes from a start; none at the end of what is there. */
  read(
    shard: number,
    from: ShardStart,
    limit: { readonly records: number; readonly bytes: number },
  ): Promise<readonly StreamRecord[]>;
}
