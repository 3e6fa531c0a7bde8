// Conditions of requests (RFC 9110, section 13; Amazon S3 User Guide, "Add preconditions to S3 operations with conditional
// requests").

import { header } from './asked.ts';
import type { Asked } from './asked.ts';
import { refusal } from './errors.ts';
import type { ObjectRecord } from './model/codec.ts';
import type { Expectation } from './model/objects.ts';

const secondMs = 1000;

/** @returns whether the client has it already. @throws AwsError PreconditionFailed. */
export function isUnchanged(asked: Asked, record: ObjectRecord, now: number, prefix = ''): boolean {
  const ifMatch = header(asked, `${prefix}if-match`);
  const ifNoneMatch = header(asked, `${prefix}if-none-match`);
  const unmodified = timeOf(header(asked, `${prefix}if-unmodified-since`));
  const modified = timeOf(header(asked, `${prefix}if-modified-since`));
  const at = Math.floor(record.at / secondMs) * secondMs;
  if (ifMatch !== undefined && !lists(ifMatch, record.etag)) throw failed(`${prefix}If-Match`);
  if (ifMatch === undefined && unmodified !== undefined && at > unmodified) {
    throw failed(`${prefix}If-Unmodified-Since`);
  }
  if (ifNoneMatch !== undefined) return lists(ifNoneMatch, record.etag);
  // What is yet to come says nothing (RFC 9110, section 13.1.3).
  return modified !== undefined && modified <= now && at <= modified;
}

/** Of a request that reads what it copies: it is not told that it has it already. */
export function expectCopied(asked: Asked, now: number): Expectation {
  const prefix = 'x-amz-copy-source-';
  return (record) => {
    if (record === undefined || !isUnchanged(asked, record, now, prefix)) return;
    const isTagged = header(asked, `${prefix}if-none-match`) !== undefined;
    throw failed(`${prefix}${isTagged ? 'If-None-Match' : 'If-Modified-Since'}`);
  };
}

/** Of a request that writes: `If-None-Match: *`, and `If-Match` with an entity tag. */
export function expectWritten(asked: Asked): Expectation {
  const ifMatch = header(asked, 'if-match');
  const ifNoneMatch = header(asked, 'if-none-match');
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw notTaken('If-Match,If-None-Match', 'Multiple conditional request headers present in the request');
  }
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notTaken('If-None-Match');
  if (ifMatch?.trim() === '*') throw notTaken('If-Match');
  return (there) => {
    if (ifNoneMatch !== undefined && there !== undefined) throw failed('If-None-Match');
    if (ifMatch === undefined) return;
    if (there === undefined) throw refusal('NoSuchKey', { Key: asked.key });
    if (!lists(ifMatch, there.etag)) throw failed('If-Match');
  };
}

/** Of the end of an upload: what was written since it began was meant to last. */
export function expectCompleted(asked: Asked, begunAt: number): Expectation {
  const expect = expectWritten(asked);
  return (there) => {
    expect(there);
    if (header(asked, 'if-match') !== undefined && there !== undefined && there.at > begunAt) {
      throw refusal('ConditionalRequestConflict', { Condition: 'If-Match', Key: asked.key });
    }
  };
}

/** Of a request that deletes. */
export function expectDeleted(ifMatch: string | undefined): Expectation {
  return (there) => {
    if (ifMatch !== undefined && there !== undefined && !lists(ifMatch, there.etag)) throw failed('If-Match');
  };
}

function notTaken(
  name: string,
  additionalMessage = `We don't accept the provided value of ${name} header for this API`,
): Error {
  return refusal('NotImplemented', { Header: name, additionalMessage });
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
