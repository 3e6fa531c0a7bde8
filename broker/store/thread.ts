// The store's thread: it alone opens the files, and it alone waits for the disk.

import Database from 'better-sqlite3';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { BrokerError } from '../core/errors.ts';
import type { Holder } from '../core/store.ts';
import { hasRoom, isBusy, isIoError, lockFile, openDatabase, prepareDirectory, storeError } from './database.ts';
import { spill } from './migrations/0001-queues.ts';
import { Observer } from './observer.ts';
import { Reader } from './reader.ts';
import { StreamReader } from './stream-reader.ts';
import type {
  CallName,
  Calls,
  Failure,
  Request,
  Response,
  SegmentRows,
  ThreadOptions,
  WriteRequest,
} from './thread-protocol.ts';
import { systemClock } from '../util/clock.ts';
import { Writer } from './writer.ts';

interface EngineRow {
  readonly epoch: number;
  readonly next_id: number;
}

type Handlers = { [Name in Exclude<CallName, 'write'>]: (...args: Calls[Name]['args']) => Calls[Name]['result'] };

/** Of one transaction. What is larger by itself has one of its own. */
const mostBytes = 32 * 1024 * 1024;

class StoreThread {
  readonly #options: ThreadOptions;
  #lock: Database.Database | undefined;
  readonly #observer: Observer;
  #database: Database.Database | undefined;
  #reader: Reader | undefined;
  #streams: StreamReader | undefined;
  #writer: Writer | undefined;
  #trimming = false;

  readonly handlers: Handlers = {
    tryLock: () => this.#tryLock(),
    observe: () => this.#observer.observe(),
    activate: (holder) => this.#activate(holder),
    hasRoom: () => hasRoom(this.#options.directory),
    readQueues: () => this.#active(this.#reader).queues(systemClock.now()),
    readPage: (queueId, after, entries, bytes) => this.#active(this.#reader).page(queueId, after, entries, bytes),
    readEntries: (queueId, seqs) => this.#active(this.#reader).entries(queueId, seqs),
    readDelayed: (queueId, before, entries, bytes) =>
      this.#active(this.#reader).delayed(queueId, before, entries, bytes),
    readNextDue: (queueId) => this.#active(this.#reader).nextDue(queueId),
    readExpired: (now, limit, after) => this.#active(this.#reader).expired(now, limit, after),
    readRecords: (type) => this.#active(this.#reader).records(type),
    readRecord: (type, key) => this.#active(this.#reader).record(type, key),
    readRecordPage: (type, from, limit) => this.#active(this.#reader).recordPage(type, from, limit),
    readCounters: (prefix) => this.#active(this.#reader).counters(prefix),
    readStreams: () => this.#active(this.#streams).streams(),
    readSegments: (shard, position, records, bytes) =>
      this.#active(this.#streams).segments(shard, position, records, bytes),
    findSegment: (shard, since) => this.#active(this.#streams).find(shard, since),
    readCheckpoints: (consumer) => this.#active(this.#streams).checkpoints(consumer),
    stats: () => {
      const { commits, lastCommitMs } = this.#active(this.#writer);
      return this.#active(this.#reader).stats(commits, lastCommitMs);
    },
    close: () => this.#close(),
  };

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#observer = new Observer(options.directory);
  }

  /** Whether there is room for more. */
  write(batches: readonly Calls['write']['args'][]): boolean {
    this.#active(this.#writer).write(batches);
    this.#trimLater();
    return hasRoom(this.#options.directory);
  }

  #tryLock(): boolean {
    if (this.#lock !== undefined) return true;
    const { directory } = this.#options;
    prepareDirectory(directory);
    // An open exclusive transaction: the system ends it when the process dies, however that happens.
    const lock = new Database(lockFile(directory), { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
      this.#lock = lock;
      return true;
    } catch (error) {
      lock.close();
      if (isBusy(error)) return false;
      throw error;
    }
  }

  #activate(holder: Holder): { epoch: number; nextId: number } {
    const { directory, journal, maxBytes } = this.#options;
    prepareDirectory(directory);
    try {
      const database = openDatabase(directory, journal, maxBytes);
      database.exec(spill);
      const take = database.transaction((): EngineRow => {
        database
          .prepare('UPDATE engine SET epoch = epoch + 1, beat = beat + 1, holder = ?')
          .run(JSON.stringify(holder));
        return database.prepare<[], EngineRow>('SELECT epoch, next_id FROM engine').get()!;
      });
      const row = take.immediate();
      this.#database = database;
      this.#reader = new Reader(database);
      this.#streams = new StreamReader(database);
      this.#writer = new Writer(database, row.epoch);
      this.#trimLater();
      this.#observer.close();
      return { epoch: row.epoch, nextId: row.next_id };
    } catch (error) {
      const cause = error instanceof BrokerError ? error.cause : error;
      if (isBusy(cause)) throw new BrokerError('limit', 'another process is writing to the store', { cause });
      throw error;
    }
  }

  /** A few rows at a time, with everything that waits in between. */
  #trimLater(): void {
    if (this.#trimming) return;
    this.#trimming = true;
    setImmediate(() => {
      this.#trimming = false;
      try {
        if (this.#writer?.trim() === true) this.#trimLater();
      } catch {
        // The next write meets the same trouble, and has somebody to tell.
      }
    });
  }

  #active<Part>(part: Part | undefined): Part {
    if (part === undefined) throw new BrokerError('closed', 'the store is not open');
    return part;
  }

  #close(): undefined {
    this.#observer.close();
    this.#database?.close();
    this.#lock?.close();
    this.#reader = undefined;
    this.#streams = undefined;
    this.#writer = undefined;
    return undefined;
  }
}

type Read = Exclude<Request, WriteRequest>;

function answer(thread: StoreThread, { id, call, args }: Read): Response {
  try {
    // oxlint-disable-next-line typescript/consistent-type-assertions -- the request's type ties arguments to call
    const handler = thread.handlers[call] as (...args: readonly unknown[]) => Calls[CallName]['result'];
    return { id, result: handler(...args) };
  } catch (error) {
    return { id, failure: failureOf(error, call) };
  }
}

function answerWrites(thread: StoreThread, writes: readonly WriteRequest[]): Response {
  const { id } = writes.at(-1)!;
  try {
    return { id, result: thread.write(writes.map(({ args }) => args)) };
  } catch (error) {
    return { id, failure: failureOf(error, 'write') };
  }
}

function failureOf(error: unknown, call: CallName): Failure {
  const { code, message } = storeError(error, describe(call));
  return { code, message, lost: code === 'fenced' || isIoError(error) };
}

function segmentBytes(result: Calls[CallName]['result']): ArrayBuffer {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the thread answers each call with its result
  return (result as SegmentRows).bytes;
}

function describe(call: CallName): string {
  return call === 'write' ? 'commit' : call.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const port = parentPort;
if (port !== null) {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- only sqlite-store.ts writes workerData
  const thread = new StoreThread(workerData as ThreadOptions);
  port.on('message', (request: Request) => serve(thread, port, request));
}

/** What came while the last commit was under way is one transaction. */
function serve(thread: StoreThread, to: MessagePort, first: Request): void {
  let request: Request | undefined = first;
  while (request?.call === 'write') {
    const writes: WriteRequest[] = [];
    let bytes = 0;
    do {
      writes.push(request);
      bytes += request.args[1].byteLength;
      request = bytes < mostBytes ? next(to) : undefined;
    } while (request?.call === 'write');
    to.postMessage(answerWrites(thread, writes));
  }
  if (request === undefined) return;
  const response = answer(thread, request);
  // What was read of streams is handed over, not copied.
  const isStream = request.call === 'readSegments' && 'result' in response;
  to.postMessage(response, isStream ? [segmentBytes(response.result)] : []);
  if (request.call === 'close') to.close();
}

function next(to: MessagePort): Request | undefined {
  const received: { readonly message: Request } | undefined = receiveMessageOnPort(to);
  return received?.message;
}
