// Bodies in pieces of their own within HTTP's (`aws-chunked`): each piece with its length, and, where they are signed, with its
// signature; then fields that were not known before (Amazon S3 API Reference, "Signature Calculations for the Authorization
// Header: Transferring Payload in Multiple Chunks", and "… Including Trailing Headers").

import { createHash, createHmac, hash } from 'node:crypto';
import type { Seal } from '../../auth/signatures.ts';
import { refusal } from '../errors.ts';

export interface ChunkedForm {
  /** Pieces have signatures. */
  readonly isSigned: boolean;
  readonly hasTrailer: boolean;
  /** What signatures are checked with; undefined: they are not. */
  readonly seal: Seal | undefined;
}

export const chunkedForms: Readonly<Record<string, Omit<ChunkedForm, 'seal'>>> = {
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { isSigned: false, hasTrailer: true },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { isSigned: true, hasTrailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { isSigned: true, hasTrailer: true },
};

const longestLine = 4096;
const mostTrailers = 32;
/** Of a signed piece that is not the last. */
const shortestPiece = 8192;
const emptyHash = hash('sha256', '', 'hex');

/**
 * The body's own bytes; returns the fields behind them, by their names in lower case.
 * @throws AwsError IncompleteBody, SignatureDoesNotMatch, InvalidChunkSizeError, MalformedTrailerError.
 */
export async function* readChunked(
  source: AsyncIterable<Buffer, unknown>,
  { isSigned, hasTrailer, seal }: ChunkedForm,
): AsyncGenerator<Buffer, ReadonlyMap<string, string>> {
  const input = new Input(source);
  try {
    const check = isSigned && seal !== undefined ? new PieceSignatures(seal) : undefined;
    for (let shortBefore = false; ;) {
      const { size, signature } = readHead(await input.line(), isSigned);
      if (isSigned && size > 0 && shortBefore) throw refusal('InvalidChunkSizeError');
      shortBefore = size < shortestPiece;
      for (let left = size; left > 0;) {
        const bytes = await input.some(left);
        left -= bytes.length;
        check?.add(bytes);
        yield bytes;
      }
      check?.verifyPiece(signature);
      if (size === 0) break;
      if ((await input.line()) !== '') throw refusal('IncompleteBody');
    }
    if (!hasTrailer) {
      await input.toEnd();
      return new Map();
    }
    const trailer = await readTrailer(input);
    const signature = trailer.get('x-amz-trailer-signature');
    trailer.delete('x-amz-trailer-signature');
    check?.verifyTrailer(trailer, signature);
    await input.toEnd();
    return trailer;
  } finally {
    await input.close();
  }
}

/** `400;chunk-signature=…` */
function readHead(line: string, isSigned: boolean): { readonly size: number; readonly signature: string } {
  const [, digits = '', signature = ''] = /^([\da-f]{1,16})(?:;chunk-signature=([\da-f]{64}))?$/i.exec(line) ?? [];
  const size = Number.parseInt(digits, 16);
  if (!Number.isSafeInteger(size) || (isSigned && signature === '')) throw refusal('IncompleteBody');
  return { size, signature };
}

async function readTrailer(input: Input): Promise<Map<string, string>> {
  const trailer = new Map<string, string>();
  while (!(await input.isAtEnd())) {
    const line = await input.line();
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon < 1 || trailer.size >= mostTrailers) throw refusal('MalformedTrailerError');
    trailer.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return trailer;
}

class PieceSignatures {
  readonly #seal: Seal;
  #previous: string;
  #hash = createHash('sha256');

  constructor(seal: Seal) {
    this.#seal = seal;
    this.#previous = seal.signature;
  }

  add(bytes: Buffer): void {
    this.#hash.update(bytes);
  }

  verifyPiece(signature: string): void {
    const digest = this.#hash.digest('hex');
    this.#hash = createHash('sha256');
    this.#verify('AWS4-HMAC-SHA256-PAYLOAD', `${emptyHash}\n${digest}`, signature);
  }

  verifyTrailer(trailer: ReadonlyMap<string, string>, signature: string | undefined): void {
    if (signature === undefined) throw refusal('MalformedTrailerError');
    const fields = [...trailer].map(([name, value]) => `${name}:${value}\n`).join('');
    this.#verify('AWS4-HMAC-SHA256-TRAILER', hash('sha256', fields, 'hex'), signature);
  }

  #verify(kind: string, digests: string, signature: string): void {
    const { timestamp, scope, key } = this.#seal;
    const text = `${kind}\n${timestamp}\n${scope}\n${this.#previous}\n${digests}`;
    const expected = createHmac('sha256', key).update(text).digest('hex');
    if (expected !== signature.toLowerCase()) throw refusal('SignatureDoesNotMatch');
    this.#previous = expected;
  }
}

/** Lines and bytes from what comes in pieces of any length. */
class Input {
  readonly #source: AsyncIterator<Buffer, unknown>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer, unknown>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** Without its end. */
  async line(): Promise<string> {
    let searched = 0;
    for (;;) {
      const end = this.#held.indexOf(0x0a, searched);
      if (end >= 0) {
        const line = this.#held.toString('latin1', 0, end);
        this.#held = this.#held.subarray(end + 1);
        return line.endsWith('\r') ? line.slice(0, -1) : line;
      }
      searched = this.#held.length;
      if (searched > longestLine || !(await this.#more())) throw refusal('IncompleteBody');
    }
  }

  /** At least one byte, at most so many. */
  async some(most: number): Promise<Buffer> {
    while (this.#held.length === 0) if (!(await this.#more())) throw refusal('IncompleteBody');
    const bytes = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(bytes.length);
    return bytes;
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#held.length === 0) if (!(await this.#more())) return true;
    return false;
  }

  /** Line ends may follow, and nothing else. */
  async toEnd(): Promise<void> {
    for (let bytes = 0; !(await this.isAtEnd());) {
      bytes += this.#held.length;
      if (bytes > longestLine || /[^\r\n]/.test(this.#held.toString('latin1'))) throw refusal('IncompleteBody');
      this.#held = this.#held.subarray(this.#held.length);
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    return true;
  }
}
