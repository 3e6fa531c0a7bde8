import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../broker/core/errors.ts';
import { Streams } from '../../broker/core/streams.ts';
import { evenRanges, lastHash } from '../../broker/core/hash-keys.ts';
import type { Stream } from '../../broker/core/stream.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { silent } from '../../broker/util/log.ts';
import { ManualClock } from '../support/manual-clock.ts';

interface World extends AsyncDisposable {
  readonly store: MemoryStore;
  readonly clock: ManualClock;
  readonly streams: Streams;
  create(shards: number, name?: string): Promise<Stream>;
}

const hour = 3_600_000;
const all = { records: 10_000, bytes: 1e8 };

async function world(store = new MemoryStore(), clock = new ManualClock(), tailBytes = 1e6): Promise<World> {
  const streams = new Streams({ store, clock, log: silent, tailBytes });
  await streams.start();
  return {
    store,
    clock,
    streams,
    create: (shards, name = 's') =>
      streams.create(
        { namespace: 'n', name, retentionMs: 24 * hour, attributes: {} },
        evenRanges(shards).map((range) => ({ range })),
      ),
    [Symbol.asyncDispose]: () => streams.close(),
  };
}

function record(text: string, hashKey?: bigint): { partitionKey: string; data: Buffer; hashKey: bigint | undefined } {
  return { partitionKey: `key ${text}`, data: Buffer.from(text), hashKey };
}

async function texts(stream: Stream, number = 0, from = 0): Promise<string[]> {
  const { records } = await stream.read(stream.shard(number)!, from, all);
  return records.map(({ data }) => data.toString());
}

describe('appending', () => {
  it('gives each shard an order of its own, by the MD5 of the key or a hash key', async () => {
    await using made = await world();
    const stream = await made.create(4);
    const [, second] = evenRanges(4);
    const appended = await stream.append([
      // Its MD5 begins with 0xcb.
      { partitionKey: 'c4', data: Buffer.from('a') },
      record('x', 0n),
      record('y', lastHash),
      record('z', second!.first),
    ]);
    expect(appended.map(({ shard }) => shard.number)).toEqual([3, 0, 3, 1]);
    expect(appended.map(({ position }) => position)).toEqual([0, 0, 1, 0]);
    expect(await texts(stream, 3)).toEqual(['a', 'y']);
  });

  it('shows nothing before it is stored', async () => {
    await using made = await world();
    const stream = await made.create(1);
    made.store.hold();
    const appended = stream.append([record('a')]);
    expect(await texts(stream)).toEqual([]);
    made.store.resume();
    await appended;
    expect(await texts(stream)).toEqual(['a']);
  });

  it('loses nothing else when a commit fails', async () => {
    await using made = await world();
    const stream = await made.create(1);
    await stream.append([record('a')]);
    made.store.fail(new BrokerError('store-full', 'full'));
    await expect(stream.append([record('b')])).rejects.toMatchObject({ code: 'store-full' });
    made.store.fail(undefined);
    await stream.append([record('c')]);
    expect(await texts(stream)).toEqual(['a', 'c']);
    expect(await texts(stream, 0, 1)).toEqual(['c']);
  });

  it('never lets time go back within a shard', async () => {
    await using made = await world();
    const stream = await made.create(1);
    await stream.append([record('a')]);
    made.clock.turn(-5000);
    const [late] = await stream.append([record('b')]);
    expect(late!.at).toBe(made.clock.now() + 5000);
  });
});

describe('reading', () => {
  it('gives what was appended, byte by byte, from memory and from the store', async () => {
    for (const tailBytes of [0, 1e7]) {
      await using made = await world(undefined, undefined, tailBytes);
      const stream = await made.create(1);
      const sent = Array.from({ length: 50 }, (_, i) => ({ partitionKey: `ключ ${i}`, data: randomBytes(i * 37) }));
      for (let i = 0; i < 50; i += 5) await stream.append(sent.slice(i, i + 5), i);
      const { records, next } = await stream.read(stream.shard(0)!, 0, all);
      expect(records.map(({ partitionKey, data }) => ({ partitionKey, data: Buffer.from(data) }))).toEqual(sent);
      expect(records.map(({ position }) => position)).toEqual(sent.map((_, i) => i));
      expect(records[7]?.mark).toBe(5);
      expect(next).toBe(50);
    }
  });

  it('keeps to limits on records and on bytes, but gives at least one', async () => {
    await using made = await world();
    const stream = await made.create(1);
    await stream.append(['a', 'b', 'c', 'd'].map((text) => record(text.repeat(100))));
    const shard = stream.shard(0)!;
    const read = async (from: number, limit: object): Promise<[number, number]> => {
      const { records, next } = await stream.read(shard, from, { ...all, ...limit });
      return [records.length, next];
    };
    expect(await read(0, { records: 3 })).toEqual([3, 3]);
    expect(await read(3, { records: 3 })).toEqual([1, 4]);
    expect(await read(0, { bytes: 410 })).toEqual([2, 2]);
    expect(await read(1, { bytes: 1 })).toEqual([1, 2]);
    expect(await read(4, {})).toEqual([0, 4]);
  });

  it('wakes who waits, at the first append and at the end of the shard', async () => {
    await using made = await world();
    const stream = await made.create(1);
    const shard = stream.shard(0)!;
    const { signal } = new AbortController();
    const woken = shard.waitFor(0, signal);
    await stream.append([record('a')]);
    await woken;
    const ended = shard.waitFor(1, signal);
    await stream.reshard([shard], [{ range: shard.range, parent: 0 }]);
    await ended;
    expect(shard.isAtEnd(1)).toBe(true);
    expect(shard.isAtEnd(0)).toBe(false);
    const gone = new AbortController();
    const child = stream.shard(1)!.waitFor(0, gone.signal);
    gone.abort();
    await child;
  });

  it('finds where a time begins', async () => {
    await using made = await world();
    const stream = await made.create(1);
    const shard = stream.shard(0)!;
    const began = made.clock.now();
    for (const text of ['a', 'b', 'c']) {
      await stream.append([record(text), record(text)]);
      made.clock.turn(1000);
    }
    const at = (ms: number): Promise<number> => stream.locate(shard, { at: 'time', ms: began + ms });
    expect(await Promise.all([at(-1), at(0), at(1), at(1000), at(2000), at(2001)])).toEqual([0, 0, 2, 2, 4, 6]);
    expect(await stream.locate(shard, { at: 'oldest' })).toBe(0);
    expect(await stream.locate(shard, { at: 'next' })).toBe(6);
  });
});

describe('retention', () => {
  it('hides what is too old at once, and drops it with time', async () => {
    await using made = await world();
    const stream = await made.create(1);
    const shard = stream.shard(0)!;
    await stream.append([record('a')]);
    made.clock.turn(hour);
    await stream.append([record('b')]);
    made.clock.turn(23 * hour + 1);
    expect(await texts(stream)).toEqual(['b']);
    expect(await stream.locate(shard, { at: 'oldest' })).toBe(1);
    await made.streams.trim();
    expect(await made.store.readSegments(shard.definition.key, 0, all)).toHaveLength(1);
    expect(shard.firstPosition).toBe(1);
    made.clock.turn(hour);
    await made.streams.trim();
    expect(shard.oldestAt).toBeUndefined();
    expect((await stream.append([record('c')]))[0]?.position).toBe(2);
    expect(await texts(stream)).toEqual(['c']);
  });

  it('drops closed shards when their last record may be gone', async () => {
    await using made = await world();
    const stream = await made.create(1);
    await stream.reshard([stream.shard(0)!], [{ range: { first: 0n, last: lastHash }, parent: 0 }]);
    made.clock.turn(24 * hour);
    await made.streams.trim();
    expect(stream.shards.map(({ number }) => number)).toEqual([0, 1]);
    made.clock.turn(1);
    await made.streams.trim();
    expect(stream.shards.map(({ number }) => number)).toEqual([1]);
  });

  it('follows a change of the retention', async () => {
    await using made = await world();
    const stream = await made.create(1);
    await stream.append([record('a')]);
    await stream.update({ retentionMs: 48 * hour });
    made.clock.turn(47 * hour);
    await made.streams.trim();
    expect(await texts(stream)).toEqual(['a']);
  });
});

describe('resharding', () => {
  it('sends what is appended meanwhile to the new shards', async () => {
    await using made = await world();
    const stream = await made.create(1);
    await stream.append([record('a', 5n)]);
    made.store.hold();
    const halves = evenRanges(2).map((range) => ({ range, parent: 0 }));
    const resharded = stream.reshard([stream.shard(0)!], halves);
    const appended = stream.append([record('b', 5n), record('c', lastHash)]);
    made.store.resume();
    await resharded;
    expect((await appended).map(({ shard, position }) => [shard.number, position])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(await texts(stream)).toEqual(['a']);
    expect(stream.openShards.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('changes nothing when the commit fails', async () => {
    await using made = await world();
    const stream = await made.create(1);
    made.store.fail(new BrokerError('store-failed', 'no'));
    await expect(stream.reshard([stream.shard(0)!], [])).rejects.toMatchObject({ code: 'store-failed' });
    made.store.fail(undefined);
    expect(stream.openShards).toHaveLength(1);
    await stream.append([record('a')]);
  });
});

describe('streams', () => {
  it('are there again after a start, with their records and numbers', async () => {
    const store = new MemoryStore();
    const clock = new ManualClock();
    {
      await using made = await world(store, clock);
      const stream = await made.create(2);
      await stream.append([record('a', 0n), record('b', lastHash)]);
      await stream.reshard([stream.shard(0)!], [{ range: stream.shard(0)!.range, parent: 0 }]);
    }
    await using again = await world(store, clock);
    const stream = again.streams.find('n', 's')!;
    expect(stream.shards.map(({ number, isOpen }) => [number, isOpen])).toEqual([
      [0, false],
      [1, true],
      [2, true],
    ]);
    expect(await texts(stream)).toEqual(['a']);
    await stream.append([record('c', 0n), record('d', lastHash)]);
    expect(await texts(stream, 1)).toEqual(['b', 'd']);
    expect(await texts(stream, 2)).toEqual(['c']);
    const [third] = await stream.reshard([], [{ range: stream.shard(2)!.range }]);
    expect(third!.number).toBe(3);
    expect(new Set(stream.shards.map(({ definition }) => definition.key)).size).toBe(4);
  });

  it('are dropped with what they hold, and their names are free', async () => {
    await using made = await world();
    const stream = await made.create(1);
    await stream.append([record('a')]);
    await expect(made.create(1)).rejects.toMatchObject({ code: 'exists' });
    const waiting = stream.shard(0)!.waitFor(1, new AbortController().signal);
    await made.streams.drop(stream);
    await waiting;
    await expect(stream.append([record('b')])).rejects.toMatchObject({ code: 'closed' });
    expect(made.streams.list('n')).toEqual([]);
    expect(await texts(await made.create(1))).toEqual([]);
  });

  it('hold no more in memory than they may', async () => {
    await using made = await world(undefined, undefined, 10_000);
    const stream = await made.create(1);
    const shard = stream.shard(0)!;
    for (let i = 0; i < 5000; i++) await stream.append([record(String(i).padEnd(100))]);
    expect(shard.tail.find(4900)).toBeUndefined();
    expect(shard.tail.find(4999)).toBeDefined();
    const { records } = await stream.read(shard, 4000, all);
    expect(records.map(({ position }) => position)).toEqual(Array.from({ length: 1000 }, (_, i) => 4000 + i));
  });
});
