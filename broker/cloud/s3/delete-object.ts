// DeleteObject and DeleteObjects. What is not there is as good as deleted.

import { AwsError } from '../errors.ts';
import { header } from './asked.ts';
import type { Asked, ObjectOperation } from './asked.ts';
import { receiveDocument } from './body.ts';
import { expectDeleted } from './conditions.ts';
import { refusal } from './errors.ts';
import type { Objects } from './model/objects.ts';
import { branch, emptyAnswer, leaf, xmlAnswer } from './wire/answers.ts';
import { textOf } from './wire/xml-document.ts';
import type { Element } from './wire/xml-document.ts';

const mostKeys = 1000;
/** Under way at the same time: they share commits. */
const atOnce = 100;

export const deleteObject: ObjectOperation = {
  name: 'DeleteObject',
  async act(asked, { buckets, objects }) {
    const { bucket, key } = asked;
    buckets.at(bucket);
    await objects.delete(bucket, key, expectDeleted(header(asked, 'if-match')));
    return emptyAnswer(204);
  },
};

export const deleteObjects: ObjectOperation = {
  name: 'DeleteObjects',
  async act(asked, { buckets, objects }) {
    buckets.at(asked.bucket);
    refuseUnchecked(asked);
    const document = await receiveDocument(asked, 'Delete');
    const wanted = document.children.filter(({ name }) => name === 'Object');
    if (wanted.length === 0 || wanted.length > mostKeys) throw refusal('MalformedXML');
    const isQuiet = textOf(document, 'Quiet')?.trim() === 'true';
    const results: string[] = [];
    for (let at = 0; at < wanted.length; at += atOnce) {
      const some = wanted.slice(at, at + atOnce);
      results.push(...(await Promise.all(some.map((element) => deleteOne(asked, objects, element, isQuiet)))));
    }
    return xmlAnswer('DeleteResult', results);
  },
};

async function deleteOne(asked: Asked, objects: Objects, element: Element, isQuiet: boolean): Promise<string> {
  const key = textOf(element, 'Key') ?? '';
  try {
    if (key === '') throw refusal('MalformedXML');
    asked.permit('DeleteObject', asked.bucket, key);
    const version = textOf(element, 'VersionId') ?? 'null';
    if (version !== 'null') throw refusal('NotImplemented', {}, 'Versions of objects are not implemented');
    await objects.delete(asked.bucket, key, expectDeleted(textOf(element, 'ETag')));
    return isQuiet ? '' : branch('Deleted', leaf('Key', key));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return branch('Error', leaf('Key', key), leaf('Code', error.kind.code), leaf('Message', error.message));
  }
}

/** S3 takes no list of what is to be deleted without a checksum. */
function refuseUnchecked({ headers }: Asked): void {
  const isChecked = Object.keys(headers).some(
    (name) => name === 'content-md5' || name === 'x-amz-trailer' || /^x-amz-checksum-(?!algorithm|type)/.test(name),
  );
  if (!isChecked) throw refusal('InvalidRequest', {}, 'Missing required header for this request: Content-MD5');
}
