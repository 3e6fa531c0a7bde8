// The part of the store in memory that holds streams.

import { BrokerError } from '../core/errors.ts';
import type {
  Run,
  ShardDefinition,
  StoredStream,
  StreamChange,
  StreamDefinition,
  StreamStore,
} from '../core/stream-store.ts';

interface Segment extends Run {
  readonly at: number;
}

interface ShardRows {
  definition: ShardDefinition;
  firstPosition: number;
  nextPosition: number;
  segments: Segment[];
}

export class MemoryStreams implements StreamStore {
  readonly #streams = new Map<number, StreamDefinition>();
  readonly #shards = new Map<number, ShardRows>();
  readonly #checkpoints = new Map<string, Map<number, number>>();

  async readStreams(): Promise<{ streams: readonly StoredStream[]; nextShardKey: number }> {
    const rows = [...this.#shards.values()].sort((a, b) => a.definition.number - b.definition.number);
    const streams = [...this.#streams.values()].map((stream) => ({
      ...stream,
      shards: rows
        .filter(({ definition }) => definition.streamId === stream.id)
        .map(({ definition, firstPosition, nextPosition, segments }) => ({
          ...definition,
          firstPosition,
          nextPosition,
          oldestAt: segments[0]?.at,
          newestAt: segments.at(-1)?.at,
        })),
    }));
    return { streams, nextShardKey: Math.max(0, ...this.#shards.keys()) + 1 };
  }

  async readSegments(
    shardKey: number,
    position: number,
    limit: { readonly records: number; readonly bytes: number },
  ): Promise<readonly Run[]> {
    const runs: Run[] = [];
    let records = 0;
    let bytes = 0;
    for (const segment of this.#shards.get(shardKey)?.segments ?? []) {
      if (segment.position + segment.records <= position) continue;
      runs.push({ position: segment.position, records: segment.records, bytes: segment.bytes });
      records += segment.records - Math.max(0, position - segment.position);
      bytes += segment.bytes.length;
      if (records >= limit.records || bytes >= limit.bytes) break;
    }
    return runs;
  }

  async findSegment(shardKey: number, since: number): Promise<{ position: number; lastAt: number } | undefined> {
    const found = this.#shards.get(shardKey)?.segments.find(({ at }) => at >= since);
    return found === undefined ? undefined : { position: found.position, lastAt: found.at };
  }

  async readCheckpoints(consumer: string): Promise<ReadonlyMap<number, number>> {
    return new Map(this.#checkpoints.get(consumer));
  }

  apply(change: StreamChange): void {
    switch (change.kind) {
      case 'stream':
        this.#streams.set(change.stream.id, change.stream);
        return;
      case 'drop-stream':
        this.#streams.delete(change.streamId);
        for (const { definition } of this.#shards.values()) {
          if (definition.streamId === change.streamId) this.#dropShard(definition.key);
        }
        return;
      case 'shard': {
        const { shard } = change;
        const known = this.#shards.get(shard.key);
        if (known !== undefined) known.definition = shard;
        else this.#shards.set(shard.key, { definition: shard, firstPosition: 0, nextPosition: 0, segments: [] });
        return;
      }
      case 'drop-shard':
        this.#dropShard(change.shardKey);
        return;
      case 'append': {
        const { position, records, bytes, at } = change;
        const rows = this.#rows(change.shardKey);
        rows.segments.push({ position, records, bytes, at });
        rows.nextPosition = position + records;
        return;
      }
      case 'trim': {
        const rows = this.#rows(change.shardKey);
        rows.firstPosition = change.before;
        rows.segments = rows.segments.filter(({ position }) => position >= change.before);
        return;
      }
      case 'checkpoint': {
        let byShard = this.#checkpoints.get(change.consumer);
        if (byShard === undefined) this.#checkpoints.set(change.consumer, (byShard = new Map<number, number>()));
        if (change.position === undefined) byShard.delete(change.shardKey);
        else byShard.set(change.shardKey, change.position);
      }
    }
  }

  #dropShard(key: number): void {
    this.#shards.delete(key);
    for (const byShard of this.#checkpoints.values()) byShard.delete(key);
  }

  #rows(key: number): ShardRows {
    const rows = this.#shards.get(key);
    if (rows === undefined) throw new BrokerError('not-found', `shard ${key}`);
    return rows;
  }
}
