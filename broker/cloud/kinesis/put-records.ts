// PutRecords: up to 500 records, stored together.

import type { KeyedRecord } from '../../core/stream.ts';
import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, list, required, string, structure } from '../shape.ts';
import type { Value } from '../shape.ts';
import { dryRunSucceeded, invalidArgument } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import type { KinesisStream } from './model/kinesis-stream.ts';
import { limits } from './model/limits.ts';
import { markOf } from './model/marks.ts';
import { outgoing, requireSize, shapesBySize, sizeOf } from './model/outgoing.ts';
import type { GivenRecord } from './model/outgoing.ts';
import { sequenceOf } from './model/sequence-number.ts';
import { dryRun, encryptionType, streamMembers } from './model/shapes.ts';
import { shardIdOf } from './model/shard-id.ts';
import { rateExceeded } from './model/throughput.ts';
import type { Throughput } from './model/throughput.ts';

/** As AWS shows an entry: the name of a class and a hash. */
const shownAs = 'com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310';

const { shape: input, shapeFor } = shapesBySize((members) =>
  structure({
    Records: required(list(structure(members), { min: 1, max: limits.putRecords, shownAs })),
    ...streamMembers,
    DryRun: dryRun,
  }),
);
const entry = structure({ SequenceNumber: string(), ShardId: string(), ErrorCode: string(), ErrorMessage: string() });
const output = structure({
  FailedRecordCount: integer(),
  Records: required(list(entry)),
  EncryptionType: encryptionType,
});

export function putRecords({ streams, throughput }: Kinesis): Operation {
  const made = operation('PutRecords', input, output, async (given, call) => {
    const { Records: records, DryRun: isDry = false, StreamName, StreamARN, StreamId } = given;
    const stream = streams.writable({ StreamName, StreamARN, StreamId }, call);
    const { maxRecordKiB } = stream.settings;
    for (const [index, record] of records.entries()) {
      requireSize(record, maxRecordKiB, `records.${index + 1}.member.data`);
    }
    checkSize(records);
    const all = records.map(outgoing);
    if (isDry) throw dryRunSucceeded();
    const { encryptionType: encrypted } = stream;
    const failed = throughput.isOff ? none : throttled(throughput, stream, all);
    const taken = failed.size === 0 ? all : all.filter((_, index) => !failed.has(index));
    const appended = await stream.core.append(taken, markOf(encrypted));
    stream.notePut(appended.length, sizesOf(taken));
    stream.metrics['PutRecords.ThrottledRecords'] += failed.size;
    call.client.messagesIn += appended.length;
    const results: Value<typeof entry>[] = appended.map(({ shard, position, at }) => ({
      SequenceNumber: sequenceOf(shard, position, at),
      ShardId: shardIdOf(shard.number),
    }));
    // In order, so that each finds its place.
    for (const [index, message] of failed) {
      results.splice(index, 0, { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: message });
    }
    return { FailedRecordCount: failed.size, Records: results, EncryptionType: encrypted };
  });
  return { ...made, shapeFor: (given, call) => shapeFor(streams, given, call) };
}

const none: ReadonlyMap<number, string> = new Map();

/** Places of records whose shards take no more, and what is said of each. */
function throttled(
  throughput: Throughput,
  stream: KinesisStream,
  records: readonly KeyedRecord[],
): ReadonlyMap<number, string> {
  const failed = new Map<number, string>();
  for (const [index, record] of records.entries()) {
    const shard = stream.core.shardFor(record);
    if (!throughput.takesRecord(stream, shard, sizeOf(record))) failed.set(index, rateExceeded(stream, shard));
  }
  return failed;
}

function sizesOf(records: readonly KeyedRecord[]): number {
  let bytes = 0;
  for (const record of records) bytes += sizeOf(record);
  return bytes;
}

function checkSize(records: readonly GivenRecord[]): void {
  let bytes = 0;
  for (const { Data: data, PartitionKey: key = '' } of records) bytes += data.length + Buffer.byteLength(key);
  if (bytes > limits.putBytes) {
    throw invalidArgument(`Records size exceeds ${limits.putBytes / limits.mebibyte} MB limit`);
  }
}
