// Objects in one piece, by the AWS SDK: put, read whole and in part, copied, deleted.

import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { ChecksumAlgorithm, GetObjectCommandInput, PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.ts';
import { refusalOf, s3Endpoint } from './endpoint.ts';
import type { S3Endpoint } from './endpoint.ts';

async function withBucket(): Promise<S3Endpoint & { readonly s3: S3Client }> {
  const endpoint = await s3Endpoint();
  const s3 = endpoint.client();
  await s3.send(new CreateBucketCommand({ Bucket: 'things' }));
  return { ...endpoint, s3 };
}

const put = (
  Key: string,
  Body: NonNullable<PutObjectCommandInput['Body']>,
  more: Partial<PutObjectCommandInput> = {},
) => new PutObjectCommand({ Bucket: 'things', Key, Body, ...more });
const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  new GetObjectCommand({ Bucket: 'things', Key, ...more });

async function read(s3: S3Client, Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<string> {
  const { Body } = await s3.send(get(Key, more));
  return Body?.transformToString() ?? '';
}

describe('an object', () => {
  it('is given back as it was put, with its metadata', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const told = {
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      Metadata: { color: 'blue', 'two-words': 'a b' },
    };
    const made = await s3.send(put('a/b.txt', 'hällo', told));
    expect(made).toMatchObject({ ETag: '"38bbce5fb3d0aec801f9eab39182fa7a"', ServerSideEncryption: 'AES256' });
    expect(made.ChecksumCRC32).toMatch(/^.{6}==$/);
    const got = await s3.send(get('a/b.txt'));
    expect(got).toMatchObject({ ...told, ContentLength: 6, ETag: made.ETag, AcceptRanges: 'bytes' });
    expect(got.ChecksumCRC32).toBe(made.ChecksumCRC32);
    expect(await got.Body?.transformToString()).toBe('hällo');
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'things', Key: 'a/b.txt' }));
    expect(head).toMatchObject({ ...told, ContentLength: 6, ETag: made.ETag });
    expect(endpoint.accesses.map(({ outcome }) => [outcome?.service, outcome?.operation])).toEqual([
      ['s3', 'CreateBucket'],
      ['s3', 'PutObject'],
      ['s3', 'GetObject'],
      ['s3', 'HeadObject'],
    ]);
  });

  it('may be empty', async () => {
    await using endpoint = await withBucket();
    const made = await endpoint.s3.send(put('empty', Buffer.alloc(0)));
    expect(made.ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
    expect(await read(endpoint.s3, 'empty')).toBe('');
  });

  it.each([
    '../../etc/passwd',
    '/absolute//with///slashes/',
    'a b+c%20d&e=f?g#h',
    '.',
    '..',
    'ünï/çødé/日本/😀',
    'quotes\'"<>`',
    'nul\u0000and\u0001others\n',
    'x'.repeat(1024),
    'CON',
  ])('may have any key: %j', async (key) => {
    await using endpoint = await withBucket();
    await endpoint.s3.send(put(key, key));
    expect(await read(endpoint.s3, key)).toBe(key);
    expect((await endpoint.files()).every((name) => /^[\da-f]{12}$/.test(name))).toBe(true);
    await endpoint.s3.send(new DeleteObjectCommand({ Bucket: 'things', Key: key }));
    expect(await refusalOf(endpoint.s3.send(get(key)))).toEqual(['NoSuchKey', 404]);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] satisfies ChecksumAlgorithm[])(
    'is checked by %s, in a header and behind a stream',
    async (algorithm) => {
      await using endpoint = await withBucket();
      const { s3 } = endpoint;
      const member = `Checksum${algorithm}` as const;
      const body = 'the quick brown fox '.repeat(10_000);
      const made = await s3.send(put('whole', body, { ChecksumAlgorithm: algorithm }));
      const streamed = await s3.send(
        put('streamed', Readable.from([body.slice(0, 70_001), body.slice(70_001)]), {
          ChecksumAlgorithm: algorithm,
          ContentLength: body.length,
        }),
      );
      expect(made[member]).toBeDefined();
      expect(streamed[member]).toBe(made[member]);
      // The SDK compares what it reads with what it is told.
      expect(await read(s3, 'streamed', { ChecksumMode: 'ENABLED' })).toBe(body);
      const wrong = { [member]: Buffer.alloc(Buffer.from(made[member] ?? '', 'base64').length).toString('base64') };
      expect(await refusalOf(s3.send(put('wrong', body, wrong)))).toEqual(['BadDigest', 400]);
      expect(await refusalOf(s3.send(get('wrong')))).toEqual(['NoSuchKey', 404]);
    },
  );

  it('is replaced whole, and its old file goes', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    await Promise.all(Array.from({ length: 20 }, (_, index) => s3.send(put('one', `body ${index}`.repeat(1000)))));
    expect(await read(s3, 'one')).toMatch(/^(body \d+)\1{999}$/);
    await waitUntil(async () => (await endpoint.files()).length === 1);
    await s3.send(new DeleteObjectCommand({ Bucket: 'things', Key: 'one' }));
    await waitUntil(async () => (await endpoint.files()).length === 0);
  });

  it('is read to its end though it is replaced meanwhile', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const long = Buffer.alloc(8 * 1024 * 1024, 'long ');
    await s3.send(put('one', long));
    const { Body } = await s3.send(get('one'));
    await s3.send(put('one', 'short'));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(long)).toBe(true);
    expect(await read(s3, 'one')).toBe('short');
    await waitUntil(async () => (await endpoint.files()).length === 1);
  });

  it('is read in ranges', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    await s3.send(put('digits', '0123456789'));
    const part = await s3.send(get('digits', { Range: 'bytes=2-4' }));
    expect(part).toMatchObject({ ContentRange: 'bytes 2-4/10', ContentLength: 3, $metadata: { httpStatusCode: 206 } });
    expect(await part.Body?.transformToString()).toBe('234');
    expect(await read(s3, 'digits', { Range: 'bytes=7-' })).toBe('789');
    expect(await read(s3, 'digits', { Range: 'bytes=-4' })).toBe('6789');
    expect(await read(s3, 'digits', { Range: 'bytes=8-100' })).toBe('89');
    // What is the whole has its checksum.
    const summed = async (Range: string) =>
      (await s3.send(get('digits', { Range, ChecksumMode: 'ENABLED' }))).ChecksumType;
    expect(await summed('bytes=-15')).toBe('FULL_OBJECT');
    expect(await summed('bytes=1-')).toBeUndefined();
    expect(await read(s3, 'digits', { Range: 'bytes=5-2' })).toBe('0123456789');
    expect(await read(s3, 'digits', { Range: 'bytes=0-1,3-4' })).toBe('0123456789');
    expect(await refusalOf(s3.send(get('digits', { Range: 'bytes=10-' })))).toEqual(['InvalidRange', 416]);
    expect(await refusalOf(s3.send(get('digits', { Range: 'bytes=-0' })))).toEqual(['InvalidRange', 416]);
  });

  it('is read and written under conditions', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    const { ETag: etag = '' } = await s3.send(put('one', '1', { IfNoneMatch: '*' }));
    expect(await refusalOf(s3.send(put('one', '2', { IfNoneMatch: '*' })))).toEqual(['PreconditionFailed', 412]);
    expect(await refusalOf(s3.send(put('one', '2', { IfMatch: '"0"' })))).toEqual(['PreconditionFailed', 412]);
    expect(await refusalOf(s3.send(put('none', '2', { IfMatch: '"0"' })))).toEqual(['NoSuchKey', 404]);
    expect(await read(s3, 'one', { IfMatch: etag })).toBe('1');
    expect(await refusalOf(s3.send(get('one', { IfMatch: '"0"' })))).toEqual(['PreconditionFailed', 412]);
    expect((await refusalOf(s3.send(get('one', { IfNoneMatch: etag }))))[1]).toBe(304);
    const [past, future] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
    expect(await read(s3, 'one', { IfModifiedSince: past })).toBe('1');
    // A time that is yet to come says nothing.
    expect(await read(s3, 'one', { IfModifiedSince: future })).toBe('1');
    const { LastModified } = await s3.send(get('one'));
    expect((await refusalOf(s3.send(get('one', { IfModifiedSince: LastModified }))))[1]).toBe(304);
    await expect(s3.send(put('one', '2', { IfMatch: etag, IfNoneMatch: '*' }))).rejects.toMatchObject({
      name: 'NotImplemented',
      Header: 'If-Match,If-None-Match',
    });
    await expect(s3.send(put('one', '2', { IfMatch: '*' }))).rejects.toMatchObject({
      name: 'NotImplemented',
      Header: 'If-Match',
      additionalMessage: "We don't accept the provided value of If-Match header for this API",
    });
    expect(await read(s3, 'one', { IfUnmodifiedSince: future })).toBe('1');
    expect(await refusalOf(s3.send(get('one', { IfUnmodifiedSince: past })))).toEqual(['PreconditionFailed', 412]);
    await s3.send(put('one', '2', { IfMatch: etag }));
    const conditional = new DeleteObjectCommand({ Bucket: 'things', Key: 'one', IfMatch: etag });
    expect(await refusalOf(s3.send(conditional))).toEqual(['PreconditionFailed', 412]);
    expect(await read(s3, 'one')).toBe('2');
    // None of the refused bodies has stayed.
    await waitUntil(async () => (await endpoint.files()).length === 1);
  });

  it('is copied, with its metadata or with others', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    await s3.send(put('von/ä b', 'body', { ContentType: 'text/plain', Metadata: { a: '1' } }));
    const CopySource = `things/${encodeURIComponent('von/ä b')}`;
    const copy = (more: object) =>
      s3.send(new CopyObjectCommand({ Bucket: 'things', Key: 'copy', CopySource, ...more }));
    const made = await copy({});
    expect(made.CopyObjectResult).toMatchObject({
      ETag: '"841a2d689ad86bd1611447453c22c6fc"',
      ChecksumType: 'FULL_OBJECT',
    });
    await copy({ CopySource: 'things%2Fvon/%C3%A4+b' });
    expect(await s3.send(get('copy'))).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
    await copy({ MetadataDirective: 'REPLACE', ContentType: 'text/html', Metadata: { b: '2' } });
    expect(await s3.send(get('copy'))).toMatchObject({ ContentType: 'text/html', Metadata: { b: '2' } });
    await expect(copy({ CopySourceIfMatch: '"0"' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      Condition: 'x-amz-copy-source-If-Match',
    });
    expect(await refusalOf(copy({ CopySource: 'wrong' }))).toEqual(['InvalidArgument', 400]);
    expect(await refusalOf(copy({ CopySource: 'things/none' }))).toEqual(['NoSuchKey', 404]);
    expect(await refusalOf(copy({ CopySource: 'things/copy' }))).toEqual(['InvalidRequest', 400]);
  });

  it('is deleted with others, and so is what is not there', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    for (const key of ['a', 'b', 'c<&>']) await s3.send(put(key, key));
    const Objects = [{ Key: 'a' }, { Key: 'c<&>' }, { Key: 'none' }, { Key: 'b', ETag: '"0"' }];
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket: 'things', Delete: { Objects } }));
    expect(Deleted).toEqual([{ Key: 'a' }, { Key: 'c<&>' }, { Key: 'none' }]);
    expect(Errors).toMatchObject([{ Key: 'b', Code: 'PreconditionFailed' }]);
    expect(await read(s3, 'b')).toBe('b');
    const quiet = { Objects: [{ Key: 'b' }], Quiet: true };
    expect((await s3.send(new DeleteObjectsCommand({ Bucket: 'things', Delete: quiet }))).Deleted).toBeUndefined();
  });
});
