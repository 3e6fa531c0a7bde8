// Takes a body in, into a file or, if it is a small document, into memory, and sees whether it is what the request says: its length,
// its digests, its signatures (Amazon S3 User Guide, "Checking object integrity").

import { createHash } from 'node:crypto';
import { header } from './asked.ts';
import type { Asked } from './asked.ts';
import { invalidArgument, notImplemented, refusal } from './errors.ts';
import type { Checksums } from './model/codec.ts';
import type { Draft, Files } from './model/files.ts';
import { algorithms, isAlgorithm, isChecksum, startChecksum, usualAlgorithm } from './wire/checksums.ts';
import type { Algorithm } from './wire/checksums.ts';
import { chunkedForms, readChunked } from './wire/chunked-body.ts';
import { readXml } from './wire/xml-document.ts';
import type { Element } from './wire/xml-document.ts';

/** Of an object in one piece, and of a part. */
export const mostBytes = 5 * 1024 ** 3;
const mostDocumentBytes = 4 * 1024 * 1024;
/** Of all documents that are being read. */
const mostBufferedBytes = 64 * 1024 * 1024;
const prefix = 'x-amz-checksum-';
const noTrailer: ReadonlyMap<string, string> = new Map();

export interface Received {
  readonly file: string;
  readonly size: number;
  /** The MD5 of the body, in hexadecimal. */
  readonly etag: string;
  readonly checksums: Checksums;
  /** The one among them that the client has made, if it has. */
  readonly given?: Checksums | undefined;
}

interface Expected {
  /** Of the body itself, without what `aws-chunked` adds. */
  readonly size: number;
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
  readonly algorithm: Algorithm | undefined;
  /** Undefined: it comes behind the body. */
  readonly checksum: string | undefined;
}

/**
 * `besides`: the wanted checksum is made even if the client gives another one.
 * @throws AwsError for a body that is not what it is said to be: then no file is left of it. BrokerError as files do.
 */
export async function receive(
  asked: Asked,
  files: Files,
  wanted: Algorithm = usualAlgorithm,
  besides = false,
): Promise<Received> {
  const expected = expectationOf(asked);
  if (expected.size > mostBytes) {
    throw refusal('EntityTooLarge', { ProposedSize: String(expected.size), MaxSizeAllowed: String(mostBytes) });
  }
  const draft = await files.create();
  try {
    const { algorithm } = expected;
    const made = new Set(algorithm === undefined ? [wanted] : besides ? [algorithm, wanted] : [algorithm]);
    const digests = await digest(asked, expected, draft, made);
    await draft.finish();
    return { file: draft.file, ...digests };
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

let bufferedBytes = 0;

/** @throws AwsError MalformedXML, and as `receive`. */
export async function receiveDocument(asked: Asked, root: string): Promise<Element> {
  const expected = expectationOf(asked);
  if (expected.size > mostDocumentBytes) throw refusal('MalformedXML');
  if (bufferedBytes + expected.size > mostBufferedBytes) throw refusal('SlowDown');
  bufferedBytes += expected.size;
  try {
    const chunks: Buffer[] = [];
    const keep = { write: async (chunk: Buffer) => void chunks.push(chunk) };
    await digest(asked, expected, keep, new Set(expected.algorithm === undefined ? [] : [expected.algorithm]));
    const document = readXml(Buffer.concat(chunks).toString());
    if (document?.name !== root) throw refusal('MalformedXML');
    return document;
  } finally {
    bufferedBytes -= expected.size;
  }
}

/** Whether there is a body at all. */
export function hasBody({ headers }: Asked): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function expectationOf(asked: Asked): Expected {
  const said = header(asked, 'x-amz-content-sha256');
  const isChunked = said !== undefined && chunkedForms[said] !== undefined;
  if (said?.startsWith('STREAMING-') === true && !isChunked) throw notImplemented('x-amz-content-sha256');
  const isDigest = said !== undefined && /^[\da-f]{64}$/i.test(said);
  if (said !== undefined && said !== 'UNSIGNED-PAYLOAD' && !isChunked && !isDigest) {
    throw invalidArgument(
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, ' +
        'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
      'x-amz-content-sha256',
      said,
    );
  }
  const md5 = header(asked, 'content-md5');
  if (md5 !== undefined && !isChecksum('md5', md5)) throw refusal('InvalidDigest', { 'Content-MD5': md5 });
  return {
    size: sizeOf(asked, isChunked),
    md5,
    sha256: isDigest ? said.toLowerCase() : undefined,
    ...checksumOf(asked),
  };
}

function sizeOf(asked: Asked, isChunked: boolean): number {
  const text = header(asked, isChunked ? 'x-amz-decoded-content-length' : 'content-length');
  if (text === undefined) {
    // Without a length S3 takes bodies only within `aws-chunked`.
    if (!isChunked && header(asked, 'transfer-encoding') !== undefined) throw notImplemented('Transfer-Encoding');
    throw refusal('MissingContentLength');
  }
  if (!/^\d{1,15}$/.test(text)) throw refusal('MissingContentLength');
  return Number(text);
}

function checksumOf(asked: Asked): Pick<Expected, 'algorithm' | 'checksum'> {
  const given = Object.keys(asked.headers).filter(
    (name) => name.startsWith(prefix) && name !== `${prefix}algorithm` && name !== `${prefix}type`,
  );
  const trailers = (header(asked, 'x-amz-trailer') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name.startsWith(prefix));
  const [name, ...others] = [...given, ...trailers];
  if (others.length > 0) {
    throw refusal(
      'InvalidRequest',
      {},
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const sdk = header(asked, 'x-amz-sdk-checksum-algorithm')?.toLowerCase();
  if (name === undefined) {
    const isEnough = sdk === undefined || header(asked, 'content-md5') !== undefined;
    if (isEnough) return { algorithm: undefined, checksum: undefined };
    throw refusal(
      'InvalidRequest',
      {},
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  const algorithm = name.slice(prefix.length);
  if (!isAlgorithm(algorithm)) throw notImplemented(name);
  if (sdk !== undefined && sdk !== algorithm) {
    throw refusal('InvalidRequest', {}, 'Value for x-amz-sdk-checksum-algorithm header is invalid.');
  }
  const checksum = trailers.length > 0 ? undefined : header(asked, name);
  if (checksum !== undefined && !isChecksum(algorithm, checksum)) throw invalidChecksum(name);
  return { algorithm, checksum };
}

async function digest(
  asked: Asked,
  expected: Expected,
  into: Pick<Draft, 'write'>,
  made: ReadonlySet<Algorithm>,
): Promise<Omit<Received, 'file'>> {
  const md5 = createHash('md5');
  const sha256 = expected.sha256 === undefined ? undefined : createHash('sha256');
  const running = Array.from(made, (algorithm) => [algorithm, startChecksum(algorithm)] as const);
  const form = chunkedForms[header(asked, 'x-amz-content-sha256') ?? ''];
  const source =
    form === undefined ? plain(asked.incoming) : readChunked(asked.incoming, { ...form, seal: asked.seal });
  let size = 0;
  let trailer: ReadonlyMap<string, string> = noTrailer;
  try {
    for (;;) {
      const { value, done } = await source.next();
      if (done === true) {
        trailer = value;
        break;
      }
      size += value.length;
      if (size > expected.size) throw refusal('IncompleteBody');
      md5.update(value);
      sha256?.update(value);
      for (const [, sum] of running) sum.update(value);
      await into.write(value);
    }
  } finally {
    // What is left of the body is not this function's any more.
    await source.return(noTrailer);
  }
  if (size !== expected.size) throw refusal('IncompleteBody');
  const etag = md5.digest('hex');
  if (expected.md5 !== undefined && Buffer.from(expected.md5, 'base64').toString('hex') !== etag) {
    throw refusal('BadDigest', {
      ExpectedDigest: Buffer.from(expected.md5, 'base64').toString('hex'),
      CalculatedDigest: Buffer.from(etag, 'hex').toString('base64'),
    });
  }
  const found = sha256?.digest('hex');
  if (found !== expected.sha256) {
    throw refusal('XAmzContentSHA256Mismatch', {
      ClientComputedContentSHA256: expected.sha256 ?? '',
      S3ComputedContentSHA256: found ?? '',
    });
  }
  const checksums: Checksums = Object.fromEntries(
    running.map(([algorithm, sum]) => [algorithm, sum.digest().toString('base64')]),
  );
  return { size, etag, checksums, given: checked(expected, checksums, trailer) };
}

/** What the client has made, after it was compared with what was made here. */
function checked(
  { algorithm: given, checksum }: Expected,
  made: Checksums,
  trailer: ReadonlyMap<string, string>,
): Checksums | undefined {
  if (given === undefined) return undefined;
  const name = `${prefix}${given}`;
  const told = checksum ?? trailer.get(name);
  if (told === undefined) throw refusal('MalformedTrailerError');
  if (!isChecksum(given, told)) throw invalidChecksum(name);
  if (told !== made[given]) {
    throw refusal('BadDigest', {}, `The ${given.toUpperCase()} you specified did not match the calculated checksum.`);
  }
  return { [given]: told };
}

async function* plain(incoming: AsyncIterable<Buffer>): AsyncGenerator<Buffer, ReadonlyMap<string, string>> {
  yield* incoming;
  return noTrailer;
}

function invalidChecksum(name: string): Error {
  return refusal('InvalidRequest', {}, `Value for ${name} header is invalid.`);
}

/** As answers have them. */
export function checksumHeaders(checksums: Checksums): string[] {
  return algorithms.flatMap((algorithm) => {
    const value = checksums[algorithm];
    return value === undefined ? [] : [`${prefix}${algorithm}`, value];
  });
}
