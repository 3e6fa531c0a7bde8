// Uploads in parts: CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload, ListParts,
// ListMultipartUploads.

import { header } from './asked.ts';
import type { Asked, ObjectOperation } from './asked.ts';
import { checksumHeaders, hasBody, receive, receiveDocument } from './body.ts';
import type { Received } from './body.ts';
import { expectCompleted } from './conditions.ts';
import { ownerId } from './buckets.ts';
import { copied, copiedSpan, copyAnswer, sourceOf } from './copy-object.ts';
import { invalidArgument, refusal } from './errors.ts';
import { encryptionOf, keptHeaders, storageClassOf } from './kept-headers.ts';
import { commonPrefixes, countOf, encodingOf } from './list-objects.ts';
import { decode, uploadType } from './model/codec.ts';
import type { Checksums, UploadRecord } from './model/codec.ts';
import { commonPrefix, list } from './model/listing.ts';
import type { ObjectStorage } from './model/storage.ts';
import { mostParts, sizeOf, splitUploadKey } from './model/uploads.ts';
import type { Part, Upload } from './model/uploads.ts';
import { branch, emptyAnswer, isoTime, leaf, xmlAnswer } from './wire/answers.ts';
import { algorithms, checksumOfParts, isAlgorithm, typesOf, usualAlgorithm } from './wire/checksums.ts';
import type { Algorithm, ChecksumType } from './wire/checksums.ts';
import { textOf } from './wire/xml-document.ts';
import type { Element } from './wire/xml-document.ts';

/** Of all parts but the last. */
const leastPartBytes = 5 * 1024 * 1024;

export const createMultipartUpload: ObjectOperation = {
  name: 'CreateMultipartUpload',
  async act(asked, { buckets, uploads }) {
    const { bucket, key, account } = asked;
    buckets.at(bucket);
    const headers = keptHeaders(asked);
    const wanted = header(asked, 'x-amz-checksum-algorithm')?.toLowerCase();
    if (wanted !== undefined && !isAlgorithm(wanted)) {
      throw refusal('NotImplemented', { Header: 'x-amz-checksum-algorithm' });
    }
    const algorithm = wanted ?? usualAlgorithm;
    const checksumType = typeFor(algorithm, header(asked, 'x-amz-checksum-type')?.toUpperCase());
    const isAsked = wanted !== undefined;
    const { id } = await uploads.create(bucket, key, { owner: account, headers, algorithm, checksumType, isAsked });
    const told = isAsked
      ? ['x-amz-checksum-algorithm', algorithm.toUpperCase(), 'x-amz-checksum-type', checksumType]
      : [];
    return xmlAnswer(
      'InitiateMultipartUploadResult',
      [leaf('Bucket', bucket), leaf('Key', key), leaf('UploadId', id)],
      [...told, ...encryptionOf(headers)],
    );
  },
};

function typeFor(algorithm: Algorithm, wanted: string | undefined): ChecksumType {
  const [usual = 'COMPOSITE', ...others] = typesOf(algorithm);
  const found = wanted === undefined ? usual : [usual, ...others].find((type) => type === wanted);
  if (found !== undefined) return found;
  throw refusal(
    'InvalidRequest',
    {},
    `The ${wanted} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
  );
}

export const uploadPart: ObjectOperation = {
  name: 'UploadPart',
  async act(asked, storage) {
    const { upload, number } = await partAsked(asked, storage);
    const received = await receive(asked, storage.files, upload.algorithm, true);
    await keepPart(storage, upload, number, received);
    return emptyAnswer(200, [
      'ETag',
      `"${received.etag}"`,
      ...checksumHeaders(received.given ?? (upload.isAsked ? received.checksums : {})),
      ...encryptionOf(upload.headers),
    ]);
  },
};

export const uploadPartCopy: ObjectOperation = {
  name: 'UploadPartCopy',
  async act(asked, storage) {
    const source = sourceOf(asked);
    const { upload, number } = await partAsked(asked, storage);
    const span = copiedSpan(asked);
    const { record: _, ...received } = await copied(asked, storage, source, () => upload.algorithm, span);
    await keepPart(storage, upload, number, received);
    const { etag } = received;
    const checksums = upload.isAsked ? received.checksums : {};
    return copyAnswer('CopyPartResult', { at: storage.clock.now(), etag, checksums }, encryptionOf(upload.headers));
  },
};

async function partAsked(
  asked: Asked,
  { uploads }: ObjectStorage,
): Promise<{ readonly upload: Upload; readonly number: number }> {
  const text = asked.parameters.get('partNumber') ?? '';
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > mostParts) {
    throw invalidArgument(`Part number must be an integer between 1 and ${mostParts}, inclusive`, 'partNumber', text);
  }
  return { upload: await uploadAsked(asked, uploads), number };
}

function uploadAsked({ bucket, key, parameters }: Asked, uploads: ObjectStorage['uploads']): Promise<Upload> {
  return uploads.at(bucket, key, parameters.get('uploadId') ?? '');
}

async function keepPart(
  { uploads, files, clock }: ObjectStorage,
  upload: Upload,
  number: number,
  received: Received,
): Promise<void> {
  try {
    const given = Object.keys(received.given ?? {})[0];
    if (upload.isAsked && given !== undefined && given !== upload.algorithm) {
      throw refusal(
        'InvalidRequest',
        {},
        `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm}, ` +
          `actual checksum Type: ${given}`,
      );
    }
    const { file, size, etag, checksums } = received;
    await uploads.putPart(upload, number, { file, size, etag, checksums, at: clock.now() });
  } catch (error) {
    files.drop([received.file]);
    throw error;
  }
}

export const completeMultipartUpload: ObjectOperation = {
  name: 'CompleteMultipartUpload',
  async act(asked, { uploads }) {
    const { bucket, key, origin } = asked;
    const upload = await uploadAsked(asked, uploads);
    if (!hasBody(asked)) throw noParts();
    // The checksum in its headers is that of the object, not of the list of its parts.
    const document = await receiveDocument(withoutChecksums(asked), 'CompleteMultipartUpload');
    const record = await uploads.complete(
      upload,
      (there) => {
        const parts = chosenParts(document, there, upload);
        checkWhole(asked, parts);
        const checksums = checksumsOf(asked, upload, parts);
        return { parts, record: { headers: upload.headers, checksums, checksumType: upload.checksumType } };
      },
      expectCompleted(asked, upload.at),
    );
    const sums = algorithms.map((algorithm) => leaf(`Checksum${algorithm.toUpperCase()}`, record.checksums[algorithm]));
    return xmlAnswer(
      'CompleteMultipartUploadResult',
      [
        leaf('Location', `${origin}/${bucket}/${encodeURIComponent(key)}`),
        leaf('Bucket', bucket),
        leaf('Key', key),
        leaf('ETag', `"${record.etag}"`),
        ...sums,
        leaf('ChecksumType', upload.checksumType),
      ],
      encryptionOf(upload.headers),
    );
  },
};

function withoutChecksums(asked: Asked): Asked {
  const headers = Object.entries(asked.headers).filter(([name]) => !/^x-amz-(sdk-)?checksum-/.test(name));
  return { ...asked, headers: Object.fromEntries(headers) };
}

function chosenParts(document: Element, there: readonly Part[], upload: Upload): Part[] {
  const byNumber = new Map(there.map((part) => [part.number, part]));
  const wanted = document.children.filter(({ name }) => name === 'Part');
  if (wanted.length === 0) throw noParts();
  if (wanted.length > mostParts) throw refusal('MalformedXML');
  const parts: Part[] = [];
  for (const element of wanted) {
    const number = Number(textOf(element, 'PartNumber')?.trim());
    const etag = (textOf(element, 'ETag') ?? '').trim().replaceAll('"', '');
    if (!Number.isInteger(number)) throw refusal('MalformedXML');
    if (number <= (parts.at(-1)?.number ?? 0)) throw refusal('InvalidPartOrder', { UploadId: upload.id });
    const part = byNumber.get(number);
    if (part === undefined || part.etag !== etag || !isChecked(element, part)) {
      throw refusal('InvalidPart', { UploadId: upload.id, PartNumber: String(number), ETag: etag });
    }
    parts.push(part);
  }
  const small = parts.slice(0, -1).find(({ size }) => size < leastPartBytes);
  if (small !== undefined) {
    throw refusal('EntityTooSmall', {
      ProposedSize: String(small.size),
      MinSizeAllowed: String(leastPartBytes),
      PartNumber: String(small.number),
      ETag: small.etag,
    });
  }
  return parts;
}

function noParts(): Error {
  return refusal('InvalidRequest', {}, 'You must specify at least one part');
}

function isChecked(element: Element, { checksums }: Part): boolean {
  return algorithms.every((algorithm) => {
    const told = textOf(element, `Checksum${algorithm.toUpperCase()}`);
    return told === undefined || told.trim() === checksums[algorithm];
  });
}

function checkWhole(asked: Asked, parts: readonly Part[]): void {
  const told = header(asked, 'x-amz-mp-object-size');
  if (told === undefined || Number(told) === sizeOf(parts)) return;
  throw refusal(
    'InvalidRequest',
    {},
    `The provided 'x-amz-mp-object-size' header value ${told} does not match what was computed: ${sizeOf(parts)}`,
  );
}

/** Parts whose clients have given checksums of another kind leave the whole without one. */
function checksumsOf(asked: Asked, { algorithm, checksumType }: Upload, parts: readonly Part[]): Checksums {
  const sums = parts.flatMap(({ checksums, size }) => {
    const checksum = checksums[algorithm];
    return checksum === undefined ? [] : [{ checksum, size }];
  });
  if (sums.length !== parts.length) return {};
  const checksum = checksumOfParts(algorithm, checksumType, sums);
  const told = header(asked, `x-amz-checksum-${algorithm}`);
  if (told !== undefined && told !== checksum && !(checksumType === 'COMPOSITE' && told === checksum.split('-')[0])) {
    throw refusal(
      'BadDigest',
      {},
      `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
    );
  }
  return { [algorithm]: checksum };
}

export const abortMultipartUpload: ObjectOperation = {
  name: 'AbortMultipartUpload',
  async act(asked, { uploads }) {
    await uploads.abort(await uploadAsked(asked, uploads));
    return emptyAnswer(204);
  },
};

export const listParts: ObjectOperation = {
  name: 'ListParts',
  async act(asked, { uploads }) {
    const { bucket, key, parameters } = asked;
    const upload = await uploadAsked(asked, uploads);
    const most = countOf(asked, 'max-parts');
    const marker = Number(parameters.get('part-number-marker') ?? '0');
    if (!Number.isInteger(marker) || marker < 0 || marker > mostParts) {
      throw invalidArgument(
        'Argument part-number-marker must be an integer between 0 and 2147483647',
        'part-number-marker',
        parameters.get('part-number-marker') ?? '',
      );
    }
    const encode = encodingOf(asked);
    const parts = await uploads.parts(upload, marker, most + 1);
    const page = parts.slice(0, most);
    const owner = ownerId(upload.owner);
    return xmlAnswer('ListPartsResult', [
      leaf('Bucket', bucket),
      leaf('Key', encode(key)),
      leaf('UploadId', upload.id),
      branch('Initiator', leaf('ID', owner)),
      branch('Owner', leaf('ID', owner)),
      leaf('StorageClass', storageClassOf(upload)),
      leaf('PartNumberMarker', marker),
      leaf('NextPartNumberMarker', page.at(-1)?.number ?? 0),
      leaf('MaxParts', most),
      leaf('IsTruncated', parts.length > most),
      leaf('ChecksumAlgorithm', upload.isAsked ? upload.algorithm.toUpperCase() : undefined),
      leaf('ChecksumType', upload.isAsked ? upload.checksumType : undefined),
      ...page.map(({ number, at, etag, size, checksums }) =>
        branch(
          'Part',
          leaf('PartNumber', number),
          leaf('LastModified', isoTime(at)),
          leaf('ETag', `"${etag}"`),
          leaf('Size', size),
          upload.isAsked ? leaf(`Checksum${upload.algorithm.toUpperCase()}`, checksums[upload.algorithm]) : '',
        ),
      ),
    ]);
  },
};

export const listMultipartUploads: ObjectOperation = {
  name: 'ListMultipartUploads',
  async act(asked, { buckets, store }) {
    const { bucket, parameters } = asked;
    buckets.at(bucket);
    const prefix = parameters.get('prefix') ?? '';
    const delimiter = parameters.get('delimiter') ?? '';
    const keyMarker = parameters.get('key-marker') ?? '';
    const idMarker = keyMarker === '' ? '' : (parameters.get('upload-id-marker') ?? '');
    const most = countOf(asked, 'max-uploads');
    const encode = encodingOf(asked);
    // Behind all that is listed together with the key, behind all uploads of the key, or behind one of them.
    const alike = idMarker === '' ? commonPrefix(keyMarker, prefix, delimiter) : undefined;
    const after = keyMarker === '' ? '' : (alike ?? `${keyMarker}\0${idMarker === '' ? '\u{10FFFF}' : idMarker}`);
    const { items, prefixes, next } = await list<UploadRecord & { readonly id: string }>(
      store,
      uploadType(bucket),
      { prefix, delimiter, after, most },
      (name, value) => ({ ...decode<UploadRecord>(value), ...splitUploadKey(name) }),
    );
    const last = items.at(-1);
    return xmlAnswer('ListMultipartUploadsResult', [
      leaf('Bucket', bucket),
      leaf('KeyMarker', encode(keyMarker)),
      leaf('UploadIdMarker', idMarker),
      // Of a last page, too.
      leaf('NextKeyMarker', encode(next ?? last?.key ?? '')),
      leaf('NextUploadIdMarker', next === undefined || last?.key === next ? (last?.id ?? '') : ''),
      leaf('Prefix', prefix === '' ? undefined : encode(prefix)),
      leaf('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      leaf('MaxUploads', most),
      leaf('EncodingType', parameters.get('encoding-type')),
      leaf('IsTruncated', next !== undefined),
      ...items.map((upload) =>
        branch(
          'Upload',
          leaf('Key', encode(upload.key)),
          leaf('UploadId', upload.id),
          branch('Initiator', leaf('ID', ownerId(upload.owner))),
          branch('Owner', leaf('ID', ownerId(upload.owner))),
          leaf('StorageClass', storageClassOf(upload)),
          leaf('Initiated', isoTime(upload.at)),
          leaf('ChecksumAlgorithm', upload.isAsked ? upload.algorithm.toUpperCase() : undefined),
          leaf('ChecksumType', upload.isAsked ? upload.checksumType : undefined),
        ),
      ),
      ...commonPrefixes(prefixes, encode),
    ]);
  },
};
