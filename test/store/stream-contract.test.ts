// What every implementation of the Store does with streams.

import { describe, expect, it } from 'vitest';
import type { Change, Store } from '../../broker/core/store.ts';
import { encodeRecords, RecordCursor } from '../../broker/core/stream-records.ts';
import type { Run, ShardDefinition } from '../../broker/core/stream-store.ts';
import { memory, sqlite } from './opened.ts';

const implementations = [
  ['memory', memory],
  ['sqlite, WAL', () => sqlite('wal')],
  ['sqlite, rollback journal', () => sqlite('rollback')],
] as const;

const all = { records: 1e6, bytes: 1e9 };

function stream(id: number): Change {
  const given = { namespace: 'aws/1/r', name: `s${id}`, createdAt: 1, retentionMs: 1000, nextShard: 1 };
  return { kind: 'stream', stream: { id, ...given, attributes: { a: [id] } } };
}

function shard(key: number, streamId: number): ShardDefinition {
  const range = { first: 0n, last: 2n ** 128n - 1n };
  return {
    key,
    streamId,
    number: key,
    range,
    parent: undefined,
    adjacentParent: undefined,
    openedAt: 5,
    closedAt: undefined,
  };
}

function append(shardKey: number, position: number, texts: readonly string[], at = 10): Change {
  const bytes = encodeRecords(
    texts.map((text) => ({ partitionKey: 'k', data: Buffer.from(text) })),
    at,
    3,
  );
  return { kind: 'append', shardKey, at, position, records: texts.length, bytes };
}

function textsOf(runs: readonly Run[]): string[] {
  const texts: string[] = [];
  for (const run of runs) {
    const cursor = new RecordCursor(run.bytes, run.position);
    for (; cursor.hasRecord; cursor.next()) texts.push(`${cursor.position}:${cursor.record().data.toString()}`);
  }
  return texts;
}

async function withShard(store: Store): Promise<void> {
  await store.write([stream(1), { kind: 'shard', shard: shard(1, 1) }]);
}

describe.each(implementations)('streams in a store (%s)', (_, open) => {
  it('keeps streams and shards', async () => {
    await using opened = await open();
    await withShard(opened.store);
    await opened.store.write([
      { kind: 'shard', shard: { ...shard(1, 1), closedAt: 7 } },
      {
        kind: 'shard',
        shard: { ...shard(2, 1), parent: 1, adjacentParent: 0, range: { first: 1n, last: 2n ** 127n } },
      },
      append(2, 0, ['a', 'b'], 20),
      append(2, 2, ['c'], 30),
    ]);
    const { streams, nextShardKey } = await (await opened.reopen()).readStreams();
    expect(nextShardKey).toBe(3);
    expect(streams).toHaveLength(1);
    const [{ shards, ...definition } = { shards: [] }] = streams;
    expect(definition).toEqual({
      id: 1,
      namespace: 'aws/1/r',
      name: 's1',
      createdAt: 1,
      retentionMs: 1000,
      nextShard: 1,
      attributes: { a: [1] },
    });
    expect(shards[0]).toEqual({
      ...shard(1, 1),
      closedAt: 7,
      firstPosition: 0,
      nextPosition: 0,
      oldestAt: undefined,
      newestAt: undefined,
    });
    expect(shards[1]).toMatchObject({ parent: 1, adjacentParent: 0, range: { first: 1n, last: 2n ** 127n } });
    expect(shards[1]).toMatchObject({ firstPosition: 0, nextPosition: 3, newestAt: 30 });
  });

  it('reads runs from any position on', async () => {
    await using opened = await open();
    const { store } = opened;
    await withShard(store);
    await store.write([append(1, 0, ['a', 'b'])]);
    await store.write([append(1, 2, ['c']), append(1, 3, ['d'])]);
    expect(textsOf(await store.readSegments(1, 0, all))).toEqual(['0:a', '1:b', '2:c', '3:d']);
    expect(textsOf(await store.readSegments(1, 1, all))).toContain('1:b');
    expect(textsOf(await store.readSegments(1, 3, all)).at(-1)).toBe('3:d');
    expect(await store.readSegments(1, 4, all)).toEqual([]);
    expect(textsOf(await store.readSegments(1, 0, { records: 1, bytes: 1e9 }))).toEqual(['0:a', '1:b']);
    expect(textsOf(await store.readSegments(1, 0, { records: 9, bytes: 1 }))).toEqual(['0:a', '1:b']);
  });

  it('gives the next run where positions were left out', async () => {
    await using opened = await open();
    const { store } = opened;
    await withShard(store);
    await store.write([append(1, 0, ['a'])]);
    await store.write([append(1, 5, ['f'])]);
    expect(textsOf(await store.readSegments(1, 2, all))).toEqual(['5:f']);
  });

  it('keeps the shards of a batch apart', async () => {
    await using opened = await open();
    const { store } = opened;
    await store.write([stream(1), { kind: 'shard', shard: shard(1, 1) }, { kind: 'shard', shard: shard(2, 1) }]);
    await Promise.all([
      store.write([append(1, 0, ['a'])]),
      store.write([append(2, 0, ['x']), append(1, 1, ['b'])]),
      store.write([append(2, 1, ['y'])]),
    ]);
    expect(textsOf(await store.readSegments(1, 0, all))).toEqual(['0:a', '1:b']);
    expect(textsOf(await store.readSegments(2, 0, all))).toEqual(['0:x', '1:y']);
  });

  it('finds segments by time', async () => {
    await using opened = await open();
    const { store } = opened;
    await withShard(store);
    for (let i = 0; i < 40; i++) await store.write([append(1, i * 3, ['a', 'b', 'c'], 100 + i * 10)]);
    expect(await store.findSegment(1, 0)).toEqual({ position: 0, lastAt: 100 });
    for (let i = 1; i < 40; i++) {
      expect(await store.findSegment(1, 91 + i * 10)).toEqual({ position: i * 3, lastAt: 100 + i * 10 });
      expect(await store.findSegment(1, 100 + i * 10)).toEqual({ position: i * 3, lastAt: 100 + i * 10 });
    }
    expect(await store.findSegment(1, 491)).toBeUndefined();
    expect(await store.findSegment(7, 0)).toBeUndefined();
  });

  it('trims by dropping segments, and remembers where it was', async () => {
    await using opened = await open();
    const { store } = opened;
    await withShard(store);
    for (let i = 0; i < 5; i++) await store.write([append(1, i * 2, ['a', 'b'], i)]);
    await store.write([{ kind: 'trim', shardKey: 1, before: 6 }]);
    const again = await opened.reopen();
    const [trimmed] = (await again.readStreams()).streams[0]!.shards;
    expect(trimmed).toMatchObject({ firstPosition: 6, nextPosition: 10, oldestAt: 3, newestAt: 4 });
    expect(textsOf(await again.readSegments(1, 6, all))).toEqual(['6:a', '7:b', '8:a', '9:b']);
    await again.write([{ kind: 'trim', shardKey: 1, before: 10 }]);
    // What comes after is where it would have been.
    const [empty] = (await (await opened.reopen()).readStreams()).streams[0]!.shards;
    expect(empty).toMatchObject({ firstPosition: 10, nextPosition: 10 });
  });

  it('drops streams and shards with all that belongs to them', async () => {
    await using opened = await open();
    const { store } = opened;
    await withShard(store);
    await store.write([stream(2), { kind: 'shard', shard: shard(2, 2) }, { kind: 'shard', shard: shard(3, 2) }]);
    await store.write([append(1, 0, ['a']), append(2, 0, ['b']), append(3, 0, ['c'])]);
    await store.write(
      [1, 2, 3].map((key) => ({ kind: 'checkpoint', consumer: 'c', shardKey: key, position: key }) as const),
    );
    await store.write([{ kind: 'drop-shard', shardKey: 3 }]);
    expect([...(await store.readCheckpoints('c')).keys()]).toEqual([1, 2]);
    await store.write([{ kind: 'drop-stream', streamId: 2 }]);
    const { streams } = await store.readStreams();
    expect(streams.map(({ id }) => id)).toEqual([1]);
    expect([...(await store.readCheckpoints('c'))]).toEqual([[1, 1]]);
    expect(textsOf(await store.readSegments(1, 0, all))).toEqual(['0:a']);
  });

  it('keeps checkpoints of consumers', async () => {
    await using opened = await open();
    const { store } = opened;
    await withShard(store);
    const checkpoint = { kind: 'checkpoint', consumer: 'c', shardKey: 1 } as const;
    await store.write([{ ...checkpoint, position: 4 }]);
    await store.write([{ ...checkpoint, position: 2 ** 40 - 1 }]);
    expect([...(await store.readCheckpoints('c'))]).toEqual([[1, 2 ** 40 - 1]]);
    expect((await store.readCheckpoints('other')).size).toBe(0);
    await store.write([{ ...checkpoint, position: undefined }]);
    expect((await store.readCheckpoints('c')).size).toBe(0);
  });

  it('counts what is on its way', async () => {
    await using opened = await open();
    const { store } = opened;
    await withShard(store);
    const written = store.write([append(1, 0, ['x'.repeat(100_000)])]);
    expect(store.pendingBytes).toBeGreaterThan(100_000);
    await written;
    expect(store.pendingBytes).toBe(0);
  });
});
