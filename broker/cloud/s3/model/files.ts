// The files that objects are made of. A file is written once, under a name that was never used, and is there for readers when a
// record of the store refers to it. Each file that no record refers to, yet or any more, has a record that says so, from
// before it is made until it is gone: what a crash leaves behind is found by those, without looking at anything else.

import { mkdir, open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { asBrokerError, BrokerError } from '../../../core/errors.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import type { Change, Store } from '../../../core/store.ts';
import type { Log } from '../../../util/log.ts';
import { recordTypes } from './codec.ts';
import type { Segment } from './codec.ts';

/** A file that is being written. */
export interface Draft {
  readonly file: string;
  /** @throws BrokerError `store-full` or `store-failed`. */
  write(chunk: Buffer): Promise<void>;
  /** Resolves once it is on the disk, and stays there. @throws BrokerError as `write` does. */
  finish(): Promise<void>;
  /** Nobody wants it any more. Idempotent. */
  discard(): Promise<void>;
}

/** Files that stay there until it is closed, or read to the end. */
export interface Reading extends AsyncDisposable {
  /** `length` bytes from `start`; closes it at the end, also if nobody wants the rest. */
  bytes(start: number, length: number): AsyncIterableIterator<Buffer>;
}

interface FilesOptions {
  readonly store: Store;
  /** All files are below it; it is made when it is needed. */
  readonly directory: string;
  readonly log: Log;
}

/** Names are noted for the next files ahead: a file need not wait for that. */
const namesAhead = 16;
const readBytes = 256 * 1024;
/** Of files, at once. */
const mostOpen = 2000;
const nothing = Buffer.alloc(0);
/** Of the system's failures, those that others will be spared. */
const failures: Readonly<Record<string, readonly [code: ErrorCode, told: string]>> = {
  ENOSPC: ['store-full', 'the disk is full'],
  EDQUOT: ['store-full', 'the disk is full'],
  EMFILE: ['limit', 'too many are open'],
  ENFILE: ['limit', 'too many are open'],
};

export class Files {
  readonly #options: FilesOptions;
  readonly #folders = new Set<string>();
  readonly #names: string[] = [];
  #naming: Promise<void> | undefined;
  /** Readers of each file. */
  readonly #readers = new Map<string, number>();
  /** Are removed, or will be once nobody reads them. */
  readonly #dropped = new Set<string>();
  readonly #gone: string[] = [];
  #open = 0;

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** Removes what was left behind. @throws BrokerError as the store does. */
  async sweep(): Promise<void> {
    const { store } = this.#options;
    const loose = await store.readRecords(recordTypes.loose);
    for (const { key } of loose) await this.#unlink(key);
    const gone = this.#gone.splice(0);
    if (gone.length > 0) await store.write(gone.map(kept));
  }

  /** @throws BrokerError `limit` while too many are open; `store-full`, `store-failed`, and as Store.write does. */
  async create(): Promise<Draft> {
    const file = await this.#name();
    const leave = this.#enter();
    let handle: FileHandle;
    let folder: string;
    try {
      folder = await this.#folderOf(file);
      handle = await open(this.#path(file), 'wx', 0o600);
    } catch (error) {
      leave();
      throw asFailure(error, 'make a file');
    }
    let isOpen = true;
    const close = async (): Promise<void> => {
      if (!isOpen) return;
      isOpen = false;
      leave();
      await handle.close();
    };
    return {
      file,
      async write(chunk) {
        try {
          for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
        } catch (error) {
          throw asFailure(error, 'write a file');
        }
      },
      async finish() {
        try {
          await handle.sync();
          await close();
          await syncFolder(folder);
        } catch (error) {
          throw asFailure(error, 'write a file');
        }
      },
      discard: async () => {
        await close();
        this.drop([file]);
      },
    };
  }

  /** Undefined: they are not there any more, and the record that named them has changed. @throws BrokerError. */
  async read(segments: readonly Segment[]): Promise<Reading | undefined> {
    if (segments.some(({ file }) => this.#dropped.has(file))) return undefined;
    for (const { file } of segments) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    let leave: (() => void) | undefined;
    let current: { readonly file: string; readonly handle: FileHandle } | undefined;
    let isOpen = true;
    const enter = async (file: string): Promise<FileHandle> => {
      if (current?.file === file) return current.handle;
      await current?.handle.close();
      current = undefined;
      current = { file, handle: await open(this.#path(file), 'r') };
      return current.handle;
    };
    const close = async (): Promise<void> => {
      if (!isOpen) return;
      isOpen = false;
      leave?.();
      await current?.handle.close();
      for (const { file } of segments) this.#leave(file);
    };
    try {
      leave = this.#enter();
      // One that is gone is missed now, not in the middle of an answer.
      if (segments[0] !== undefined) await enter(segments[0].file);
    } catch (error) {
      await close();
      if (isMissing(error)) return undefined;
      throw asFailure(error, 'read a file');
    }
    async function* read(start: number, length: number): AsyncGenerator<Buffer, undefined> {
      try {
        let skip = start;
        let left = length;
        for (const { file, size } of segments) {
          if (left === 0) break;
          if (skip >= size) {
            skip -= size;
            continue;
          }
          const handle = await enter(file);
          while (skip < size && left > 0) {
            const wanted = Math.min(readBytes, size - skip, left);
            const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, skip);
            if (bytesRead === 0) throw new BrokerError('store-failed', `the file "${file}" is shorter than it was`);
            skip += bytesRead;
            left -= bytesRead;
            yield bytesRead === wanted ? buffer : buffer.subarray(0, bytesRead);
          }
          skip = 0;
        }
      } finally {
        await close();
      }
    }
    const bytes = (start: number, length: number): AsyncIterableIterator<Buffer> => {
      const generator = read(start, length);
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        next: () => generator.next(),
        // A generator that was never begun has no end of its own.
        return: async () => {
          await close();
          return generator.return(undefined);
        },
      };
    };
    return { bytes, [Symbol.asyncDispose]: close };
  }

  /** To be written with the records that refer to the file from then on. */
  keep(file: string): Change {
    return kept(file);
  }

  /** To be written with the change after which no record refers to the file any more. */
  loosen(file: string): Change {
    return { kind: 'record', type: recordTypes.loose, key: file, value: nothing };
  }

  /** Once `loosen` is committed. Nobody waits for it: what fails is tried again at the next start. */
  drop(files: readonly string[]): void {
    for (const file of files) {
      this.#dropped.add(file);
      if (!this.#readers.has(file)) this.#remove(file);
    }
  }

  #leave(file: string): void {
    const readers = (this.#readers.get(file) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(file, readers);
      return;
    }
    this.#readers.delete(file);
    if (this.#dropped.has(file)) this.#remove(file);
  }

  #remove(file: string): void {
    const { store, log } = this.#options;
    this.#unlink(file)
      .then(async () => {
        this.#dropped.delete(file);
        // Those of the same moment go together.
        const gone = this.#gone.splice(0);
        if (gone.length > 0) await store.write(gone.map(kept));
      })
      .catch((error: unknown) => log.warn({ err: error, file }, 'remove a file of an object'));
  }

  async #unlink(file: string): Promise<void> {
    try {
      await unlink(this.#path(file));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    this.#gone.push(file);
  }

  #enter(): () => void {
    if (this.#open >= mostOpen) throw new BrokerError('limit', 'too many objects are written and read at once');
    this.#open += 1;
    return () => {
      this.#open -= 1;
    };
  }

  /** One that the store knows to be loose. */
  async #name(): Promise<string> {
    for (;;) {
      if (this.#names.length <= namesAhead / 2) {
        this.#naming ??= this.#noteNames().finally(() => {
          this.#naming = undefined;
        });
        // Whoever needs a name is told; for the others it is tried again.
        this.#naming.catch(() => undefined);
      }
      const name = this.#names.pop();
      if (name !== undefined) return name;
      await this.#naming;
    }
  }

  async #noteNames(): Promise<void> {
    const { store } = this.#options;
    const names = Array.from({ length: namesAhead }, () => store.nextId().toString(16).padStart(12, '0'));
    await store.write(names.map((name) => this.loosen(name)));
    this.#names.push(...names);
  }

  #path(file: string): string {
    return join(this.#options.directory, file.slice(-2), file);
  }

  /** Made, so that it outlives a crash. */
  async #folderOf(file: string): Promise<string> {
    const { directory } = this.#options;
    const folder = join(directory, file.slice(-2));
    if (this.#folders.has(folder)) return folder;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(directory);
    await syncFolder(join(directory, '..'));
    this.#folders.add(folder);
    return folder;
  }
}

function kept(file: string): Change {
  return { kind: 'record', type: recordTypes.loose, key: file, value: undefined };
}

/** What a folder lists is on the disk when the folder is. Windows has no such thing, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function asFailure(error: unknown, what: string): BrokerError {
  if (error instanceof BrokerError) return error;
  const told = failures[String(codeOf(error))];
  return told === undefined ? asBrokerError(error) : new BrokerError(told[0], `${what}: ${told[1]}`, { cause: error });
}
