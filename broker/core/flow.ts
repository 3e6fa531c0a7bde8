// Flow control (ActiveMQ's producer flow control): who sends to a queue that is at its bound, or while the store is nearly
// full, is held back, in its protocol's own way, before anything has to be refused.

import type { Timer } from '../util/clock.ts';
import { isTopic } from './address.ts';
import type { Destination } from './address.ts';
import type { Broker } from './broker.ts';

export interface FlowLimits {
  /** Bytes in the store at which durable sends are held back; it refuses them somewhere above. */
  readonly storeBytes?: number | undefined;
  /** Bytes of what overflowed from memory and need not survive, at which sends are held back. */
  readonly spilledBytes?: number | undefined;
}

const lookMs = 500;
/** Of a limit, what has to be free before sends go on: they would stop and start with each message. */
const resumeAt = 0.9;

export class Flow {
  readonly #broker: Broker;
  readonly #limits: FlowLimits;
  #timer: Timer | undefined;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(broker: Broker, limits: FlowLimits) {
    this.#broker = broker;
    this.#limits = limits;
  }

  start(): void {
    const { storeBytes, spilledBytes } = this.#limits;
    if (storeBytes === undefined && spilledBytes === undefined) return;
    this.#timer = this.#broker.clock.after(lookMs, () => {
      this.#broker.background(this.#look(), 'look how full the store is');
      this.start();
    });
  }

  /**
   * Undefined: sends go on. Otherwise no more of them are to be taken from the sender until it resolves; what was taken
   * is taken.
   */
  heldBack(to: Destination | readonly Destination[]): Promise<void> | undefined {
    if (this.#closed !== undefined) return this.#closed.promise;
    if ('kind' in to) return this.#roomIn(to);
    for (const one of to) {
      const room = this.#roomIn(one);
      if (room !== undefined) return room;
    }
    return undefined;
  }

  /** Something is held back for the store's sake. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#open();
  }

  #roomIn(to: Destination): Promise<void> | undefined {
    if (isTopic(to)) return undefined;
    return this.#broker.findQueue(to)?.room;
  }

  async #look(): Promise<void> {
    const { storeBytes = Infinity, spilledBytes = Infinity } = this.#limits;
    const { usedBytes, spilledBytes: spilled } = await this.#broker.store.stats();
    const part = Math.max(usedBytes / storeBytes, spilled / spilledBytes);
    if (part >= 1) this.#closed ??= Promise.withResolvers();
    else if (part < resumeAt) this.#open();
  }

  #open(): void {
    this.#closed?.resolve();
    this.#closed = undefined;
  }
}
