// Bytes that were right once: a seeded generator takes valid requests and spoils them.

export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to `below` - 1 (mulberry32). */
  pick(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  from<T>(items: readonly T[]): T {
    return items[this.pick(items.length)]!;
  }

  /** One to four changes: a byte flipped, some inserted, removed, doubled, or replaced by something nasty. */
  mutate(original: Buffer): Buffer {
    let bytes = original;
    for (let left = 1 + this.pick(4); left > 0; left--) bytes = this.#change(bytes);
    return bytes;
  }

  #change(bytes: Buffer): Buffer {
    const at = this.pick(bytes.length + 1);
    const before = bytes.subarray(0, at);
    const after = bytes.subarray(at);
    switch (this.pick(6)) {
      case 0:
        return Buffer.concat([before, Buffer.of(this.pick(256)), after.subarray(1)]);
      case 1:
        return Buffer.concat([before, this.from(nasty), after]);
      case 2:
        return Buffer.concat([before, after.subarray(this.pick(40))]);
      case 3:
        return Buffer.concat([before, after.subarray(0, this.pick(200)), after]);
      case 4:
        return before;
      default:
        return Buffer.concat([before, this.from(nasty), after.subarray(this.pick(20))]);
    }
  }
}

const nasty: readonly Buffer[] = [
  '\0',
  '\r\n',
  '\r\n\r\n',
  ' ',
  '%',
  '%00',
  '%FF%FE',
  '&',
  '=',
  '&&&&====',
  '.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1',
  '-1',
  '99999999999999999999999',
  '1e999',
  'null',
  'true',
  '[',
  '{',
  '"',
  '\\u0000',
  '\\uD800',
  '[[[[[[[[[[[[[[[[',
  '{"a":{"a":{"a":{"a":',
  '__proto__',
  'constructor',
  'Content-Length: 5\r\n',
  'Content-Length: 99999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Expect: 100-continue\r\n',
  'X-Amz-Target: AmazonSQS.\r\n',
  'HTTP/2.0',
  'é😀\uFFFF',
  'A'.repeat(5000),
].map((text) => Buffer.from(text));
