// Uploads in parts, by the AWS SDK and its lib-storage.

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart, CreateMultipartUploadCommandInput, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.ts';
import { refusalOf, s3Endpoint } from './endpoint.ts';
import type { S3Endpoint } from './endpoint.ts';

const Bucket = 'things';
const Key = 'large';
const partBytes = 5 * 1024 * 1024;
const bodies = [Buffer.alloc(partBytes, 'first '), Buffer.alloc(partBytes, 'second '), Buffer.from('third')];
const whole = Buffer.concat(bodies);

async function withBucket(): Promise<S3Endpoint & { readonly s3: S3Client }> {
  const endpoint = await s3Endpoint();
  const s3 = endpoint.client();
  await s3.send(new CreateBucketCommand({ Bucket }));
  return { ...endpoint, s3 };
}

async function begin(s3: S3Client, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return UploadId;
}

async function upload(s3: S3Client, UploadId: string, PartNumber: number, Body: Buffer): Promise<CompletedPart> {
  const made = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  const { ETag = '', ChecksumCRC32: sum } = made;
  return { PartNumber, ETag, ...(sum === undefined ? {} : { ChecksumCRC32: sum }) };
}

function complete(UploadId: string, Parts: CompletedPart[], more: object = {}): CompleteMultipartUploadCommand {
  return new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more });
}

function etagOf(parts: readonly Buffer[]): string {
  const digests = Buffer.concat(parts.map((part) => Buffer.from(hash('md5', part, 'hex'), 'hex')));
  return `"${hash('md5', digests, 'hex')}-${parts.length}"`;
}

describe('an upload in parts', () => {
  it('becomes one object, of the parts that are named', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const id = await begin(s3, { ContentType: 'text/plain', Metadata: { a: '1' }, ChecksumAlgorithm: 'CRC32' });
    const parts = [];
    // In any order; one is sent twice, one is not used.
    await upload(s3, id, 3, Buffer.from('not this'));
    for (const [index, body] of [...bodies.entries()].reverse()) parts.unshift(await upload(s3, id, index + 1, body));
    await upload(s3, id, 77, Buffer.from('unused'));
    expect(await refusalOf(s3.send(new GetObjectCommand({ Bucket, Key })))).toEqual(['NoSuchKey', 404]);
    const made = await s3.send(complete(id, parts));
    expect(made).toMatchObject({ Bucket, Key, ETag: etagOf(bodies), ChecksumType: 'COMPOSITE' });
    expect(made.ChecksumCRC32).toMatch(/==-3$/);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(got).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' }, ContentLength: whole.length });
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(whole)).toBe(true);
    await waitUntil(async () => (await endpoint.files()).length === 3);
    expect(await refusalOf(s3.send(complete(id, parts)))).toEqual(['NoSuchUpload', 404]);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'small' }));
    await waitUntil(async () => (await endpoint.files()).length === 1);
  });

  it('is read in ranges across parts, and by part', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const id = await begin(s3);
    const parts = [];
    for (const [index, body] of bodies.entries()) parts.push(await upload(s3, id, index + 1, body));
    await s3.send(complete(id, parts));
    const from = partBytes - 10;
    const Range = `bytes=${from}-${partBytes * 2 + 2}`;
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
    const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(whole.subarray(from, partBytes * 2 + 3))).toBe(true);
    const third = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 3 }));
    expect(third).toMatchObject({
      PartsCount: 3,
      ContentRange: `bytes ${partBytes * 2}-${whole.length - 1}/${whole.length}`,
    });
    expect(await third.Body?.transformToString()).toBe('third');
    const none = new GetObjectCommand({ Bucket, Key, PartNumber: 4 });
    expect(await refusalOf(s3.send(none))).toEqual(['InvalidPartNumber', 416]);
  });

  it('has a checksum of the whole where it is asked for, without reading it again', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const id = await begin(s3, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const parts = [];
    for (const [index, body] of bodies.entries()) parts.push(await upload(s3, id, index + 1, body));
    const ChecksumCRC32 = Buffer.from(crc32(whole).toString(16).padStart(8, '0'), 'hex').toString('base64');
    expect(await refusalOf(s3.send(complete(id, parts, { ChecksumCRC32: 'AAAAAA==' })))).toEqual(['BadDigest', 400]);
    const size = complete(id, parts, { MpuObjectSize: 1 });
    expect(await refusalOf(s3.send(size))).toEqual(['InvalidRequest', 400]);
    const made = await s3.send(complete(id, parts, { ChecksumCRC32, ChecksumType: 'FULL_OBJECT' }));
    expect(made).toMatchObject({ ChecksumCRC32, ChecksumType: 'FULL_OBJECT' });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ChecksumCRC32, ChecksumType: 'FULL_OBJECT' });
  });

  it('is refused with parts that are missing, altered, too small, or in another order', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const id = await begin(s3);
    const small = await upload(s3, id, 1, Buffer.from('small'));
    const last = await upload(s3, id, 2, Buffer.from('last'));
    const refused = async (...parts: CompletedPart[]) => (await refusalOf(s3.send(complete(id, parts))))[0];
    expect(await refused(small, last)).toBe('EntityTooSmall');
    expect(await refused(last, small)).toBe('InvalidPartOrder');
    expect(await refused({ PartNumber: 3, ETag: '"0"' })).toBe('InvalidPart');
    expect(await refused({ PartNumber: 1, ETag: '"0"' })).toBe('InvalidPart');
    expect(await refused({ ...small, ChecksumCRC32: 'AAAAAA==' })).toBe('InvalidPart');
    expect(await refused()).toBe('InvalidRequest');
    const bare = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId: id });
    expect(await refusalOf(s3.send(bare))).toEqual(['InvalidRequest', 400]);
    const outside = new UploadPartCommand({ Bucket, Key, UploadId: id, PartNumber: 10_001, Body: '' });
    expect(await refusalOf(s3.send(outside))).toEqual(['InvalidArgument', 400]);
    expect((await s3.send(complete(id, [small]))).ETag).toMatch(/-1"$/);
  });

  it('that asks for no checksum has CRC64NVME, whatever its parts are sent with, which they keep to themselves', async () => {
    await using endpoint = await withBucket();
    const s3 = endpoint.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const id = await begin(s3);
    const part = { Bucket, Key, UploadId: id, PartNumber: 1, Body: '123456789' };
    const sent = await s3.send(new UploadPartCommand({ ...part, ChecksumAlgorithm: 'CRC32' }));
    expect(sent.ChecksumCRC32).toBe('y/Q5Jg==');
    expect(sent.ChecksumCRC64NVME).toBeUndefined();
    const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id }));
    expect(Object.keys(Parts?.[0] ?? {})).not.toContain('ChecksumCRC32');
    const made = await s3.send(complete(id, [{ PartNumber: 1, ETag: sent.ETag }]));
    expect(made).toMatchObject({ ChecksumCRC64NVME: 'rosUhgp5mIg=', ChecksumType: 'FULL_OBJECT' });
  });

  it('is not completed over what was written since it began, if it expects what is there', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const id = await begin(s3);
    const part = await upload(s3, id, 1, Buffer.from('part'));
    await waitUntil(async () => Date.now() > Number.parseInt(id.slice(0, 9), 36));
    const { ETag: IfMatch } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'meanwhile' }));
    expect(await refusalOf(s3.send(complete(id, [part], { IfMatch })))).toEqual(['ConditionalRequestConflict', 409]);
    await s3.send(complete(id, [part]));
  });

  it('is listed, and given up', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const id = await begin(s3, { ChecksumAlgorithm: 'SHA256' });
    const other = await begin(s3, { Key: 'folder/other' });
    for (const PartNumber of [1, 2, 5]) {
      await s3.send(
        new UploadPartCommand({
          Bucket,
          Key,
          UploadId: id,
          PartNumber,
          Body: `${PartNumber}`,
          ChecksumAlgorithm: 'SHA256',
        }),
      );
    }
    const first = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id, MaxParts: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2', ChecksumAlgorithm: 'SHA256' });
    expect(first.Parts).toMatchObject([{ PartNumber: 1, Size: 1 }, { PartNumber: 2 }]);
    const marker = { PartNumberMarker: first.NextPartNumberMarker };
    const rest = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id, ...marker }));
    expect(rest.Parts).toMatchObject([{ PartNumber: 5 }]);
    const uploads = async (more: object = {}) =>
      (await s3.send(new ListMultipartUploadsCommand({ Bucket, ...more }))).Uploads?.map(({ UploadId }) => UploadId);
    expect(await uploads()).toEqual([other, id]);
    expect(await uploads({ MaxUploads: 1 })).toEqual([other]);
    expect(await uploads({ KeyMarker: 'folder/other' })).toEqual([id]);
    expect(await uploads({ KeyMarker: 'folder/other', UploadIdMarker: '0' })).toEqual([other, id]);
    expect(await uploads({ Prefix: 'large' })).toEqual([id]);
    expect(await uploads({ Delimiter: '/' })).toEqual([id]);
    expect(await uploads({ Delimiter: '/', KeyMarker: 'folder/a' })).toEqual([id]);
    const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id });
    await s3.send(abort);
    expect(await refusalOf(s3.send(abort))).toEqual(['NoSuchUpload', 404]);
    await waitUntil(async () => (await endpoint.files()).length === 0);
  });

  it('takes parts from other objects', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: whole }));
    const UploadId = await begin(s3);
    const copy = async (PartNumber: number, CopySourceRange: string): Promise<CompletedPart> => {
      const command = new UploadPartCopyCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber,
        CopySource: `${Bucket}/source`,
        CopySourceRange,
      });
      const { CopyPartResult } = await s3.send(command);
      return { PartNumber, ETag: CopyPartResult?.ETag ?? '' };
    };
    const parts = [await copy(1, `bytes=0-${partBytes - 1}`), await copy(2, `bytes=${partBytes}-${partBytes + 5}`)];
    await s3.send(complete(UploadId, parts));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(whole.subarray(0, partBytes + 6))).toBe(true);
  });

  it.each(['CRC32', 'CRC64NVME', 'SHA256'] as const)(
    'is made by lib-storage of a stream, checked by %s',
    async (algorithm) => {
      await using endpoint = await withBucket();
      const { s3 } = endpoint;
      const Body = Readable.from(bodies);
      const params = { Bucket, Key, Body, ChecksumAlgorithm: algorithm };
      await new Upload({ client: s3, params, partSize: partBytes, queueSize: 3 }).done();
      const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
      expect(got.ETag).toMatch(/-3"$/);
      expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(whole)).toBe(true);
    },
  );
});
