// One turn of the event loop for all connections: who has something to send says so, and is called once when this turn's
// sockets have been read and its commits answered.

export interface Flushable {
  flush(): void;
}

export class FlushTurn {
  #waiting: Flushable[] = [];

  /** Calls `one.flush` at the end of this turn; once for each call. */
  add(one: Flushable): void {
    this.#waiting.push(one);
    if (this.#waiting.length === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.flush();
  }
}
