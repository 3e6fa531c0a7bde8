// Objects as who is in this engine has them: whole, in memory, without HTTP.

import { createHash } from 'node:crypto';
import { AwsError } from '../../errors.ts';
import { startChecksum, usualAlgorithm } from '../wire/checksums.ts';
import type { ObjectStorage } from './storage.ts';

const headers = { 'content-type': 'text/plain', 'x-amz-server-side-encryption': 'AES256' } as const;

/** @throws AwsError NoSuchBucket; BrokerError as Files and Store.write do. */
export async function putWhole(
  { buckets, objects, files, clock }: ObjectStorage,
  bucket: string,
  key: string,
  body: Buffer,
): Promise<void> {
  buckets.at(bucket);
  const draft = await files.create();
  try {
    await draft.write(body);
    await draft.finish();
    const checksum = startChecksum(usualAlgorithm);
    checksum.update(body);
    const record = {
      file: draft.file,
      size: body.length,
      etag: createHash('md5').update(body).digest('hex'),
      at: clock.now(),
      headers,
      checksums: { [usualAlgorithm]: checksum.digest().toString('base64') },
      checksumType: 'FULL_OBJECT',
    } as const;
    await objects.put(bucket, key, record, () => undefined);
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

/** Undefined: it is not there; a number: it has so many bytes, which are too many. @throws as `putWhole`. */
export async function getWhole(
  { objects }: ObjectStorage,
  bucket: string,
  key: string,
  mostBytes: number,
): Promise<Buffer | number | undefined> {
  try {
    const { record, reading } = await objects.read(bucket, key, () => undefined);
    await using _ = reading;
    if (record.size > mostBytes) return record.size;
    const chunks: Buffer[] = [];
    for await (const chunk of reading.bytes(0, record.size)) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof AwsError && error.kind.code === 'NoSuchKey') return undefined;
    throw error;
  }
}
