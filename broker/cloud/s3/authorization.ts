// Which bucket or object a request is about, and how it is refused (Service Authorization Reference, "Amazon S3"). Buckets have no
// policies here: what a user may do is said by the user's own.

import type { Authorization } from '../auth/authorization.ts';
import { textAt } from '../auth/authorization.ts';
import { refusal, signatureRefusal } from './errors.ts';
import type { Buckets } from './model/buckets.ts';

/** Operations that are allowed under another name. */
const actions: Readonly<Record<string, string>> = {
  AbortMultipartUpload: 'AbortMultipartUpload',
  CompleteMultipartUpload: 'PutObject',
  CopyObject: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  DeleteObjects: 'DeleteObject',
  HeadBucket: 'ListBucket',
  HeadObject: 'GetObject',
  ListBuckets: 'ListAllMyBuckets',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListParts: 'ListMultipartUploadParts',
  UploadPart: 'PutObject',
  UploadPartCopy: 'PutObject',
};

/** Condition keys that are parameters of listings. */
const conditions = { Prefix: 's3:prefix', Delimiter: 's3:delimiter', MaxKeys: 's3:max-keys' } as const;

export function s3Authorization(buckets: Buckets): Authorization {
  return {
    pathForm: 'as-sent',
    refusalStatus: 403,
    // Each of its objects is asked about by itself.
    unsigned: new Set(),
    admitsAnonymous: true,
    actionOf: (operation) => `s3:${actions[operation] ?? operation}`,
    resourceOf(_operation, input, { account }) {
      const bucket = textAt(input, 'Bucket') ?? '';
      const key = textAt(input, 'Key') ?? '';
      const owner = buckets.find(bucket)?.owner ?? account;
      const name = bucket === '' ? '*' : key === '' ? bucket : `${bucket}/${key}`;
      return { arn: `arn:aws:s3:::${name}`, account: owner, policy: undefined, isShared: true };
    },
    keysOf(input) {
      const keys = new Map<string, string>();
      for (const [member, key] of Object.entries(conditions)) {
        const value = textAt(input, member);
        if (value !== undefined) keys.set(key, value);
      }
      return keys;
    },
    refuse: (message) => refusal('AccessDenied', {}, message),
    refuseSignature: signatureRefusal,
  };
}
