// GetObjectAttributes, by the AWS SDK and by hand.

import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ChecksumType, ObjectAttributes, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { refusalOf, s3Endpoint } from './endpoint.ts';
import type { S3Endpoint } from './endpoint.ts';

const Bucket = 'things';
const Key = 'k';
const everything: ObjectAttributes[] = ['StorageClass', 'ObjectSize', 'ObjectParts', 'Checksum', 'ETag'];

async function withBucket(): Promise<S3Endpoint & { readonly s3: S3Client }> {
  const endpoint = await s3Endpoint();
  const s3 = endpoint.client();
  await s3.send(new CreateBucketCommand({ Bucket }));
  return { ...endpoint, s3 };
}

function attributes(s3: S3Client, more: { MaxParts?: number; PartNumberMarker?: string } = {}) {
  return s3.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: everything, ...more }));
}

/** An object of two parts. */
async function inParts(s3: S3Client, type: ChecksumType): Promise<void> {
  const made = new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC32', ChecksumType: type });
  const { UploadId } = await s3.send(made);
  const Parts = [];
  for (const [index, Body] of [Buffer.alloc(5 * 1024 * 1024), '123456789'].entries()) {
    const PartNumber = index + 1;
    const part = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' });
    const { ETag, ChecksumCRC32 } = await s3.send(part);
    Parts.push({ PartNumber, ETag, ChecksumCRC32 });
  }
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
}

describe('attributes of an object', () => {
  it('are those that are asked for, in the order of AWS', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: '123456789', ChecksumAlgorithm: 'CRC32' }));
    const found = await attributes(s3);
    expect(found).toMatchObject({
      ETag: '25f9e794323b453885f5181f1b624d0b',
      Checksum: { ChecksumCRC32: 'y/Q5Jg==', ChecksumType: 'FULL_OBJECT' },
      StorageClass: 'STANDARD',
      ObjectSize: 9,
    });
    expect(found.ObjectParts).toBeUndefined();
    expect(found.LastModified).toBeInstanceOf(Date);
    const headers = { 'x-amz-object-attributes': 'ObjectSize, ETag' };
    const { text } = await endpoint.ask('GET', `/${Bucket}/${Key}?attributes`, { headers });
    expect(text).toContain(
      '<GetObjectAttributesResponse xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        '<ETag>25f9e794323b453885f5181f1b624d0b</ETag><ObjectSize>9</ObjectSize></GetObjectAttributesResponse>',
    );
  });

  it('list the parts that have checksums of their own, page by page', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    await inParts(s3, 'COMPOSITE');
    const { Checksum, ObjectParts } = await attributes(s3);
    expect(Checksum?.ChecksumType).toBe('COMPOSITE');
    expect(Checksum?.ChecksumCRC32).toMatch(/^[^-]*$/);
    expect(ObjectParts).toMatchObject({
      TotalPartsCount: 2,
      IsTruncated: false,
      MaxParts: 1000,
      Parts: [{ PartNumber: 1 }, { PartNumber: 2, Size: 9, ChecksumCRC32: 'y/Q5Jg==' }],
    });
    const first = (await attributes(s3, { MaxParts: 1 })).ObjectParts;
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '1', Parts: [{ PartNumber: 1 }] });
    const last = (await attributes(s3, { MaxParts: 1, PartNumberMarker: '1' })).ObjectParts;
    expect(last).toMatchObject({ IsTruncated: false, NextPartNumberMarker: '2', Parts: [{ PartNumber: 2 }] });
    const none = (await attributes(s3, { PartNumberMarker: '9' })).ObjectParts;
    expect(none).toMatchObject({ IsTruncated: false, NextPartNumberMarker: '0', TotalPartsCount: 2 });
  });

  it('only count the parts of an object with a checksum of the whole', async () => {
    await using endpoint = await withBucket();
    await inParts(endpoint.s3, 'FULL_OBJECT');
    const { Checksum, ObjectParts } = await attributes(endpoint.s3);
    expect(Checksum?.ChecksumType).toBe('FULL_OBJECT');
    expect(ObjectParts).toEqual({ TotalPartsCount: 2 });
  });

  it('are of an object that is there, and have names', async () => {
    await using endpoint = await withBucket();
    const { s3 } = endpoint;
    expect(await refusalOf(attributes(s3))).toEqual(['NoSuchKey', 404]);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'b' }));
    const unknown = new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ['Colour' as 'ETag'] });
    expect(await refusalOf(s3.send(unknown))).toEqual(['InvalidArgument', 400]);
    const path = `/${Bucket}/${Key}?attributes`;
    expect((await endpoint.ask('GET', path)).code).toBe('InvalidArgument');
    const headers = { 'x-amz-object-attributes': 'ObjectParts', 'x-amz-max-parts': 'many' };
    expect((await endpoint.ask('GET', path, { headers })).code).toBe('InvalidArgument');
  });
});
