// Frames made beforehand, of one length, in one run of memory: so many of them go out with one or two system calls.

import type { Socket } from 'node:net';

export class FrameRing {
  readonly #bytes: Buffer;
  readonly #frameLength: number;
  readonly #size: number;
  #next = 0;

  /** A frame is used again only when its acknowledgement has come: until then the socket may still hold it. */
  constructor(frames: readonly Buffer[]) {
    this.#frameLength = frames[0]!.length;
    if (frames.some(({ length }) => length !== this.#frameLength)) throw new Error('frames of one length are needed');
    this.#bytes = Buffer.concat(frames);
    this.#size = frames.length;
  }

  /** The frame that is sent `ahead` from now. */
  at(ahead: number): Buffer {
    const start = ((this.#next + ahead) % this.#size) * this.#frameLength;
    return this.#bytes.subarray(start, start + this.#frameLength);
  }

  write(socket: Socket, count: number): void {
    for (let left = count; left > 0;) {
      const together = Math.min(left, this.#size - this.#next);
      const start = this.#next * this.#frameLength;
      socket.write(this.#bytes.subarray(start, start + together * this.#frameLength));
      this.#next = (this.#next + together) % this.#size;
      left -= together;
    }
  }
}
