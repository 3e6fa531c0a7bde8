// ListObjectsV2, and ListObjects as it was before.

import type { Asked, ObjectOperation } from './asked.ts';
import { ownerId } from './buckets.ts';
import { invalidArgument, refusal } from './errors.ts';
import { storageClassOf } from './kept-headers.ts';
import { decode, objectType } from './model/codec.ts';
import type { ObjectRecord } from './model/codec.ts';
import { commonPrefix, list } from './model/listing.ts';
import type { ObjectStorage } from './model/storage.ts';
import { branch, isoTime, leaf, xmlAnswer } from './wire/answers.ts';
import { algorithms } from './wire/checksums.ts';

const mostKeys = 1000;

export const listObjectsV2: ObjectOperation = {
  name: 'ListObjectsV2',
  async act(asked, storage) {
    const { parameters, bucket } = asked;
    const { owner, region } = storage.buckets.at(bucket);
    const token = parameters.get('continuation-token');
    const startAfter = parameters.get('start-after');
    const after = token === undefined ? (startAfter ?? '') : readToken(token);
    const { page, told, encode } = await pageOf(asked, storage, after);
    const { items, prefixes, next } = page;
    const withOwner = parameters.get('fetch-owner') === 'true' ? ownerId(owner) : undefined;
    const answer = [
      ...told,
      leaf('KeyCount', items.length + prefixes.length),
      leaf('IsTruncated', next !== undefined),
      leaf('ContinuationToken', token),
      leaf('NextContinuationToken', next && Buffer.from(next).toString('base64url')),
      // A token goes on from where it was given: what the first page began after is not told again.
      leaf('StartAfter', token === undefined ? startAfter && encode(startAfter) : undefined),
      ...items.map((item) => contents(item, encode, withOwner)),
      ...commonPrefixes(prefixes, encode),
    ];
    return xmlAnswer('ListBucketResult', answer, ['x-amz-bucket-region', region]);
  },
};

export const listObjects: ObjectOperation = {
  name: 'ListObjects',
  async act(asked, storage) {
    const { parameters, bucket } = asked;
    const { owner, region } = storage.buckets.at(bucket);
    const marker = parameters.get('marker') ?? '';
    const { page, told, encode } = await pageOf(asked, storage, marker, true);
    const { items, prefixes, next } = page;
    const answer = [
      ...told,
      leaf('Marker', encode(marker)),
      // Without a delimiter the last key is what the next page begins with.
      leaf('NextMarker', parameters.has('delimiter') ? next && encode(next) : undefined),
      leaf('IsTruncated', next !== undefined),
      ...items.map((item) => contents(item, encode, ownerId(owner))),
      ...commonPrefixes(prefixes, encode),
    ];
    return xmlAnswer('ListBucketResult', answer, ['x-amz-bucket-region', region]);
  },
};

type Listed = ObjectRecord & { readonly key: string };

/** `skipsAlike`: a name that stands for others with the same beginning ends all of them. */
async function pageOf(asked: Asked, { store }: ObjectStorage, after: string, skipsAlike = false) {
  const { bucket, parameters } = asked;
  const prefix = parameters.get('prefix') ?? '';
  const delimiter = parameters.get('delimiter') ?? '';
  const most = countOf(asked, 'max-keys');
  const encode = encodingOf(asked);
  const page = await list<ObjectRecord>(
    store,
    objectType(bucket),
    { prefix, delimiter, after: skipsAlike ? (commonPrefix(after, prefix, delimiter) ?? after) : after, most },
    (key, value): Listed => ({
      ...decode<ObjectRecord>(value),
      key,
    }),
  );
  const told = [
    leaf('Name', bucket),
    leaf('Prefix', encode(prefix)),
    leaf('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
    leaf('MaxKeys', most),
    leaf('EncodingType', parameters.get('encoding-type')),
  ];
  return { page, told, encode };
}

function contents(item: Listed, encode: (text: string) => string, owner: string | undefined): string {
  const used = algorithms.filter((algorithm) => item.checksums[algorithm] !== undefined);
  return branch(
    'Contents',
    leaf('Key', encode(item.key)),
    leaf('LastModified', isoTime(item.at)),
    leaf('ETag', `"${item.etag}"`),
    ...used.map((algorithm) => leaf('ChecksumAlgorithm', algorithm.toUpperCase())),
    leaf('ChecksumType', item.checksumType),
    leaf('Size', item.size),
    owner === undefined ? '' : branch('Owner', leaf('ID', owner)),
    leaf('StorageClass', storageClassOf(item)),
  );
}

export function commonPrefixes(prefixes: readonly string[], encode: (text: string) => string): string[] {
  return prefixes.map((prefix) => branch('CommonPrefixes', leaf('Prefix', encode(prefix))));
}

/** How many of a listing are asked for. @throws AwsError InvalidArgument. */
export function countOf({ parameters }: Asked, name: string): number {
  const text = parameters.get(name);
  if (text === undefined || text === '') return mostKeys;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw invalidArgument(
      /^-?\d+$/.test(text)
        ? `Argument ${name} must be an integer between 0 and 2147483647`
        : `Provided ${name} not an integer or within integer range`,
      name,
      text,
    );
  }
  return Math.min(Number(text), mostKeys);
}

/** Keys with what XML cannot hold are asked for as parts of URLs. @throws AwsError InvalidArgument. */
export function encodingOf({ parameters }: Asked): (text: string) => string {
  const type = parameters.get('encoding-type');
  if (type === undefined) return (text) => text;
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  return (text) =>
    encodeURIComponent(text)
      .replaceAll(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+')
      .replaceAll('%2F', '/');
}

function readToken(token: string): string {
  const after = Buffer.from(token, 'base64url');
  if (token === '' || after.toString('base64url') !== token) {
    throw refusal(
      'InvalidArgument',
      { ArgumentName: 'continuation-token' },
      'The continuation token provided is incorrect',
    );
  }
  return after.toString();
}
