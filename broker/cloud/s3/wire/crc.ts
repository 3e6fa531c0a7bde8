// Cyclic redundancy checks that Node does not have: CRC-32C (RFC 3720, B.4) and CRC-64/NVME (NVM Express, 5.2.1.3.4), eight
// bytes at a time; and what the check of two pieces put together is, from the checks of the two.

export const crc32Polynomial = { width: 32n, reflected: 0xedb88320n } as const;
export const crc32cPolynomial = { width: 32n, reflected: 0x82f63b78n } as const;
export const crc64NvmePolynomial = { width: 64n, reflected: 0x9a6c9329ac4bc9b5n } as const;

interface Polynomial {
  readonly width: 32n | 64n;
  /** Without its highest term, lowest bit first. */
  readonly reflected: bigint;
}

/** What a byte does to the check from each of eight places, in halves of 32 bits. */
interface Tables {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

function tablesOf({ reflected }: Polynomial): Tables {
  const high = new Int32Array(8 * 256);
  const low = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ reflected : value >> 1n;
    high[byte] = Number(value >> 32n) | 0;
    low[byte] = Number(value & 0xffffffffn) | 0;
  }
  for (let at = 256; at < high.length; at++) {
    const before = low[at - 256]!;
    const next = before & 0xff;
    low[at] = ((before >>> 8) | (high[at - 256]! << 24)) ^ low[next]!;
    high[at] = (high[at - 256]! >>> 8) ^ high[next]!;
  }
  return { high, low };
}

/** Of either width: a check of 32 bits lives in the low half, and its high half stays empty. */
export class Crc {
  readonly #bytes: 4 | 8;
  readonly #tables: Tables;
  #high: number;
  #low = -1;

  constructor(kind: 'crc32c' | 'crc64nvme') {
    this.#bytes = kind === 'crc32c' ? 4 : 8;
    this.#tables =
      kind === 'crc32c' ? (tables32c ??= tablesOf(crc32cPolynomial)) : (tables64 ??= tablesOf(crc64NvmePolynomial));
    this.#high = kind === 'crc32c' ? 0 : -1;
  }

  update(data: Uint8Array): void {
    const { high: tableHigh, low: tableLow } = this.#tables;
    let high = this.#high;
    let low = this.#low;
    const whole = data.length - (data.length % 8);
    let at = 0;
    for (; at < whole; at += 8) {
      const first = low ^ (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24));
      const second = high ^ (data[at + 4]! | (data[at + 5]! << 8) | (data[at + 6]! << 16) | (data[at + 7]! << 24));
      const a = 1792 + (first & 0xff);
      const b = 1536 + ((first >>> 8) & 0xff);
      const c = 1280 + ((first >>> 16) & 0xff);
      const d = 1024 + (first >>> 24);
      const e = 768 + (second & 0xff);
      const f = 512 + ((second >>> 8) & 0xff);
      const g = 256 + ((second >>> 16) & 0xff);
      const h = second >>> 24;
      high =
        tableHigh[a]! ^
        tableHigh[b]! ^
        tableHigh[c]! ^
        tableHigh[d]! ^
        tableHigh[e]! ^
        tableHigh[f]! ^
        tableHigh[g]! ^
        tableHigh[h]!;
      low =
        tableLow[a]! ^
        tableLow[b]! ^
        tableLow[c]! ^
        tableLow[d]! ^
        tableLow[e]! ^
        tableLow[f]! ^
        tableLow[g]! ^
        tableLow[h]!;
    }
    for (; at < data.length; at++) {
      const next = (low ^ data[at]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ tableLow[next]!;
      high = (high >>> 8) ^ tableHigh[next]!;
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): Buffer {
    const digest = Buffer.alloc(8);
    digest.writeInt32BE(~this.#high, 0);
    digest.writeInt32BE(~this.#low, 4);
    return digest.subarray(8 - this.#bytes);
  }
}

let tables32c: Tables | undefined;
let tables64: Tables | undefined;

/** Combines checks of pieces of the same lengths quickly: what a length does is worked out once. */
export class Combiner {
  readonly #polynomial: Polynomial;
  readonly #one: bigint;
  readonly #byLength = new Map<number, bigint>();

  constructor(polynomial: Polynomial) {
    this.#polynomial = polynomial;
    this.#one = 1n << (polynomial.width - 1n);
  }

  /** The check of a piece with check `first` and one of `length` bytes with check `second` behind it. */
  combine(first: bigint, second: bigint, length: number): bigint {
    return this.#multiply(this.#shift(length), first) ^ second;
  }

  /** x to the power of the number of bits, modulo the polynomial. */
  #shift(length: number): bigint {
    const known = this.#byLength.get(length);
    if (known !== undefined) return known;
    let shift = this.#one;
    let power = this.#one >> 1n;
    for (let bits = BigInt(length) * 8n; bits > 0n; bits >>= 1n) {
      if (bits & 1n) shift = this.#multiply(power, shift);
      power = this.#multiply(power, power);
    }
    this.#byLength.set(length, shift);
    return shift;
  }

  #multiply(a: bigint, b: bigint): bigint {
    const { reflected } = this.#polynomial;
    let product = 0n;
    let term = b;
    for (let bit = this.#one; bit > 0n; bit >>= 1n) {
      if (a & bit) product ^= term;
      term = term & 1n ? (term >> 1n) ^ reflected : term >> 1n;
    }
    return product;
  }
}
