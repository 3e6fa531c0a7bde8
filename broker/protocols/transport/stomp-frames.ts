// Finds the ends of STOMP frames in what the dialect writes, so that each becomes a message of its own on a WebSocket: clients
// in browsers expect that, and one frame's bytes must not make another's binary. Reads only what our own encoder wrote.

const nul = 0;
const lineFeed = 0x0a;
const headEnd = Buffer.from('\n\n');
const contentLength = /\ncontent-length:(\d+)\n/;

export class StompFrames {
  /** Of a frame whose end has not come: bounded by the largest message. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  /** Bytes of the frame that is being kept, once its head says so. */
  #wanted: number | undefined;

  /** @returns the frames that are whole with this chunk, and heart-beats. */
  push(chunk: Buffer): Buffer[] {
    let rest = chunk;
    if (this.#keptBytes > 0) {
      this.#kept.push(chunk);
      this.#keptBytes += chunk.length;
      // Large bodies come in pieces: they are put together once, when all are there.
      if (this.#wanted !== undefined && this.#keptBytes < this.#wanted) return [];
      rest = Buffer.concat(this.#kept, this.#keptBytes);
      this.#kept = [];
      this.#keptBytes = 0;
    }
    const frames: Buffer[] = [];
    while (rest.length > 0) {
      const end = this.#endOf(rest);
      if (end === undefined) {
        this.#kept = [rest];
        this.#keptBytes = rest.length;
        break;
      }
      frames.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    return frames;
  }

  #endOf(bytes: Buffer): number | undefined {
    this.#wanted = undefined;
    if (bytes[0] === lineFeed) return 1;
    const end = this.#frameEndOf(bytes);
    // The end of line that our encoder puts behind a frame stays with it.
    return end !== undefined && bytes[end] === lineFeed ? end + 1 : end;
  }

  #frameEndOf(bytes: Buffer): number | undefined {
    const head = bytes.indexOf(headEnd);
    if (head < 0) return undefined;
    const bodyStart = head + headEnd.length;
    const [, length] = contentLength.exec(bytes.toString('latin1', 0, head + 1)) ?? [];
    if (length !== undefined) {
      const end = bodyStart + Number(length) + 1;
      if (end <= bytes.length) return end;
      this.#wanted = end;
      return undefined;
    }
    const end = bytes.indexOf(nul, bodyStart);
    return end < 0 ? undefined : end + 1;
  }
}
