// GetObjectAttributes: what is known of an object, without its bytes: those attributes that are asked for, always in one order.

import { header } from './asked.ts';
import type { Asked, ObjectOperation } from './asked.ts';
import { invalidArgument, refusal } from './errors.ts';
import { storageClassOf } from './kept-headers.ts';
import type { ObjectRecord, Segment } from './model/codec.ts';
import { branch, httpTime, leaf, xmlAnswer } from './wire/answers.ts';
import { algorithms } from './wire/checksums.ts';

const attributesHeader = 'x-amz-object-attributes';
const attributes: ReadonlySet<string> = new Set(['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']);
const mostListed = 1000;

export const getObjectAttributes: ObjectOperation = {
  name: 'GetObjectAttributes',
  async act(asked, { objects }) {
    const { bucket, key } = asked;
    asked.permit('GetObject', bucket, key);
    const wanted = wantedOf(asked);
    const most = numberOf(asked, 'x-amz-max-parts') ?? mostListed;
    const marker = numberOf(asked, 'x-amz-part-number-marker') ?? 0;
    const record = await objects.at(bucket, key);
    const show = (name: string, text: () => string): string => (wanted.has(name) ? text() : '');
    const segments = wanted.has('ObjectParts') ? await objects.segmentsOf(record) : undefined;
    return xmlAnswer(
      'GetObjectAttributesResponse',
      [
        show('ETag', () => leaf('ETag', record.etag)),
        show('Checksum', () => checksumOf(record)),
        show('ObjectParts', () => partsOf(record, segments ?? [], marker, Math.min(most, mostListed))),
        show('StorageClass', () => leaf('StorageClass', storageClassOf(record))),
        show('ObjectSize', () => leaf('ObjectSize', record.size)),
      ],
      ['Last-Modified', httpTime(record.at)],
    );
  },
};

function wantedOf(asked: Asked): ReadonlySet<string> {
  const text = header(asked, attributesHeader) ?? '';
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !attributes.has(name));
  if (unknown !== undefined) throw invalidArgument('Invalid attribute name specified.', attributesHeader, unknown);
  return new Set(wanted);
}

function numberOf(asked: Asked, name: string): number | undefined {
  const text = header(asked, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) {
    const message = `Provided ${name} not an integer or within integer range`;
    throw refusal('InvalidArgument', { ArgumentName: name, ArgumentValue: text }, message);
  }
  return Number(text);
}

/** That of a composite is shown without the number of its parts. */
function checksumOf({ checksums, checksumType }: ObjectRecord): string {
  const sums = algorithms.map((name) => leaf(`Checksum${name.toUpperCase()}`, checksums[name]?.split('-', 1)[0]));
  return sums.every((sum) => sum === '') ? '' : branch('Checksum', ...sums, leaf('ChecksumType', checksumType));
}

/** Of an object in one piece nothing; parts are listed where a client has made checksums of each. */
function partsOf(
  { parts, checksumType }: ObjectRecord,
  segments: readonly Segment[],
  marker: number,
  most: number,
): string {
  if (parts === undefined) return '';
  const count = leaf('PartsCount', parts);
  if (checksumType !== 'COMPOSITE') return branch('ObjectParts', count);
  const page = segments.map((segment, index) => ({ ...segment, number: index + 1 })).slice(marker, marker + most);
  return branch(
    'ObjectParts',
    count,
    leaf('PartNumberMarker', marker),
    leaf('NextPartNumberMarker', page.at(-1)?.number ?? 0),
    leaf('MaxParts', most),
    leaf('IsTruncated', marker + most < parts),
    ...page.map(({ number, size, checksums = {} }) =>
      branch(
        'Part',
        leaf('PartNumber', number),
        leaf('Size', size),
        ...algorithms.map((name) => leaf(`Checksum${name.toUpperCase()}`, checksums[name])),
      ),
    ),
  );
}
