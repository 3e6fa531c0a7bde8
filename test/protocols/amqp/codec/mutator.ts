// Mutations of octets from a seed, the same in every run: bits flipped, octets set to values that mean something on the
// wire, runs removed, repeated or moved, counts and sizes made huge.

const telling = [0x00, 0x01, 0x40, 0x45, 0x53, 0x7f, 0x80, 0xa0, 0xb0, 0xc0, 0xd0, 0xd1, 0xe0, 0xf0, 0xff];

export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to `limit` - 1 (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  mutate(original: Buffer): Buffer {
    let bytes = Buffer.from(original);
    for (let rounds = 1 + this.below(3); rounds > 0 && bytes.length > 4; rounds--) bytes = this.#once(bytes);
    return bytes;
  }

  #once(bytes: Buffer): Buffer<ArrayBuffer> {
    const mutated = Buffer.from(bytes);
    const at = this.below(bytes.length - 3);
    const length = 1 + this.below(Math.min(16, bytes.length - at));
    switch (this.below(6)) {
      case 0:
        mutated[at] = (mutated[at] as number) ^ (1 << this.below(8));
        return mutated;
      case 1:
        mutated[at] = telling[this.below(telling.length)] as number;
        return mutated;
      case 2:
        mutated.writeUInt32BE([0, 0x7fffffff, 0xffffffff, 0x00ffffff][this.below(4)] as number, at);
        return mutated;
      case 3:
        return Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + length)]);
      case 4:
        return Buffer.concat([mutated.subarray(0, at + length), mutated.subarray(at)]);
      default:
        mutated.copyWithin(at, this.below(bytes.length), bytes.length);
        return mutated;
    }
  }
}
