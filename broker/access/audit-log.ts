// Who connected, was refused, was denied something and left: a line of JSON each, in a file of its own. Bounded in size by
// keeping so many files, and in memory by dropping lines, which is then written down. The engine never waits for it.

import { open, rename, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { BrokerError } from '../core/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';

export interface AuditEntry {
  readonly event: 'connected' | 'refused' | 'disconnected' | 'denied' | 'dropped';
  readonly [detail: string]: string | number;
}

export interface AuditLogOptions {
  readonly file: string;
  /** Of one file, in bytes; the one before is then renamed to FILE.1, that to FILE.2 and so on. */
  readonly maxBytes: number;
  /** Files beside the one that is written. */
  readonly keep: number;
  readonly clock: Clock;
  readonly log: Log;
}

const mostWaitingBytes = 4 * 1024 * 1024;
/** What a client calls itself may be long; what is written of it is not. */
const mostDetailLength = 500;
/** Who did what is not for other users of the machine. */
const mode = 0o600;

export class AuditLog {
  readonly #options: AuditLogOptions;
  #handle: FileHandle | undefined;
  #bytes = 0;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;
  #failed = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** @throws BrokerError `invalid`: the file cannot be written. */
  async start(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BrokerError('invalid', `open audit.file "${this.#options.file}": ${reason}`, { cause: error });
    }
  }

  write(entry: AuditEntry): void {
    if (this.#waitingBytes > mostWaitingBytes) {
      this.#dropped += 1;
      return;
    }
    this.#add(entry);
    this.#writing ??= this.#flush();
  }

  /** Resolves when what was written is in the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  #add(entry: AuditEntry): void {
    const at = new Date(this.#options.clock.now()).toISOString();
    const line = `${JSON.stringify({ at, ...entry }, (_, value: unknown) => shortened(value))}\n`;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const bytes = Buffer.from(this.#waiting.join(''));
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#append(bytes);
        this.#failed = false;
      } catch (error) {
        this.#failedToWrite(error);
      }
      if (this.#dropped > 0) {
        this.#add({ event: 'dropped', lines: this.#dropped });
        this.#dropped = 0;
      }
    }
    this.#writing = undefined;
  }

  async #append(bytes: Buffer): Promise<void> {
    const { maxBytes } = this.#options;
    if (this.#bytes > 0 && this.#bytes + bytes.length > maxBytes) await this.#rotate();
    if (this.#handle === undefined) await this.#open();
    await this.#handle?.appendFile(bytes);
    this.#bytes += bytes.length;
  }

  async #open(): Promise<void> {
    this.#handle = await open(this.#options.file, 'a', mode);
    this.#bytes = (await this.#handle.stat()).size;
  }

  async #rotate(): Promise<void> {
    const { file, keep } = this.#options;
    await this.#handle?.close();
    this.#handle = undefined;
    for (let i = keep; i > 0; i--) {
      const from = i === 1 ? file : `${file}.${i - 1}`;
      if (await exists(from)) await rename(from, `${file}.${i}`);
    }
  }

  /** Once for each time that it begins to fail: a full disk would fill the log too. */
  #failedToWrite(error: unknown): void {
    if (!this.#failed) this.#options.log.error({ err: error }, 'the audit log cannot be written; lines are lost');
    this.#failed = true;
  }
}

function shortened(value: unknown): unknown {
  return typeof value === 'string' && value.length > mostDetailLength ? `${value.slice(0, mostDetailLength)}…` : value;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
