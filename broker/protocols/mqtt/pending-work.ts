// What a connection has asked for that is not in the store yet: bounded, and waited for before its session is anyone else's.

export interface PendingLimits {
  readonly count: number;
  readonly bytes: number;
}

export interface PendingEvents {
  /** Something was done; it may not be full any more. */
  readonly onProgress: () => void;
  /** Work ended in a way that whoever began it did not expect. */
  readonly onError: (error: unknown) => void;
}

export class PendingWork {
  readonly #limits: PendingLimits;
  readonly #events: PendingEvents;
  #underWay = 0;
  #count = 0;
  #bytes = 0;
  #idle: (() => void)[] = [];

  constructor(limits: PendingLimits, events: PendingEvents) {
    this.#limits = limits;
    this.#events = events;
  }

  /** Nothing more should be asked for until some of it is done. */
  get isFull(): boolean {
    return this.#count >= this.#limits.count || this.#bytes >= this.#limits.bytes;
  }

  /** Something was asked for, and will be part of some work. */
  take(bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
  }

  /** `count` and `bytes`: of what was taken, all that this work does. */
  add(work: Promise<unknown>, count = 0, bytes = 0): void {
    this.#underWay++;
    const ended = (): void => {
      this.#underWay--;
      this.#count -= count;
      this.#bytes -= bytes;
      this.#events.onProgress();
      if (this.#underWay === 0) this.#wake();
    };
    work.then(ended, (error: unknown) => {
      this.#events.onError(error);
      ended();
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #wake(): void {
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
