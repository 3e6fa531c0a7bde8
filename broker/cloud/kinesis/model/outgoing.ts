// Records on their way in: what PutRecord and PutRecords take, which depends on the stream.

import { randomBytes } from 'node:crypto';
import type { KeyedRecord } from '../../../core/stream.ts';
import { lastHash } from '../../../core/hash-keys.ts';
import type { Call } from '../../service.ts';
import { blob, required } from '../../shape.ts';
import type { StructureShape } from '../../shape.ts';
import { invalidArgument, validationFailed } from './errors.ts';
import { limits } from './limits.ts';
import { hashKey, partitionKey } from './shapes.ts';
import type { StreamDirectory, StreamNames } from './stream-directory.ts';

/** What a record is made of, as a request has it. */
export interface GivenRecord {
  readonly Data: Uint8Array;
  readonly PartitionKey?: string | undefined;
  readonly ExplicitHashKey?: string | undefined;
}

/**
 * A record's size is that of its data and its key; AWS words it as if it were the data's alone.
 * @throws AwsError ValidationException. `path`: of the data in the request.
 */
export function requireSize({ Data: data, PartitionKey: key = '' }: GivenRecord, maxKiB: number, path: string): void {
  const most = maxKiB * 1024;
  if (data.length + Buffer.byteLength(key) <= most) return;
  const rule = `Member must have length less than or equal to ${most}`;
  throw validationFailed(`1 validation error detected: Value at '${path}' failed to satisfy constraint: ${rule}`);
}

/** @throws AwsError InvalidArgumentException for a hash key beyond 128 bits. */
export function outgoing({ Data: data, PartitionKey: key, ExplicitHashKey: explicit }: GivenRecord): KeyedRecord {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (explicit === undefined) {
    // Where the service distributes records, any shard is as good.
    return { data: bytes, partitionKey: key ?? randomBytes(8).toString('hex') };
  }
  const hash = BigInt(explicit);
  if (hash > lastHash) {
    throw invalidArgument(
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicit}`,
    );
  }
  return { data: bytes, partitionKey: key ?? '', hashKey: hash };
}

/** As throughput is counted. */
export function sizeOf({ data, partitionKey: key }: KeyedRecord): number {
  return data.length + Buffer.byteLength(key);
}

function members(maxBytes: number, isKeyOptional: boolean) {
  return {
    PartitionKey: isKeyOptional ? partitionKey : required(partitionKey),
    ExplicitHashKey: hashKey,
    Data: required(blob({ max: maxBytes })),
  };
}

/** Shapes of a request, by the size that the stream takes and whether it needs a key. The first is that of most streams. */
export function shapesBySize<S extends StructureShape>(make: (of: ReturnType<typeof members>) => S) {
  const made = new Map<string, S>();
  const shapeOf = (kibibytes: number, isKeyOptional: boolean): S => {
    const name = `${kibibytes} ${isKeyOptional}`;
    let shape = made.get(name);
    if (shape === undefined) made.set(name, (shape = make(members(kibibytes * 1024, isKeyOptional))));
    return shape;
  };
  return {
    shape: shapeOf(limits.defaultRecordKiB, false),
    shapeFor: (streams: StreamDirectory, names: StreamNames, call: Call): S => {
      const { maxRecordKiB = limits.defaultRecordKiB, distribution } = settingsOf(streams, names, call) ?? {};
      return shapeOf(maxRecordKiB, distribution === 'AUTO');
    },
  };
}

function settingsOf(streams: StreamDirectory, { StreamName, StreamARN, StreamId }: StreamNames, call: Call) {
  return StreamName === undefined && StreamARN === undefined && StreamId === undefined
    ? undefined
    : streams.lookUp({ StreamName, StreamARN, StreamId }, call)?.settings;
}
