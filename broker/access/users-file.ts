// The users as the file has them now: read again when it changes. A file that cannot be read, or is wrong, changes nothing.

import { readFile } from 'node:fs/promises';
import { BrokerError } from '../core/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import { WatchedFiles } from '../util/watched-files.ts';
import { parseUsers } from './user-records.ts';
import type { User } from './user-records.ts';

export class UsersFile {
  readonly #path: string;
  readonly #log: Log;
  readonly #watch: WatchedFiles;
  readonly #onChange: (() => void)[] = [];
  #users: ReadonlyMap<string, User> = new Map();

  constructor(path: string, clock: Clock, log: Log) {
    this.#path = path;
    this.#log = log;
    this.#watch = new WatchedFiles([path], clock, () => void this.reload());
  }

  /** @throws BrokerError `invalid`: it cannot be read, or what it says is wrong. */
  async start(): Promise<void> {
    this.#users = await this.#load();
    this.#changed();
    await this.#watch.start();
  }

  close(): void {
    this.#watch.close();
  }

  get users(): ReadonlyMap<string, User> {
    return this.#users;
  }

  onChange(run: () => void): void {
    this.#onChange.push(run);
  }

  /** Never rejects. */
  async reload(): Promise<void> {
    try {
      this.#users = await this.#load();
    } catch (error) {
      this.#log.error({ err: error }, 'the users that were there before stay');
      return;
    }
    this.#log.info({ file: this.#path, users: this.#users.size }, 'read the users again');
    this.#changed();
  }

  #changed(): void {
    for (const run of this.#onChange) run();
  }

  async #load(): Promise<ReadonlyMap<string, User>> {
    try {
      return parseUsers(await readFile(this.#path, 'utf8'));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BrokerError('invalid', `read users "${this.#path}": ${reason}`, { cause: error });
    }
  }
}
