// Buckets of S3 far away, as the object store of routes there.

import type { Readable } from 'node:stream';
import type { ObjectStore } from '../../claim-check.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { AwsRemote } from './remote.ts';
import { CallRefused } from './trouble.ts';

/** A body takes longer than a message. */
const bodyMs = 120_000;

export function awsObjects(remote: AwsRemote): ObjectStore {
  const call = async <T>(bucket: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await remote.call(`s3://${bucket}@${remote.name}`, new AbortController().signal, run, bodyMs);
    } catch (error) {
      // Of a body and a bucket alone, nothing is the message's fault.
      throw error instanceof CallRefused ? new RemoteTrouble('not-allowed', error.message, { cause: error }) : error;
    }
  };
  return {
    put: async (bucket, key, body) => {
      const { PutObjectCommand } = await import('@aws-sdk/client-s3');
      const client = await remote.s3();
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body });
      await call(bucket, (abortSignal) => client.send(command, { abortSignal }));
    },
    get: async (bucket, key, mostBytes) => {
      const { GetObjectCommand } = await import('@aws-sdk/client-s3');
      const client = await remote.s3();
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      return call(bucket, async (abortSignal) => {
        try {
          const { Body: body, ContentLength: length = 0 } = await client.send(command, { abortSignal });
          if (length <= mostBytes) return Buffer.from((await body?.transformToByteArray()) ?? []);
          abandon(body);
          return `it has ${length} bytes, and the largest message has ${mostBytes}`;
        } catch (error) {
          if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
          throw error;
        }
      });
    },
    delete: async (bucket, key) => {
      const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
      const client = await remote.s3();
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: key });
      await call(bucket, (abortSignal) => client.send(command, { abortSignal }));
    },
  };
}

/** What is not read keeps its connection busy. */
function abandon(body: unknown): void {
  if (isReadable(body)) body.destroy();
}

function isReadable(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'destroy' in body && typeof body.destroy === 'function';
}
