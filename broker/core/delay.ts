// The delayed entries of a queue. They are on disk, ordered by the time they are due; only the first of those times
// is known here.

import type { Timer } from '../util/clock.ts';
import type { Queue } from './queue.ts';
import type { QueueContext } from './queue-context.ts';

const retryMs = 1000;
/** Entries that are due before one which is cancelled, at most. */
const searched = 10_000;

export class Delay {
  readonly #queue: Queue;
  readonly #context: QueueContext;
  #count = 0;
  #timer: Timer | undefined;
  #dueAt = Infinity;
  #promoting = false;

  constructor(queue: Queue, context: QueueContext) {
    this.#queue = queue;
    this.#context = context;
  }

  get count(): number {
    return this.#count;
  }

  restore(count: number, nextDueAt: number | undefined): void {
    this.#count = count;
    if (nextDueAt !== undefined) this.#arm(nextDueAt);
  }

  /** A delayed put was committed. `dueAt`: milliseconds since the epoch. */
  arrived(dueAt: number): void {
    this.#count++;
    this.#arm(dueAt);
  }

  /** One of them became ready. */
  left(): void {
    this.#count--;
  }

  /** Removes one. False: it is ready by now, or gone. */
  async cancel(seq: number, dueAt: number): Promise<boolean> {
    const { store, window } = this.#context;
    const due = await store.readDelayed(this.#queue.id, dueAt, { ...window, entries: searched });
    const delayed = due.find((one) => one.seq === seq);
    if (delayed === undefined) return false;
    const key = { queueId: this.#queue.id, ...delayed };
    const toSeq = store.nextId();
    await store.write([
      { kind: 'due', entry: key, dueAt, toSeq },
      { kind: 'settle', entry: { ...key, seq: toSeq }, delivered: false },
    ]);
    this.left();
    return true;
  }

  clear(): void {
    this.#count = 0;
    this.stop();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#dueAt = Infinity;
  }

  #arm(dueAt: number): void {
    if (dueAt >= this.#dueAt) return;
    this.#timer?.cancel();
    this.#dueAt = dueAt;
    const { clock } = this.#context;
    this.#timer = clock.after(dueAt - clock.now(), () => this.#promote());
  }

  #promote(): void {
    this.#dueAt = Infinity;
    if (this.#promoting || this.#count === 0) return;
    this.#promoting = true;
    const { background, clock, promoteDue } = this.#context;
    const promotion = promoteDue(this.#queue).then((nextDueAt) => {
      this.#promoting = false;
      if (nextDueAt !== undefined) this.#arm(nextDueAt);
    });
    background(promotion, `make delayed messages of queue "${this.#queue.name}" ready`, () => {
      this.#promoting = false;
      this.#arm(clock.now() + retryMs);
    });
  }
}
