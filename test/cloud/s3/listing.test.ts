// Listings, by the AWS SDK and by hand: order, prefixes, delimiters, pages.

import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandInput, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { refusalOf, s3Endpoint } from './endpoint.ts';
import type { S3Endpoint } from './endpoint.ts';

const Bucket = 'things';

async function withKeys(keys: readonly string[]): Promise<S3Endpoint & { readonly s3: S3Client }> {
  const endpoint = await s3Endpoint();
  const s3 = endpoint.client();
  await s3.send(new CreateBucketCommand({ Bucket }));
  await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
  return { ...endpoint, s3 };
}

async function list(s3: S3Client, more: Partial<ListObjectsV2CommandInput> = {}) {
  const {
    Contents = [],
    CommonPrefixes = [],
    ...others
  } = await s3.send(new ListObjectsV2Command({ Bucket, ...more }));
  return { keys: Contents.map(({ Key }) => Key), prefixes: CommonPrefixes.map(({ Prefix }) => Prefix), ...others };
}

/** Every page, of so many. */
async function pages(s3: S3Client, MaxKeys: number, more: Partial<ListObjectsV2CommandInput> = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, MaxKeys, ...more })) {
    const { Contents = [], CommonPrefixes = [] } = page;
    found.push(`${Contents.map(({ Key }) => Key).join(' ')}|${CommonPrefixes.map(({ Prefix }) => Prefix).join(' ')}`);
  }
  return found;
}

const folders = ['a', 'b/1', 'b/2', 'b/c/3', 'b/c/4', 'd', 'e/5', 'f'];

describe('a listing', () => {
  it('is in the order of bytes', async () => {
    await using endpoint = await withKeys(['b', 'a', 'é', '\u{10000}', '\uFFFD', 'B', 'a/', 'a!']);
    const listed = await list(endpoint.s3);
    expect(listed.keys).toEqual(['B', 'a', 'a!', 'a/', 'b', 'é', '\uFFFD', '\u{10000}']);
    expect(listed).toMatchObject({ KeyCount: 8, IsTruncated: false, Name: Bucket, MaxKeys: 1000 });
  });

  it('says of each object what it is', async () => {
    await using endpoint = await withKeys(['a']);
    const { Contents } = await endpoint.s3.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }));
    expect(Contents).toMatchObject([
      { Key: 'a', Size: 1, StorageClass: 'STANDARD', ETag: '"0cc175b9c0f1b6a831c399e269772661"' },
    ]);
    expect(Contents?.[0]?.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(Contents?.[0]?.Owner?.ID).toHaveLength(64);
  });

  it('has folders, where a delimiter makes them', async () => {
    await using endpoint = await withKeys(folders);
    const { s3 } = endpoint;
    expect(await list(s3, { Delimiter: '/' })).toMatchObject({
      keys: ['a', 'd', 'f'],
      prefixes: ['b/', 'e/'],
      KeyCount: 5,
    });
    expect(await list(s3, { Delimiter: '/', Prefix: 'b/' })).toMatchObject({
      keys: ['b/1', 'b/2'],
      prefixes: ['b/c/'],
    });
    expect(await list(s3, { Prefix: 'b/c' })).toMatchObject({ keys: ['b/c/3', 'b/c/4'], prefixes: [] });
    expect(await list(s3, { Delimiter: 'c/' })).toMatchObject({ prefixes: ['b/c/'] });
    expect(await list(s3, { Prefix: 'none' })).toMatchObject({ keys: [], KeyCount: 0 });
    expect(await list(s3, { StartAfter: 'b/2' })).toMatchObject({ keys: ['b/c/3', 'b/c/4', 'd', 'e/5', 'f'] });
    expect(await list(s3, { StartAfter: 'b/2', Prefix: 'e' })).toMatchObject({ keys: ['e/5'] });
  });

  it.each([1, 2, 3, 4, 5])('in pages of %i is the same in all', async (size) => {
    await using endpoint = await withKeys(folders);
    const plain = await pages(endpoint.s3, size);
    expect(plain.map((page) => page.slice(0, -1)).join(' ')).toBe(folders.join(' '));
    const folded = await pages(endpoint.s3, size, { Delimiter: '/' });
    const names = folded.flatMap((page) => page.split(/[ |]/)).filter((name) => name !== '');
    expect(names.toSorted()).toEqual(['a', 'b/', 'd', 'e/', 'f']);
    expect(folded).toHaveLength(Math.ceil(5 / size));
  });

  it('gives a thousand at most', async () => {
    const keys = Array.from({ length: 1201 }, (_, index) => `key ${String(index).padStart(5, '0')}`);
    await using endpoint = await withKeys(keys);
    const first = await list(endpoint.s3, { MaxKeys: 5000 });
    expect(first).toMatchObject({ KeyCount: 1000, IsTruncated: true, MaxKeys: 1000 });
    const second = await list(endpoint.s3, { ContinuationToken: first.NextContinuationToken });
    expect([...first.keys, ...second.keys]).toEqual(keys);
    expect(await list(endpoint.s3, { MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it('of the older kind goes on behind a marker', async () => {
    await using endpoint = await withKeys(folders);
    const page = (Marker: string | undefined) =>
      endpoint.s3.send(
        new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 2, ...(Marker === undefined ? {} : { Marker }) }),
      );
    const first = await page(undefined);
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'b/', Contents: [{ Key: 'a' }] });
    const second = await page(first.NextMarker);
    expect(second).toMatchObject({ IsTruncated: true, NextMarker: 'e/', Contents: [{ Key: 'd' }] });
    expect(second.CommonPrefixes).toEqual([{ Prefix: 'e/' }]);
    expect(await page(second.NextMarker)).toMatchObject({ IsTruncated: false, Contents: [{ Key: 'f' }] });
    // A marker that is listed together with others stands for all of them.
    expect(await page('b/1')).toMatchObject({ NextMarker: 'e/', Contents: [{ Key: 'd' }] });
  });

  it('goes on from a token alone, and says so', async () => {
    await using endpoint = await withKeys(folders);
    const { NextContinuationToken } = await list(endpoint.s3, { MaxKeys: 2 });
    const page = await list(endpoint.s3, { ContinuationToken: NextContinuationToken, StartAfter: 'e/5' });
    expect(page).toMatchObject({ keys: folders.slice(2), ContinuationToken: NextContinuationToken });
    expect(page).not.toHaveProperty('StartAfter');
  });

  it('encodes keys where it is asked to', async () => {
    await using endpoint = await withKeys(['a b&<c>\u0001/ä+']);
    const { text } = await endpoint.ask('GET', `/${Bucket}?list-type=2&encoding-type=url`);
    expect(text).toContain('<Key>a+b%26%3Cc%3E%01/%C3%A4%2B</Key>');
    expect((await endpoint.ask('GET', `/${Bucket}?list-type=2&encoding-type=xml`)).code).toBe('InvalidArgument');
  });

  it('refuses what is no page', async () => {
    await using endpoint = await withKeys([]);
    const { s3 } = endpoint;
    expect(await refusalOf(list(s3, { ContinuationToken: '!' }))).toEqual(['InvalidArgument', 400]);
    expect(await refusalOf(list(s3, { MaxKeys: -1 }))).toEqual(['InvalidArgument', 400]);
    const { text } = await endpoint.ask('GET', `/${Bucket}?list-type=2&max-keys=x`);
    expect(text).toContain('<Code>InvalidArgument</Code>');
    expect(text).not.toContain('<Resource>');
    expect(await refusalOf(list(s3, { Bucket: 'none' }))).toEqual(['NoSuchBucket', 404]);
  });
});
