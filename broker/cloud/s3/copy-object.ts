// CopyObject, and UploadPartCopy: the bytes are written once more, to a file of their own.

import { isoTime, leaf, xmlAnswer } from './wire/answers.ts';
import { decodePath } from './addressing.ts';
import { header } from './asked.ts';
import type { Asked, ObjectOperation } from './asked.ts';
import { mostBytes, receive } from './body.ts';
import type { Received } from './body.ts';
import { expectCopied, expectWritten } from './conditions.ts';
import { invalidArgument, refusal } from './errors.ts';
import { encryptionOf, keptHeaders, storedAs } from './kept-headers.ts';
import type { Checksums, KeptHeaders, ObjectRecord } from './model/codec.ts';
import type { ObjectStorage } from './model/storage.ts';
import { spanOf } from './ranges.ts';
import type { Span } from './ranges.ts';
import { algorithms, isAlgorithm, usualAlgorithm } from './wire/checksums.ts';
import type { Algorithm, ChecksumType } from './wire/checksums.ts';

export const copyObject: ObjectOperation = {
  name: 'CopyObject',
  async act(asked, storage) {
    const { buckets, objects, files, clock } = storage;
    const { bucket, key } = asked;
    buckets.at(bucket);
    const source = sourceOf(asked);
    const replaces = header(asked, 'x-amz-metadata-directive')?.toUpperCase() === 'REPLACE';
    // It is looked at in any case: it says what else is refused.
    const given = keptHeaders(asked);
    const isChanged =
      replaces || Object.keys(asked.headers).some((name) => /^x-amz-(storage-class|server-side-enc)/.test(name));
    if (source.bucket === bucket && source.key === key && !isChanged) {
      throw refusal(
        'InvalidRequest',
        {},
        'This copy request is illegal because it is trying to copy an object to itself without changing the ' +
          "object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    const expect = expectWritten({
      ...asked,
      headers: { 'if-match': header(asked, 'if-match'), 'if-none-match': header(asked, 'if-none-match') },
    });
    const algorithm = (record: ObjectRecord): Algorithm => algorithmOf(asked, record);
    const { record: from, given: _, ...received } = await copied(asked, storage, source, algorithm);
    const headers: KeptHeaders = replaces ? given : { ...withoutStorage(from.headers), ...storedAs(asked) };
    const record: ObjectRecord = { ...received, at: clock.now(), headers, checksumType: 'FULL_OBJECT' };
    try {
      await objects.put(bucket, key, record, expect);
    } catch (error) {
      files.drop([received.file]);
      throw error;
    }
    return copyAnswer('CopyObjectResult', record, encryptionOf(headers));
  },
};

interface Copied {
  readonly at: number;
  readonly etag: string;
  readonly checksums: Checksums;
  /** Undefined: it is a part. */
  readonly checksumType?: ChecksumType;
}

export function copyAnswer(
  root: string,
  { at, etag, checksums, checksumType }: Copied,
  headers: readonly string[],
): ReturnType<typeof xmlAnswer> {
  const sums = algorithms.map((algorithm) => leaf(`Checksum${algorithm.toUpperCase()}`, checksums[algorithm]));
  const told = [
    leaf('LastModified', isoTime(at)),
    leaf('ETag', `"${etag}"`),
    leaf('ChecksumType', checksumType),
    ...sums,
  ];
  return xmlAnswer(root, told, headers);
}

interface Source {
  readonly bucket: string;
  readonly key: string;
}

/** `/bucket/key`, encoded as a path is. @throws AwsError. */
export function sourceOf(asked: Asked): Source {
  const text = header(asked, 'x-amz-copy-source') ?? '';
  const [path = '', version] = text.split('?versionId=', 2);
  if (version !== undefined && version !== 'null') {
    throw refusal('NotImplemented', {}, 'Versions of objects are not implemented');
  }
  // As in a form, a plus is a space.
  const decoded = decodePath(path.replaceAll('+', ' ')).replace(/^\//, '');
  const slash = decoded.indexOf('/');
  const source = { bucket: decoded.slice(0, Math.max(0, slash)), key: decoded.slice(slash + 1) };
  if (slash < 1 || source.key === '') {
    throw invalidArgument('Invalid copy source object key', 'x-amz-copy-source', 'x-amz-copy-source');
  }
  asked.permit('GetObject', source.bucket, source.key);
  return source;
}

/** The file is the caller's. @throws AwsError for a source that is not there, or not as it is expected. */
export async function copied(
  asked: Asked,
  { objects, files, clock }: ObjectStorage,
  { bucket, key }: Source,
  algorithmFor: (record: ObjectRecord) => Algorithm,
  spanIn: (record: ObjectRecord) => Span | undefined = () => undefined,
): Promise<Received & { readonly record: ObjectRecord }> {
  const { record, reading } = await objects.read(bucket, key, expectCopied(asked, clock.now()));
  await using _ = reading;
  const { start, length } = spanIn(record) ?? { start: 0, length: record.size };
  if (length > mostBytes) {
    throw refusal(
      'InvalidRequest',
      {},
      `The specified copy source is larger than the maximum allowable size for a copy source: ${mostBytes}`,
    );
  }
  const incoming = reading.bytes(start, length);
  const like = { ...asked, headers: { 'content-length': String(length) }, incoming };
  return { record, ...(await receive(like, files, algorithmFor(record))) };
}

/** The range of UploadPartCopy: both of its ends, within the object. @throws AwsError. */
export function copiedSpan(asked: Asked): (record: ObjectRecord) => Span | undefined {
  const range = header(asked, 'x-amz-copy-source-range');
  return ({ size }) => {
    if (range === undefined) return undefined;
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    if (start !== undefined && Number(start) >= size) {
      throw refusal('InvalidRequest', {}, 'The specified copy range is invalid for the source object size');
    }
    const span = end === undefined ? undefined : spanOf(range, size);
    if (span === undefined) {
      throw invalidArgument(
        'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based ' +
          'offsets of the first and last bytes to copy',
        'x-amz-copy-source-range',
        range,
      );
    }
    if (Number(end) >= size) {
      throw invalidArgument(
        `Range specified is not valid for source object of size: ${size}`,
        'x-amz-copy-source-range',
        range,
      );
    }
    return span;
  };
}

/** The one that is asked for, or that the source has. */
function algorithmOf(asked: Asked, { checksums }: ObjectRecord): Algorithm {
  const wanted = header(asked, 'x-amz-checksum-algorithm')?.toLowerCase();
  if (wanted !== undefined && isAlgorithm(wanted)) return wanted;
  return algorithms.find((algorithm) => checksums[algorithm] !== undefined) ?? usualAlgorithm;
}

function withoutStorage(headers: KeptHeaders): KeptHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^x-amz-(storage-class|server-side-)/.test(name)),
  );
}
