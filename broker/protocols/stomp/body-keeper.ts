// Bodies for keeps. The parser gives a body as a view of the chunk that it came in; a message that stays in a queue
// would keep all of that chunk in memory, uncounted. So a body that is a small part of its chunk is copied.

/** What one small body that stays keeps in memory at most; smaller would cost more time. */
const slabBytes = 8 * 1024;
/** A body of this share of its chunk, or more, is left where it is. */
const share = 1 / 4;

export class BodyKeeper {
  #slab: Buffer = Buffer.alloc(0);
  #end = 0;

  keep(body: Buffer): Buffer {
    if (body.length >= body.buffer.byteLength * share) return body;
    const kept = this.#reserve(body.length);
    body.copy(kept);
    return kept;
  }

  #reserve(bytes: number): Buffer {
    if (bytes > slabBytes * share) return Buffer.allocUnsafeSlow(bytes);
    if (this.#slab.length - this.#end < bytes) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes);
      this.#end = 0;
    }
    const start = this.#end;
    this.#end += bytes;
    return this.#slab.subarray(start, this.#end);
  }
}
