// What goes out on one socket: frames gathered for one turn of the event loop, told apart into what was handed over
// and what the socket has taken. Bounds nothing by itself: `congested` says when to stop delivering.

import type { Duplex } from 'node:stream';
import type { Entry } from '../../core/entry.ts';
import type { Clock } from '../../util/clock.ts';
import { FrameWriter } from './wire/encoder.ts';

export interface OutputEvents {
  /** The socket has taken the frames of these entries. */
  readonly onSent: (entries: readonly Entry[]) => void;
  /** More than the bound is unsent; onDrained follows. */
  readonly onCongested: () => void;
  readonly onDrained: () => void;
}

export class Output {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #maxUnsentBytes: number;
  readonly #events: OutputEvents;
  readonly #writer: FrameWriter;
  #awaitingSend: Entry[] = [];
  #flushScheduled = false;
  #congested = false;
  /** When something was written last, by the monotonic clock. */
  lastSentAt: number;

  constructor(socket: Duplex, clock: Clock, maxUnsentBytes: number, events: OutputEvents) {
    this.#socket = socket;
    this.#clock = clock;
    this.lastSentAt = clock.monotonic();
    this.#maxUnsentBytes = maxUnsentBytes;
    this.#events = events;
    this.#writer = new FrameWriter((bytes) => this.#send(bytes));
  }

  get congested(): boolean {
    return this.#congested;
  }

  get unsentBytes(): number {
    return this.#writer.unflushedBytes + this.#socket.writableLength;
  }

  write(head: string, body?: Buffer): void {
    this.#writer.write(head, body);
    this.#written();
  }

  /** As write, and tells onSent about the entry once the socket has taken the frame. */
  writeTracked(head: string, body: Buffer, entry: Entry): void {
    this.#writer.write(head, body);
    this.#awaitingSend.push(entry);
    this.#written();
  }

  writeLineFeed(): void {
    this.#writer.writeLineFeed();
    this.#written();
  }

  flush(): void {
    this.#writer.flush();
  }

  #written(): void {
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      this.lastSentAt = this.#clock.monotonic();
      // Once all of this turn's commits and deliveries were written: one call to the system for many frames.
      setImmediate(() => {
        this.#flushScheduled = false;
        this.#writer.flush();
      });
    }
    if (!this.#congested && this.unsentBytes > this.#maxUnsentBytes) {
      this.#congested = true;
      this.#events.onCongested();
    }
  }

  #send(bytes: Buffer): void {
    if (!this.#socket.writable) return;
    const entries = this.#awaitingSend;
    if (entries.length > 0) this.#awaitingSend = [];
    this.#socket.write(bytes, (error) => {
      if (error) return;
      if (entries.length > 0) this.#events.onSent(entries);
      this.#drained();
    });
  }

  #drained(): void {
    // At half of the bound, so that it does not come and go with every frame.
    if (!this.#congested || this.unsentBytes > this.#maxUnsentBytes / 2) return;
    this.#congested = false;
    this.#events.onDrained();
  }
}
