// GetObject and HeadObject: all of an object, a range of it, or one of its parts. GetObjectTagging: that it has no tags.

import { branch, emptyAnswer, xmlAnswer } from './wire/answers.ts';
import { header } from './asked.ts';
import type { Asked, ObjectOperation } from './asked.ts';
import { checksumHeaders } from './body.ts';
import { isUnchanged } from './conditions.ts';
import { invalidArgument, refusal } from './errors.ts';
import { shownHeaders } from './kept-headers.ts';
import type { ObjectRecord, Segment } from './model/codec.ts';
import { mostParts } from './model/uploads.ts';
import { spanOf } from './ranges.ts';
import type { Span } from './ranges.ts';

/** Parameters that change what is said of the object. */
const overrides = {
  'response-content-type': 'content-type',
  'response-content-language': 'content-language',
  'response-expires': 'expires',
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
} as const;

export const getObject: ObjectOperation = {
  name: 'GetObject',
  async act(asked, { objects, clock }) {
    const { bucket, key } = asked;
    let unchanged = false;
    const found = await objects.read(bucket, key, (record) => {
      if (record !== undefined) unchanged = isUnchanged(asked, record, clock.now());
    });
    const { record, segments, reading } = found;
    try {
      if (unchanged) {
        await reading[Symbol.asyncDispose]();
        return emptyAnswer(304, shownHeaders(record));
      }
      const { status, headers, span } = shown(asked, record, segments);
      if (span.length > 0) return { status, headers, body: reading.bytes(span.start, span.length) };
      await reading[Symbol.asyncDispose]();
      return emptyAnswer(status, headers);
    } catch (error) {
      await reading[Symbol.asyncDispose]();
      throw error;
    }
  },
};

export const headObject: ObjectOperation = {
  name: 'HeadObject',
  async act(asked, { objects, clock }) {
    const record = await objects.at(asked.bucket, asked.key);
    if (isUnchanged(asked, record, clock.now())) return emptyAnswer(304, shownHeaders(record));
    const { status, headers } = shown(asked, record, (await objects.segmentsOf(record)) ?? []);
    return emptyAnswer(status, headers);
  },
};

/** Tags cannot be set; clients that copy ask for them. */
export const getObjectTagging: ObjectOperation = {
  name: 'GetObjectTagging',
  async act({ bucket, key }, { objects }) {
    await objects.at(bucket, key);
    return xmlAnswer('Tagging', [branch('TagSet')]);
  },
};

function shown(
  asked: Asked,
  record: ObjectRecord,
  segments: readonly Segment[],
): { readonly status: number; readonly headers: string[]; readonly span: Span } {
  const { size, checksums, checksumType, parts } = record;
  const changed = new Map<string, string>();
  for (const [parameter, name] of Object.entries(overrides)) {
    const value = asked.parameters.get(parameter);
    if (value !== undefined) changed.set(name, value);
  }
  const headers = shownHeaders(record, changed);
  const part = partNumber(asked);
  const range = header(asked, 'range');
  if (part !== undefined && range !== undefined) {
    throw refusal('InvalidRequest', {}, 'Cannot specify both Range header and partNumber query parameter');
  }
  const span = part === undefined ? spanOf(range, size) : spanOfPart(part, segments);
  // Of a part there is no checksum of the whole to compare it with, unless it is the whole.
  const isWhole = span === undefined || (span.length === size && (part === undefined || parts === undefined));
  if (isWhole && header(asked, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED') {
    headers.push(...checksumHeaders(checksums), 'x-amz-checksum-type', checksumType);
  }
  if (part !== undefined && parts !== undefined) headers.push('x-amz-mp-parts-count', String(parts));
  const { start, length } = span ?? { start: 0, length: size };
  headers.push('Content-Length', String(length));
  if (span !== undefined && length > 0) headers.push('Content-Range', `bytes ${start}-${start + length - 1}/${size}`);
  return { status: span === undefined ? 200 : 206, headers, span: { start, length } };
}

function partNumber({ parameters }: Asked): number | undefined {
  const text = parameters.get('partNumber');
  if (text === undefined) return undefined;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > mostParts) {
    throw invalidArgument(`Part number must be an integer between 1 and ${mostParts}, inclusive`, 'partNumber', text);
  }
  return number;
}

function spanOfPart(number: number, segments: readonly Segment[]): Span {
  const segment = segments[number - 1];
  if (segment === undefined) {
    throw refusal('InvalidPartNumber', {
      ActualPartCount: String(segments.length),
      PartNumberRequested: String(number),
    });
  }
  const start = segments.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return { start, length: segment.size };
}
