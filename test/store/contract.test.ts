// One suite for every implementation of the Store.

import { describe, expect, it } from 'vitest';
import type { Change, EntryKey, Store, StoredEntry } from '../../broker/core/store.ts';
import { message } from '../support/messages.ts';
import { memory, sqlite } from './opened.ts';

const page = { entries: 100, bytes: 1024 * 1024 };

function put(
  store: Store,
  queueIds: readonly number[],
  fields: Parameters<typeof message>[0] = {},
): Change & { kind: 'put' } {
  const messageId = store.nextId();
  const entries = queueIds.map((queueId) => ({ queueId, seq: messageId }));
  return { kind: 'put', messageId, message: message(fields), entries, residence: 'durable' };
}

function keyOf(queueId: number, { seq, messageId, sole, residence }: StoredEntry): EntryKey {
  return { queueId, seq, messageId, sole, residence };
}

async function declare(store: Store, name: string): Promise<number> {
  const id = store.nextId();
  await store.write([{ kind: 'queue', queue: { id, namespace: 'mq', name, createdAt: 1, attributes: { a: [1] } } }]);
  return id;
}

function bodies(entries: readonly StoredEntry[]): string[] {
  return entries.map(({ message: { body } }) => body.toString());
}

const implementations = [
  ['memory', memory],
  ['sqlite, WAL', () => sqlite('wal')],
  ['sqlite, rollback journal', () => sqlite('rollback')],
] as const;

describe.each(implementations)('a store (%s)', (_, open) => {
  it('keeps every field of a message', async () => {
    await using opened = await open();
    const { store } = opened;
    const queueId = await declare(store, 'q');
    const bytes = Buffer.from('…prefix body suffix…');
    const full = {
      contentType: 'text/plain',
      contentEncoding: 'gzip',
      correlationId: 'c',
      replyTo: 'queue://r',
      type: 't',
      groupId: 'g',
      userId: 'u',
      expiresAt: 4_000_000_000_000,
      groupSequence: 7,
      priority: 9,
      body: bytes.subarray(10, 14),
      bodyType: 'bytes' as const,
      original: { dialect: 'amqp', bytes },
      properties: [
        { name: 's', type: 'string', value: 'ünï' },
        { name: 's', type: 'string', value: 'again' },
        { name: 'b', type: 'boolean', value: true },
        { name: 'l', type: 'long', value: -9_007_199_254_740_993n },
        { name: 'd', type: 'double', value: 0.1 },
        { name: 'n', type: 'decimal', value: '1.10', label: 'int' },
        { name: 'x', type: 'binary', value: Buffer.from([0, 255]) },
        { name: 'z', type: 'null', value: null },
      ] as const,
    };
    const change = put(store, [queueId], full);
    await store.write([change]);
    const [entry] = await store.readPage(queueId, 0, page);
    expect(entry?.message).toEqual(change.message);
  });

  it('pages in order, within the limits', async () => {
    await using opened = await open();
    const { store } = opened;
    const queueId = await declare(store, 'q');
    for (let i = 0; i < 10; i++) await store.write([put(store, [queueId], { text: String(i) })]);
    const first = await store.readPage(queueId, 0, { ...page, entries: 4 });
    expect(bodies(first)).toEqual(['0', '1', '2', '3']);
    const next = await store.readPage(queueId, first.at(-1)!.seq, { ...page, bytes: 1 });
    expect(bodies(next)).toEqual(['4']);
  });

  it('stores a message once for many queues, until the last lets go', async () => {
    await using opened = await open();
    const { store } = opened;
    const [a, b] = [await declare(store, 'a'), await declare(store, 'b')];
    await store.write([put(store, [a, b], { text: 'shared' })]);
    const [inA] = await store.readPage(a, 0, page);
    expect(inA?.sole).toBe(false);
    await store.write([{ kind: 'settle', entry: keyOf(a, inA!), delivered: false }]);
    expect(bodies(await store.readPage(b, 0, page))).toEqual(['shared']);
    const [inB] = await store.readPage(b, 0, page);
    await store.write([{ kind: 'settle', entry: keyOf(b, inB!), delivered: false }]);
    expect(await store.readPage(b, 0, page)).toEqual([]);
  });

  it('counts what queues hold without reading it', async () => {
    await using opened = await open();
    const { store } = opened;
    const queueId = await declare(store, 'q');
    await store.write([put(store, [queueId]), put(store, [queueId])]);
    const delayed = put(store, [queueId]);
    const dueAt = Date.now() + 1e6;
    const entries = delayed.entries.map((entry) => ({ ...entry, dueAt }));
    await store.write([{ ...delayed, entries }]);
    const [first] = await store.readPage(queueId, 0, page);
    await store.write([{ kind: 'settle', entry: keyOf(queueId, first!), delivered: false }]);
    const [queue] = await store.readQueues();
    expect(queue).toMatchObject({ id: queueId, namespace: 'mq', name: 'q', attributes: { a: [1] }, entries: 1 });
    expect(queue).toMatchObject({ delayed: 1, nextDueAt: dueAt });
  });

  it('remembers deliveries', async () => {
    await using opened = await open();
    const { store } = opened;
    const queueId = await declare(store, 'q');
    await store.write([put(store, [queueId])]);
    const [entry] = await store.readPage(queueId, 0, page);
    expect(entry?.delivery).toBeUndefined();
    const delivery = { attempts: 2, firstAt: 5, until: undefined, token: 9, dead: undefined };
    await store.write([{ kind: 'deliver', entry: keyOf(queueId, entry!), delivery }]);
    expect((await store.readPage(queueId, 0, page))[0]?.delivery).toEqual(delivery);
    await store.write([{ kind: 'deliver', entry: keyOf(queueId, entry!), delivery: { ...delivery, attempts: 3 } }]);
    expect((await store.readEntries(queueId, [entry!.seq, 999]))[0]?.delivery?.attempts).toBe(3);
  });

  it('moves an entry to another queue with its death', async () => {
    await using opened = await open();
    const { store } = opened;
    const [a, b] = [await declare(store, 'a'), await declare(store, 'b')];
    await store.write([put(store, [a], { text: 'poison' })]);
    const [entry] = await store.readPage(a, 0, page);
    const dead = { reason: 'why', origin: 'queue://a', at: 3 };
    const toSeq = store.nextId();
    const delivery = { attempts: 0, dead };
    await store.write([{ kind: 'move', entry: keyOf(a, entry!), toQueueId: b, toSeq, delivery }]);
    expect(await store.readPage(a, 0, page)).toEqual([]);
    const [moved] = await store.readPage(b, 0, page);
    expect(moved).toMatchObject({ seq: toSeq, messageId: entry!.messageId, delivery: { dead } });
    const counts = Object.fromEntries((await store.readQueues()).map(({ name, entries }) => [name, entries]));
    expect(counts).toEqual({ a: 0, b: 1 });
  });

  it('makes delayed entries ready at the end of their queue', async () => {
    await using opened = await open();
    const { store } = opened;
    const queueId = await declare(store, 'q');
    const change = put(store, [queueId], { text: 'late' });
    await store.write([{ ...change, entries: [{ ...change.entries[0]!, dueAt: 1000 }] }]);
    await store.write([put(store, [queueId], { text: 'early' })]);
    expect(await store.readDelayed(queueId, 999, page)).toEqual([]);
    expect(await store.readNextDue(queueId)).toBe(1000);
    const [due] = await store.readDelayed(queueId, 1000, page);
    await store.write([{ kind: 'due', entry: keyOf(queueId, due!), dueAt: 1000, toSeq: store.nextId() }]);
    expect(bodies(await store.readPage(queueId, 0, page))).toEqual(['early', 'late']);
    expect(await store.readNextDue(queueId)).toBeUndefined();
    expect((await store.readQueues())[0]).toMatchObject({ entries: 2, delayed: 0 });
  });

  it('finds what has expired, dead letters excepted', async () => {
    await using opened = await open();
    const { store } = opened;
    const [a, b] = [await declare(store, 'a'), await declare(store, 'b')];
    await store.write([put(store, [a], { expiresAt: 10 }), put(store, [a], { expiresAt: 30 }), put(store, [a])]);
    const expired = await store.readExpired(20, 10);
    expect(expired).toEqual([{ queueId: a, expiresAt: 10, seq: expect.any(Number) }]);
    const delivery = { attempts: 0, dead: { reason: 'expired', origin: 'queue://a', at: 1 } };
    const [stored] = await store.readEntries(a, [expired[0]!.seq]);
    const entry = keyOf(a, stored!);
    await store.write([{ kind: 'move', entry, toQueueId: b, toSeq: store.nextId(), delivery }]);
    expect(await store.readExpired(20, 10)).toEqual([]);
  });

  it('shows what has expired in pages, the first to expire first', async () => {
    await using opened = await open();
    const { store } = opened;
    const [a, b] = [await declare(store, 'a'), await declare(store, 'b')];
    for (const expiresAt of [30, 10, 20, 10, 99]) await store.write([put(store, [a, b], { expiresAt })]);
    const all = await store.readExpired(50, 100);
    expect(all.map(({ expiresAt }) => expiresAt)).toEqual([10, 10, 10, 10, 20, 20, 30, 30]);
    expect(all.slice(0, 4).map(({ queueId }) => queueId)).toEqual([a, a, b, b]);
    const paged = [];
    for (
      let some = await store.readExpired(50, 3);
      some.length > 0;
      some = await store.readExpired(50, 3, some.at(-1))
    ) {
      paged.push(...some);
    }
    expect(paged).toEqual(all);
  });

  it('purges up to a position, and drops queues', async () => {
    await using opened = await open();
    const { store } = opened;
    const [a, b] = [await declare(store, 'a'), await declare(store, 'b')];
    for (let i = 0; i < 5; i++) await store.write([put(store, [a, b], { text: String(i) })]);
    await store.write([{ kind: 'purge', queueId: a, upToSeq: store.nextId() }, put(store, [a], { text: 'new' })]);
    expect(bodies(await store.readPage(a, 0, page))).toEqual(['new']);
    expect(bodies(await store.readPage(b, 0, page))).toHaveLength(5);
    expect((await store.readQueues()).find(({ id }) => id === a)).toMatchObject({ entries: 1 });
    await store.write([{ kind: 'drop-queue', queueId: b }]);
    expect((await store.readQueues()).map(({ id }) => id)).toEqual([a]);
  });

  it('reads what spilled and what is durable as one', async () => {
    await using opened = await open();
    const { store } = opened;
    const queueId = await declare(store, 'q');
    await store.write([put(store, [queueId], { text: '1' })]);
    await store.write([{ ...put(store, [queueId], { text: '2' }), residence: 'spilled' }]);
    await store.write([put(store, [queueId], { text: '3' })]);
    const entries = await store.readPage(queueId, 0, page);
    expect(bodies(entries)).toEqual(['1', '2', '3']);
    expect(entries.map(({ residence }) => residence)).toEqual(['durable', 'spilled', 'durable']);
    await store.write([{ kind: 'settle', entry: keyOf(queueId, entries[1]!), delivered: false }]);
    expect(bodies(await store.readPage(queueId, 0, page))).toEqual(['1', '3']);
  });

  it('keeps records and counters', async () => {
    await using opened = await open();
    const { store } = opened;
    await store.write([
      { kind: 'record', type: 't', key: 'b', value: Buffer.from('2') },
      { kind: 'record', type: 't', key: 'a', value: Buffer.from('1') },
      { kind: 'record', type: 'u', key: 'a', value: Buffer.from('other') },
      { kind: 'count', counter: 'route.x', by: 2 },
      { kind: 'count', counter: 'route.x', by: 3 },
      { kind: 'count', counter: 'sqs.y', by: 1 },
    ]);
    await store.write([{ kind: 'record', type: 't', key: 'b', value: undefined }]);
    expect((await store.readRecords('t')).map(({ key, value }) => [key, value.toString()])).toEqual([['a', '1']]);
    expect((await store.readRecord('u', 'a'))?.toString()).toBe('other');
    expect(await store.readRecord('u', 'none')).toBeUndefined();
    expect([...(await store.readCounters('route.'))]).toEqual([['route.x', 5]]);
  });

  it('pages through records, in the order of their keys as UTF-8 has it', async () => {
    await using opened = await open();
    const { store } = opened;
    // By code unit, the last two change places.
    const keys = ['', 'a', 'a\0', 'a/1', 'a/2', 'b', 'é', '\uFFFD', '\u{10000}'];
    const value = Buffer.from('1');
    await store.write(keys.toReversed().map((key) => ({ kind: 'record', type: 't', key, value })));
    await store.write([{ kind: 'record', type: 'u', key: 'a', value }]);
    const keysFrom = async (from: string, limit: number): Promise<string[]> =>
      (await store.readRecordPage('t', from, limit)).map(({ key }) => key);
    expect(await keysFrom('', 100)).toEqual(keys);
    expect(await keysFrom('a/', 3)).toEqual(['a/1', 'a/2', 'b']);
    expect(await keysFrom('a\0', 1)).toEqual(['a\0']);
    expect(await keysFrom('\u{10001}', 1)).toEqual([]);
  });

  it('refuses writes once closed, after committing what was under way', async () => {
    const opened = await open();
    const { store } = opened;
    const written = store.write([{ kind: 'count', counter: 'c', by: 1 }]);
    await store.close();
    await written;
    await expect(store.write([])).rejects.toMatchObject({ code: 'closed' });
    await opened[Symbol.asyncDispose]();
  });
});
