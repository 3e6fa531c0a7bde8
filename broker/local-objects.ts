// The engine's own object store, as routes use it.

import type { ObjectStore } from './bridge/claim-check.ts';
import { RemoteTrouble } from './bridge/remote.ts';
import { getWhole, putWhole } from './cloud/s3/model/whole-objects.ts';
import { AwsError } from './cloud/errors.ts';
import type { ObjectStorage } from './cloud/s3/model/storage.ts';
import { BrokerError } from './core/errors.ts';

export function localObjects(storage: ObjectStorage): ObjectStore {
  return {
    put: (bucket, key, body) => troubled(bucket, putWhole(storage, bucket, key, body)),
    get: async (bucket, key, mostBytes) => {
      const found = await troubled(bucket, getWhole(storage, bucket, key, mostBytes));
      if (typeof found !== 'number') return found;
      return `it has ${found} bytes, and the largest message has ${mostBytes}`;
    },
    delete: (bucket, key) => troubled(bucket, storage.objects.delete(bucket, key)),
  };
}

async function troubled<T>(bucket: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BrokerError) throw new RemoteTrouble('away', error.message, { cause: error });
    if (!(error instanceof AwsError)) throw error;
    const isMissing = error.kind.code === 'NoSuchBucket' || error.kind.code === 'InvalidBucketName';
    const sentence = isMissing ? `the bucket "${bucket}" does not exist` : error.message;
    throw new RemoteTrouble(isMissing ? 'not-found' : 'away', sentence, { cause: error });
  }
}
