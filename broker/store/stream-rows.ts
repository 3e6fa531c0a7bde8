// Streams as the store's thread reads them, and as the engine knows them.

import type { StoredShard, StoredStream } from '../core/stream-store.ts';
import type { ShardRow, StreamRow } from './thread-protocol.ts';

export function storedStreams(streams: readonly StreamRow[], shards: readonly ShardRow[]): readonly StoredStream[] {
  const byStream = Map.groupBy(shards, ({ stream }) => stream);
  return streams.map((row) => ({
    id: row.id,
    namespace: row.namespace,
    name: row.name,
    createdAt: row.created_at,
    retentionMs: row.retention_ms,
    nextShard: row.next_shard,
    attributes: parseAttributes(row.attributes),
    shards: (byStream.get(row.id) ?? []).map(storedShard),
  }));
}

function storedShard(row: ShardRow): StoredShard {
  return {
    key: row.id,
    streamId: row.stream,
    number: row.number,
    range: { first: BigInt(`0x${row.first_hash}`), last: BigInt(`0x${row.last_hash}`) },
    parent: row.parent ?? undefined,
    adjacentParent: row.adjacent_parent ?? undefined,
    openedAt: row.opened_at,
    closedAt: row.closed_at ?? undefined,
    firstPosition: row.first_position,
    nextPosition: row.next_position,
    oldestAt: row.oldest_at ?? undefined,
    newestAt: row.newest_at ?? undefined,
  };
}

function parseAttributes(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
