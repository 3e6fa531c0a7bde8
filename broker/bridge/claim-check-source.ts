// A source whose messages may have their bodies in an object store: they are fetched, a few ahead and so many bytes at a time, and
// given in the order in which they were taken. A body that is not there makes its message a dead letter; a store that does not
// answer gives everything back.

import type { Message } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import type { Death } from '../core/store.ts';
import type { Transaction } from '../core/transaction.ts';
import { isClaimed, pointerOf, restored } from './claim-check.ts';
import type { ClaimCheck, ObjectStore, Pointer } from './claim-check.ts';
import type { Notes } from './mapping.ts';
import { RemoteTrouble } from './remote.ts';
import type { Source, Taken } from './source.ts';

export interface ClaimingOptions {
  readonly source: Source;
  readonly claimCheck: ClaimCheck;
  readonly objects: ObjectStore;
  /** The largest body that a message may have. */
  readonly mostBytes: number;
  readonly background: (work: Promise<unknown>, what: string) => void;
}

interface Waiting {
  readonly taken: Taken;
  readonly pointer: Pointer | string | undefined;
  isFetched: boolean;
  /** Once it can be given. */
  given: Taken | undefined;
}

/** Fetched at once. */
const mostFetches = 4;
/** Of bodies that were fetched and have not crossed; one more may be fetched whatever its size. */
const mostHeldBytes = 64 * 1024 * 1024;

export class ClaimingSource implements Source {
  readonly address: string;
  readonly #options: ClaimingOptions;
  #waiting: Waiting[] = [];
  #fetches = 0;
  #heldBytes = 0;
  #trouble: string | undefined;
  #deliver: (taken: Taken) => void = () => undefined;
  #onObstacle: (obstacle: string) => void = () => undefined;
  #closed = false;

  constructor(options: ClaimingOptions) {
    this.#options = options;
    this.address = options.source.address;
  }

  get obstacle(): string | undefined {
    return this.#trouble ?? this.#options.source.obstacle;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#options.source.isEmpty;
  }

  isFedBy(queue: Queue): boolean {
    return this.#options.source.isFedBy(queue);
  }

  start(deliver: (taken: Taken) => void, onObstacle: (obstacle: string) => void): Promise<void> {
    this.#deliver = deliver;
    this.#onObstacle = onObstacle;
    return this.#options.source.start((taken) => this.#take(taken), onObstacle);
  }

  setCredit(credit: number): void {
    if (credit > 0) this.#trouble = undefined;
    this.#options.source.setCredit(Math.max(0, credit - this.#waiting.length));
  }

  read(message: Message, notes: Notes): Message {
    return this.#options.source.read(message, notes);
  }

  beforeCommit(transaction: Transaction): void {
    this.#options.source.beforeCommit?.(transaction);
  }

  revive(queue: Queue, reason: string): Promise<number> {
    return this.#options.source.revive(queue, reason);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#giveBack();
    this.#options.source.close();
  }

  #take(taken: Taken): void {
    const pointer = isClaimed(taken.message) ? pointerOf(taken.message) : undefined;
    if (pointer === undefined && this.#waiting.length === 0) {
      this.#deliver(taken);
      return;
    }
    const given = pointer === undefined ? taken : typeof pointer === 'string' ? refused(taken, pointer) : undefined;
    this.#waiting.push({ taken, pointer, isFetched: given !== undefined, given });
    this.#go();
  }

  /** Gives what can be given, and fetches what comes next. */
  #go(): void {
    for (let [first] = this.#waiting; first?.given !== undefined; [first] = this.#waiting) {
      this.#waiting.shift();
      this.#deliver(first.given);
    }
    const { background } = this.#options;
    for (const waiting of this.#waiting) {
      if (this.#fetches >= mostFetches || this.#heldBytes > mostHeldBytes) return;
      if (waiting.isFetched) continue;
      waiting.isFetched = true;
      this.#fetches++;
      background(
        this.#fetch(waiting).finally(() => {
          this.#fetches--;
          this.#go();
        }),
        `fetch a body for ${this.address}`,
      );
    }
  }

  async #fetch(waiting: Waiting): Promise<void> {
    const { objects, claimCheck, mostBytes } = this.#options;
    const { taken, pointer } = waiting;
    if (typeof pointer !== 'object') return;
    const { bucket, key } = pointer;
    // Whoever can send a message is not to read, or remove, what else the route could.
    if (bucket !== claimCheck.bucket) {
      waiting.given = refused(taken, `its body is in the bucket "${bucket}", which is not the route's`);
      return;
    }
    try {
      const body = await objects.get(bucket, key, mostBytes);
      if (!this.#waiting.includes(waiting)) return;
      if (body === undefined) waiting.given = refused(taken, `its body is not in the bucket "${bucket}": "${key}"`);
      else if (typeof body === 'string') waiting.given = refused(taken, `its body is not read: ${body}`);
      else waiting.given = this.#claimed(taken, body, pointer);
    } catch (error) {
      if (!(error instanceof RemoteTrouble)) throw error;
      if (this.#waiting.includes(waiting)) this.#fail(error.message);
    }
  }

  #claimed(taken: Taken, body: Buffer, { bucket, key }: Pointer): Taken {
    const { objects, claimCheck, background } = this.#options;
    this.#heldBytes += body.length;
    let isHere = true;
    const forget = (): void => {
      if (!isHere) return;
      isHere = false;
      this.#heldBytes -= body.length;
      if (!this.#closed) this.#go();
    };
    return new Claimed(taken, restored(taken.message, body), undefined, {
      settled: (transaction) => {
        if (claimCheck.deletes) {
          transaction.afterCommit(() => background(objects.delete(bucket, key), `delete a body of ${this.address}`));
        }
        forget();
      },
      ended: forget,
    });
  }

  #fail(trouble: string): void {
    this.#trouble = trouble;
    this.#giveBack();
    this.#onObstacle(trouble);
  }

  #giveBack(): void {
    const all = this.#waiting;
    this.#waiting = [];
    // Backwards: each goes before the ones that came after it.
    for (const { taken, given } of all.toReversed()) (given ?? taken).release();
  }
}

interface Ends {
  settled(transaction: Transaction): void;
  ended(): void;
}

function refused(taken: Taken, refusal: string): Taken {
  return new Claimed(taken, taken.message, refusal, { settled: () => undefined, ended: () => undefined });
}

/** A message with its body, or without one. It ends as what was taken does. */
class Claimed implements Taken {
  readonly message: Message;
  readonly refusal: string | undefined;
  readonly #taken: Taken;
  readonly #ends: Ends;

  constructor(taken: Taken, message: Message, refusal: string | undefined, ends: Ends) {
    this.#taken = taken;
    this.message = message;
    this.refusal = refusal;
    this.#ends = ends;
  }

  get death(): Death | undefined {
    return this.#taken.death;
  }

  get isHeld(): boolean {
    return this.#taken.isHeld;
  }

  identity(): string {
    return this.#taken.identity();
  }

  settle(transaction: Transaction): void {
    this.#taken.settle(transaction);
    this.#ends.settled(transaction);
  }

  /** As it was taken: the body stays where it is. */
  bury(transaction: Transaction, queue: Queue, reason: string): void {
    this.#taken.bury(transaction, queue, reason);
    this.#ends.ended();
  }

  release(): void {
    this.#taken.release();
    this.#ends.ended();
  }
}
