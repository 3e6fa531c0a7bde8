// The durable store: the engine's side of the thread that owns the SQLite file. Changes of one turn of the event loop are
// handed over together; what the thread finds when a commit is done is the next one (group commit).

import { Worker } from 'node:worker_threads';
import { asBrokerError, BrokerError } from '../core/errors.ts';
import type {
  Change,
  DelayedEntry,
  Expired,
  Holder,
  PageLimit,
  Pulse,
  SharedStore,
  Store,
  StoredEntry,
  StoredQueue,
  StoreStats,
} from '../core/store.ts';
import type { Run, StoredStream } from '../core/stream-store.ts';
import { Batch } from './batch.ts';
import { readMessage } from '../core/message-codec.ts';
import { storedStreams } from './stream-rows.ts';
import type { CallName, Calls, EntryRow, Response, ThreadOptions } from './thread-protocol.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: BrokerError) => void;
}

interface Call {
  readonly resolve: (result: never) => void;
  readonly reject: (error: BrokerError) => void;
}

/** Batches that are handed over and not yet answered. Beyond, changes wait here, and are handed over together. */
const mostBatches = 8;
const firstProgramLength = 1024;
const firstByteLength = 64 * 1024;

/** Opens the store's thread; nothing is locked or written yet. */
export function openSharedStore(options: ThreadOptions): SharedStore {
  return new Shared(options);
}

class Shared implements SharedStore {
  readonly lost: Promise<BrokerError>;
  readonly #thread: Thread;
  #store: SqliteStore | undefined;

  constructor(options: ThreadOptions) {
    // Where SQLite keeps what spills. A thread's own environment is a copy, so it is set here.
    process.env.SQLITE_TMPDIR = options.directory;
    const lost = Promise.withResolvers<BrokerError>();
    this.lost = lost.promise;
    this.#thread = new Thread(options, lost.resolve);
  }

  tryLock(): Promise<boolean> {
    return this.#thread.call('tryLock');
  }

  observe(): Promise<Pulse | undefined> {
    return this.#thread.call('observe');
  }

  async activate(holder: Holder): Promise<Store> {
    const { epoch, nextId } = await this.#thread.call('activate', holder);
    this.#store = new SqliteStore(this.#thread, epoch, nextId);
    return this.#store;
  }

  async close(): Promise<void> {
    await this.#store?.close();
    await this.#thread.close();
  }
}

class SqliteStore implements Store {
  readonly epoch: number;
  readonly #thread: Thread;
  #nextId: number;
  #batch = new Batch(firstProgramLength, firstByteLength);
  #waiting: Waiting[] = [];
  /** Batches and bytes that the thread has. */
  #handedOver = 0;
  #handedOverBytes = 0;
  #scheduled = false;
  #idle: (() => void) | undefined;
  #hasRoom = true;
  #checkingRoom = false;
  #closed = false;

  constructor(thread: Thread, epoch: number, nextId: number) {
    this.#thread = thread;
    this.epoch = epoch;
    this.#nextId = nextId;
  }

  get pendingBytes(): number {
    return this.#batch.byteLength + this.#handedOverBytes;
  }

  nextId(): number {
    return this.#nextId++;
  }

  write(changes: readonly Change[]): Promise<void> {
    if (this.#closed) return Promise.reject(new BrokerError('closed', 'the store is closed'));
    if (!this.#hasRoom && changes.some(({ kind }) => kind === 'put' || kind === 'append')) {
      this.#checkRoom();
      return Promise.reject(new BrokerError('store-full', 'the disk is full: what is left of it is for settlements'));
    }
    return new Promise((resolve, reject) => {
      this.#batch.add(changes);
      this.#waiting.push({ resolve, reject });
      if (this.#handedOver === mostBatches || this.#scheduled) return;
      this.#scheduled = true;
      // After the sockets that are readable now have had their say: their messages share the commit.
      setImmediate(() => this.#handOver());
    });
  }

  async readQueues(): Promise<readonly StoredQueue[]> {
    const rows = await this.#thread.call('readQueues');
    return rows.map(({ created_at: createdAt, attributes, next_due_at: nextDueAt, ...row }) => ({
      ...row,
      createdAt,
      attributes: parseAttributes(attributes),
      nextDueAt: nextDueAt ?? undefined,
    }));
  }

  async readPage(queueId: number, after: number, limit: PageLimit): Promise<readonly StoredEntry[]> {
    const rows = await this.#thread.call('readPage', queueId, after, limit.entries, limit.bytes);
    return rows.map(storedEntry);
  }

  async readEntries(queueId: number, seqs: readonly number[]): Promise<readonly StoredEntry[]> {
    return (await this.#thread.call('readEntries', queueId, seqs)).map(storedEntry);
  }

  async readDelayed(queueId: number, before: number, limit: PageLimit): Promise<readonly DelayedEntry[]> {
    const rows = await this.#thread.call('readDelayed', queueId, before, limit.entries, limit.bytes);
    return rows.map((row) => ({ ...storedEntry(row), dueAt: row.due_at }));
  }

  readNextDue(queueId: number): Promise<number | undefined> {
    return this.#thread.call('readNextDue', queueId);
  }

  readExpired(now: number, limit: number, after?: Expired): Promise<readonly Expired[]> {
    return this.#thread.call('readExpired', now, limit, after);
  }

  async readRecords(type: string): Promise<readonly { key: string; value: Buffer }[]> {
    const rows = await this.#thread.call('readRecords', type);
    return rows.map(({ key, value }) => ({ key, value: asBuffer(value) }));
  }

  async readRecord(type: string, key: string): Promise<Buffer | undefined> {
    const value = await this.#thread.call('readRecord', type, key);
    return value === undefined ? undefined : asBuffer(value);
  }

  async readRecordPage(type: string, from: string, limit: number): Promise<readonly { key: string; value: Buffer }[]> {
    const rows = await this.#thread.call('readRecordPage', type, from, limit);
    return rows.map(({ key, value }) => ({ key, value: asBuffer(value) }));
  }

  async readCounters(prefix: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#thread.call('readCounters', prefix);
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  async readStreams(): Promise<{ streams: readonly StoredStream[]; nextShardKey: number }> {
    const { streams, shards, nextShardKey } = await this.#thread.call('readStreams');
    return { streams: storedStreams(streams, shards), nextShardKey };
  }

  async readSegments(
    shardKey: number,
    position: number,
    limit: { readonly records: number; readonly bytes: number },
  ): Promise<readonly Run[]> {
    const { runs, bytes } = await this.#thread.call('readSegments', shardKey, position, limit.records, limit.bytes);
    let offset = 0;
    return runs.map(({ position: first, records, length }) => {
      const run = { position: first, records, bytes: Buffer.from(bytes, offset, length) };
      offset += length;
      return run;
    });
  }

  async findSegment(shardKey: number, since: number): Promise<{ position: number; lastAt: number } | undefined> {
    const row = await this.#thread.call('findSegment', shardKey, since);
    return row === undefined ? undefined : { position: row.position, lastAt: row.last_at };
  }

  async readCheckpoints(consumer: string): Promise<ReadonlyMap<number, number>> {
    const rows = await this.#thread.call('readCheckpoints', consumer);
    return new Map(rows.map(({ shard, position }) => [shard, position]));
  }

  stats(): Promise<StoreStats> {
    return this.#thread.call('stats');
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#waiting.length > 0 || this.#handedOver > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
  }

  /** While puts are refused, no commit may come by that would tell. */
  #checkRoom(): void {
    if (this.#checkingRoom) return;
    this.#checkingRoom = true;
    this.#thread.call('hasRoom').then(
      (hasRoom) => {
        this.#hasRoom = hasRoom;
        this.#checkingRoom = false;
      },
      // The next write says what is wrong.
      () => (this.#checkingRoom = false),
    );
  }

  #handOver(): void {
    this.#scheduled = false;
    if (this.#waiting.length === 0) return;
    const batch = this.#batch;
    const waiting = this.#waiting;
    const { byteLength } = batch;
    const { program, bytes } = batch.seal();
    this.#handedOver++;
    this.#handedOverBytes += byteLength;
    this.#batch = new Batch(batch.programLength, Math.min(byteLength, firstByteLength * 16));
    this.#waiting = [];
    const done = (settle: (one: Waiting) => void): void => {
      this.#handedOver--;
      this.#handedOverBytes -= byteLength;
      for (const one of waiting) settle(one);
      if (!this.#scheduled) this.#handOver();
      if (this.#handedOver === 0) this.#idle?.();
    };
    this.#thread.transfer([program.buffer, bytes], 'write', program, bytes, this.#nextId).then(
      (hasRoom) => {
        this.#hasRoom = hasRoom;
        // oxlint-disable-next-line promise/no-callback-in-promise -- it answers many promises at once
        done((one) => one.resolve());
      },
      (error: unknown) => {
        const reason = asBrokerError(error);
        // oxlint-disable-next-line promise/no-callback-in-promise -- as above
        done((one) => one.reject(reason));
      },
    );
  }
}

/** Calls to the store's thread, answered in order. */
class Thread {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  readonly #onLost: (reason: BrokerError) => void;
  readonly #exited = Promise.withResolvers<void>();
  #lastId = 0;
  #ended = false;

  constructor(options: ThreadOptions, onLost: (reason: BrokerError) => void) {
    this.#onLost = onLost;
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: options });
    this.#worker.on('message', (response: Response) => this.#answered(response));
    this.#worker.on('error', (error: unknown) => this.#failed(error));
    this.#worker.on('exit', () => this.#failed(undefined));
  }

  call<Name extends CallName>(name: Name, ...args: Calls[Name]['args']): Promise<Calls[Name]['result']> {
    return this.transfer([], name, ...args);
  }

  /** `transferred`: memory that is handed over with the arguments. */
  transfer<Name extends CallName>(
    transferred: ArrayBuffer[],
    name: Name,
    ...args: Calls[Name]['args']
  ): Promise<Calls[Name]['result']> {
    if (this.#ended) return Promise.reject(new BrokerError('closed', 'the store is closed'));
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#calls.set(id, { resolve, reject });
      this.#worker.postMessage({ id, call: name, args }, transferred);
    });
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.call('close').catch(() => undefined);
    await this.#exited.promise;
  }

  /** In the order in which they were called. */
  #answered(response: Response): void {
    for (const [id, call] of this.#calls) {
      if (id > response.id) return;
      this.#calls.delete(id);
      if ('failure' in response) {
        const { code, message, lost } = response.failure;
        const error = new BrokerError(code, message);
        if (lost) this.#onLost(error);
        call.reject(error);
      } else {
        // oxlint-disable-next-line typescript/consistent-type-assertions -- the thread answers each call with its result
        call.resolve(response.result as never);
      }
    }
  }

  #failed(error: unknown): void {
    this.#exited.resolve();
    if (this.#ended) return;
    this.#ended = true;
    const reason = new BrokerError('store-failed', 'the store ended', { cause: error });
    for (const call of this.#calls.values()) call.reject(reason);
    this.#calls.clear();
    if (error !== undefined) this.#onLost(reason);
  }
}

function storedEntry(row: EntryRow): StoredEntry {
  const { seq, message: messageId, refs, data, spilled, attempts } = row;
  const message = readMessage(asBuffer(data));
  const residence = spilled === 1 ? 'spilled' : 'durable';
  if (attempts === null) return { seq, messageId, sole: refs === 1, residence, message };
  const { first_at: firstAt, until, token, reason, origin, died_at: diedAt } = row;
  const dead = reason === null ? undefined : { reason, origin: origin ?? '', at: diedAt ?? 0 };
  const delivery = {
    attempts,
    firstAt: firstAt ?? undefined,
    until: until ?? undefined,
    token: token ?? undefined,
    dead,
  };
  return { seq, messageId, sole: refs === 1, residence, message, delivery };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parseAttributes(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
