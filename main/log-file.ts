// The engine's log on disk, since a desktop app has no terminal: engine.log, and the one before it.
import { mkdirSync, renameSync, statSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';

const limitBytes = 5 * 1024 * 1024;

export class LogFile {
  readonly directory: string;
  readonly #path: string;
  #bytes: number;

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    this.#path = join(directory, 'engine.log');
    this.#bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Never throws: a log that cannot be written is no reason to stop what it is about. */
  append(text: string): void {
    try {
      if (this.#bytes > limitBytes) {
        renameSync(this.#path, join(this.directory, 'engine.1.log'));
        this.#bytes = 0;
      }
      appendFileSync(this.#path, text);
      this.#bytes += Buffer.byteLength(text);
    } catch (error) {
      process.stderr.write(`write ${this.#path}: ${String(error)}\n`);
    }
  }
}
