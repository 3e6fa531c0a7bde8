// The delayed entries of a queue. They are on disk, ordered by the time they are due; only the first of those times
// is known here.

import type { Timer } from '../util/clock.ts';
import { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import type { QueueContext } from './queue-context.ts';
import { Transaction } from './transaction.ts';

const retryMs = 1000;
/** Entries that are due before one which is cancelled, at most. */
const searched = 10_000;
/** Entries that become ready in one transaction, at most. */
const dueBatch = 500;

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

  /** The first due first, at most `limit`. */
  browse(limit: number): Promise<readonly { dueAt: number; seq: number; message: Message }[]> {
    const { store, window } = this.#context;
    return store.readDelayed(this.#queue.id, Infinity, { entries: limit, bytes: window.bytes });
  }

  /** Removes one. False: it is ready by now, or gone. */
  async cancel(seq: number, dueAt: number): Promise<boolean> {
    const { store, window } = this.#context;
    if (this.#queue.isPurged({ seq })) return false;
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
    const { background, clock } = this.#context;
    const promotion = this.#promoteDue().then((nextDueAt) => {
      this.#promoting = false;
      if (nextDueAt !== undefined) this.#arm(nextDueAt);
    });
    background(promotion, `make delayed messages of queue "${this.#queue.name}" ready`, () => {
      this.#promoting = false;
      this.#arm(clock.now() + retryMs);
    });
  }

  /** Moves what is due to the end of the queue; resolves with when the next one is due. */
  async #promoteDue(): Promise<number | undefined> {
    const { store, clock, window } = this.#context;
    const queue = this.#queue;
    const due = await store.readDelayed(queue.id, clock.now(), { entries: dueBatch, bytes: window.bytes });
    const transaction = new Transaction(store, clock);
    for (const item of due) {
      const toSeq = store.nextId();
      const key = { queueId: queue.id, ...item };
      const toQueueId = queue.bands.idOf(item.message.priority);
      transaction.change({ kind: 'due', entry: key, dueAt: item.dueAt, toSeq, toQueueId });
      const entry = new Entry(queue, { ...item, seq: toSeq }, item.message);
      transaction.afterCommit(() => queue.promoted(entry, item.seq));
    }
    await transaction.commit();
    return store.readNextDue(queue.id);
  }
}
