// Who waits for answers to what was sent on a connection: each call until all of its messages have one, the connection is
// over, nothing was answered for too long, or nobody waits any more.

import type { Clock, Timer } from '../../../util/clock.ts';
import type { Answer } from './far-target.ts';

interface Call {
  readonly answers: (Answer | undefined)[];
  left: number;
  answeredAt: number;
  readonly finish: () => void;
}

export class Answers<Key> {
  readonly #clock: Clock;
  readonly #withinMs: number;
  readonly #onLate: () => void;
  readonly #waiting = new Map<Key, { readonly call: Call; readonly index: number }>();
  readonly #calls = new Set<Call>();
  #isOver = false;

  /** `onLate`: nothing came for `withinMs` that was waited for. */
  constructor(clock: Clock, withinMs: number, onLate: () => void) {
    this.#clock = clock;
    this.#withinMs = withinMs;
    this.#onLate = onLate;
  }

  /** Messages without an answer. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** `send` sends the messages, and says with `expect` by which key each is answered. */
  collect(
    count: number,
    signal: AbortSignal,
    send: (expect: (key: Key, index: number) => void, answer: (index: number, answer: Answer) => void) => void,
  ): Promise<readonly (Answer | undefined)[]> {
    const { promise, resolve } = Promise.withResolvers<readonly (Answer | undefined)[]>();
    const keys: Key[] = [];
    let timer: Timer | undefined;
    const call: Call = {
      answers: Array.from({ length: count }, () => undefined),
      left: count,
      answeredAt: this.#clock.monotonic(),
      finish: () => {
        if (!this.#calls.delete(call)) return;
        timer?.cancel();
        signal.removeEventListener('abort', call.finish);
        for (const key of keys) if (this.#waiting.get(key)?.call === call) this.#waiting.delete(key);
        resolve(call.answers);
      },
    };
    this.#calls.add(call);
    signal.addEventListener('abort', call.finish);
    if (signal.aborted || this.#isOver || count === 0) {
      call.finish();
      return promise;
    }
    const watch = (afterMs: number): void => {
      timer = this.#clock.after(afterMs, () => {
        const left = call.answeredAt + this.#withinMs - this.#clock.monotonic();
        if (left > 0) watch(left);
        else this.#onLate();
      });
    };
    watch(this.#withinMs);
    send(
      (key, index) => {
        keys.push(key);
        this.#waiting.set(key, { call, index });
      },
      (index, answer) => this.#take(call, index, answer),
    );
    return promise;
  }

  answer(key: Key, answer: Answer): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    this.#take(waiting.call, waiting.index, answer);
  }

  /** No more will come. */
  end(): void {
    this.#isOver = true;
    for (const call of Array.from(this.#calls)) call.finish();
  }

  #take(call: Call, index: number, answer: Answer): void {
    if (call.answers[index] !== undefined) return;
    call.answers[index] = answer;
    call.answeredAt = this.#clock.monotonic();
    call.left--;
    if (call.left === 0) call.finish();
  }
}
