// Conditions of requests (RFC 9110, section 13; Amazon S3 User Guide, "Add preconditions to S3 operations with conditional
// requests").

import { header } from './asked.ts';
import type { Asked } from './asked.ts';
import { notImplemented, refusal } from './errors.ts';
import type { ObjectRecord } from './model/codec.ts';
import type { Expectation } from './model/objects.ts';

const secondMs = 1000;

/** @returns whether the client has it already. @throws AwsError PreconditionFailed. */
export function isUnchanged(asked: Asked, record: ObjectRecord, prefix = ''): boolean {
  const ifMatch = header(asked, `${prefix}if-match`);
  const ifNoneMatch = header(asked, `${prefix}if-none-match`);
  const unmodified = timeOf(header(asked, `${prefix}if-unmodified-since`));
  const modified = timeOf(header(asked, `${prefix}if-modified-since`));
  const at = Math.floor(record.at / secondMs) * secondMs;
  if (ifMatch !== undefined && !lists(ifMatch, record.etag)) throw failed('If-Match');
  if (ifMatch === undefined && unmodified !== undefined && at > unmodified) throw failed('If-Unmodified-Since');
  if (ifNoneMatch !== undefined) return lists(ifNoneMatch, record.etag);
  return modified !== undefined && at <= modified;
}

/** Of a request that reads what it copies: it is not told that it has it already. */
export function expectCopied(asked: Asked): Expectation {
  return (record) => {
    if (record !== undefined && isUnchanged(asked, record, 'x-amz-copy-source-')) throw refusal('PreconditionFailed');
  };
}

/** Of a request that writes: `If-None-Match: *`, and `If-Match` with an entity tag. */
export function expectWritten(asked: Asked): Expectation {
  const ifMatch = header(asked, 'if-match');
  const ifNoneMatch = header(asked, 'if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notImplemented('If-None-Match');
  return (there) => {
    if (ifNoneMatch !== undefined && there !== undefined) throw failed('If-None-Match');
    if (ifMatch === undefined) return;
    if (there === undefined) throw refusal('NoSuchKey', { Key: asked.key });
    if (!lists(ifMatch, there.etag)) throw failed('If-Match');
  };
}

/** Of a request that deletes. */
export function expectDeleted(ifMatch: string | undefined): Expectation {
  return (there) => {
    if (ifMatch !== undefined && there !== undefined && !lists(ifMatch, there.etag)) throw failed('If-Match');
  };
}

function failed(condition: string): Error {
  return refusal('PreconditionFailed', { Condition: condition });
}

function lists(tags: string, etag: string): boolean {
  return tags.split(',').some((tag) => {
    const bare = tag.trim().replace(/^W\//, '').replaceAll('"', '');
    return bare === '*' || bare === etag;
  });
}

/** What is no time says nothing. */
function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
