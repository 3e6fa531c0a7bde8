// What goes out on a socket. Frames of one turn of the event loop are written together; whether the peer takes them is
// known to whoever produces more.

import type { Duplex } from 'node:stream';
import { FrameWriter } from './codec/frame-writer.ts';

/** Gathered octets that are handed to the socket without waiting for the end of the turn. */
const flushAt = 64 * 1024;
/** Below this, copying is cheaper than starting a new buffer. */
const copyBelow = 8 * 1024;

export interface OutputEvents {
  /** The last moment to add to what is about to be sent. */
  beforeFlush(): void;
  /** The peer has taken enough, after `hasRoom` was false. */
  onRoom(): void;
  onFault(error: unknown): void;
}

export class Output {
  readonly frames = new FrameWriter(flushAt);
  readonly #socket: Duplex;
  readonly #maxUnsentBytes: number;
  readonly #events: OutputEvents;
  #scheduled = false;
  #wrote = false;
  #roomAwaited = false;

  constructor(socket: Duplex, maxUnsentBytes: number, events: OutputEvents) {
    this.#socket = socket;
    this.#maxUnsentBytes = maxUnsentBytes;
    this.#events = events;
  }

  /** Written and not taken by the peer. */
  get unsentBytes(): number {
    return this.#socket.writableLength + this.frames.length;
  }

  /** False: the peer is behind, and what can wait is to wait for `onRoom`. */
  hasRoom(): boolean {
    if (this.unsentBytes < this.#maxUnsentBytes) return true;
    this.#roomAwaited = true;
    return false;
  }

  /** Whether anything was written since the last call: then no empty frame is due. */
  takeWrote(): boolean {
    const wrote = this.#wrote;
    this.#wrote = false;
    return wrote;
  }

  /** Sends what was written to `frames` at the end of this turn of the event loop, or now when it is much. */
  schedule(): void {
    if (this.frames.length >= flushAt) this.#write();
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      try {
        this.flush();
      } catch (error) {
        this.#events.onFault(error);
      }
    });
  }

  flush(): void {
    this.#events.beforeFlush();
    this.#write();
  }

  #write(): void {
    const { length } = this.frames;
    if (length === 0 || !this.#socket.writable) return;
    this.#wrote = true;
    this.#socket.write(length < copyBelow ? this.frames.takeCopy() : this.frames.detach(flushAt), this.#onTaken);
  }

  readonly #onTaken = (): void => {
    if (!this.#roomAwaited || this.unsentBytes >= this.#maxUnsentBytes) return;
    this.#roomAwaited = false;
    this.#events.onRoom();
  };
}
