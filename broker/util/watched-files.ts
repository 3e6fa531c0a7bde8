// Notices that files have changed, by looking at them every so often: that works on network file systems too, and where
// a file is replaced rather than written, which the system's own notifications do not.

import { stat } from 'node:fs/promises';
import type { Clock, Timer } from './clock.ts';

const lookEveryMs = 2000;

export class WatchedFiles {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #seen = '';
  #timer: Timer | undefined;
  #closed = false;

  constructor(paths: readonly string[], clock: Clock, onChange: () => void) {
    this.#paths = paths;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** What is there now is what later looks are compared with. */
  async start(): Promise<void> {
    this.#seen = await this.#state();
    this.#again();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #again(): void {
    if (this.#closed) return;
    this.#timer = this.#clock.after(lookEveryMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const state = await this.#state();
    if (this.#closed) return;
    if (state !== this.#seen) {
      this.#seen = state;
      this.#onChange();
    }
    this.#again();
  }

  /** Never rejects: a file that is not there, or cannot be looked at, is a state too. */
  async #state(): Promise<string> {
    const states = await Promise.all(
      this.#paths.map((path) =>
        stat(path).then(
          ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
          (error: unknown) => String(error),
        ),
      ),
    );
    return states.join('\n');
  }
}
