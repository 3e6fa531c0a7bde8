// Shares the event loop and memory among long answers. Many requests for megabytes can come in one piece of a connection: made
// one after the other without a pause, their answers would keep everything else waiting for seconds, the lease on the store
// with it; made at once, or for clients that do not take them, they would be in memory at once.

import type { Clock } from '../util/clock.ts';

/** Of answers, in one turn of the event loop; a few milliseconds of work. */
const bytesPerTurn = 512 * 1024;
/** What a request is taken for that waits for its turn, or whose answer may be long, before that is known. */
const guessedBytes = 128 * 1024;
/** Requests at once whose answers may be long. */
const mostBulky = 8;
/** How long one of them waits to begin. */
const patienceMs = 5000;

export class Pace {
  readonly #clock: Clock;
  readonly #mostHeld: number;
  #spent = 0;
  #bulky = 0;
  #held = 0;
  #armed = false;
  readonly #waiting: (() => void)[] = [];
  readonly #waitingBulky = new Set<(begins: boolean) => void>();

  /** `mostHeld`: bytes of long answers that clients have not taken yet. */
  constructor(clock: Clock, mostHeld: number) {
    this.#clock = clock;
    this.#mostHeld = mostHeld;
  }

  // ---- the event loop

  /** Whether `room` has to be waited for. */
  get isFull(): boolean {
    return this.#spent >= bytesPerTurn || this.#waiting.length > 0;
  }

  /** Resolves in a turn that has room; in order. */
  room(): Promise<void> {
    this.#arm();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  spend(bytes: number): void {
    this.#spent += bytes;
    this.#arm();
  }

  // ---- memory

  /** What may have a long answer begins, and `endBulky` is called whatever becomes of it. False: it may not, for too long. */
  async beginBulky(): Promise<boolean> {
    if (this.#isFree) this.#bulky++;
    else if (!(await this.#waitBulky())) return false;
    if (this.isFull) await this.room();
    else this.spend(guessedBytes);
    return true;
  }

  endBulky(): void {
    this.#bulky--;
    this.#admitBulky();
  }

  /** A long answer is there, until `release`. False: that would be too much. */
  hold(bytes: number): boolean {
    if (this.#held + bytes > this.#mostHeld) return false;
    this.#held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
    this.#admitBulky();
  }

  /** Half of what may be held is kept for answers whose requests cannot be asked again for nothing. */
  get #isFree(): boolean {
    return this.#bulky < mostBulky && this.#held <= this.#mostHeld / 2;
  }

  #waitBulky(): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = (begins: boolean): void => {
        timer.cancel();
        this.#waitingBulky.delete(answer);
        resolve(begins);
      };
      const timer = this.#clock.after(patienceMs, () => answer(false));
      this.#waitingBulky.add(answer);
    });
  }

  #admitBulky(): void {
    for (const begin of this.#waitingBulky) {
      if (!this.#isFree) return;
      this.#bulky++;
      begin(true);
    }
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#armed = false;
    this.#spent = 0;
    while (this.#spent < bytesPerTurn && this.#waiting.length > 0) {
      this.spend(guessedBytes);
      this.#waiting.shift()?.();
    }
  }
}
